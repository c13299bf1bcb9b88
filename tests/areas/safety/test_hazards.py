"""Hazards: anybody reports, with a name or without; one fixes, another confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from people_of_the_plant import SYSTEM
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.safety.questions import hazard_counts, open_hazards, shows_days_since
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.areas.safety.records.safety_setting import SafetySetting
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R133", "R134")]

DAY_US = 86_400_000_000


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_four_taps_report_a_hazard(plant):
    act(Line, "create", SYSTEM, {"site": plant.north, "code": "L1", "name": "Line 1"})
    user = plant.user(Role.operator)
    answer = signed_in(user).post(
        "/hazards/report/",
        {"common": "Tripping hazard", "line": "L1", "potential": "serious", "kind": "condition"},
    )
    made = Hazard.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/r/safety/hazards/{made.pk}/")
    assert (made.what, made.line.code, made.potential, made.state) == (
        "Tripping hazard", "L1", "serious", "reported",
    )  # fmt: skip
    assert made.reported_by == user.pseudonym


def test_an_anonymous_report_leaves_no_trace_of_who_made_it(plant):
    user = plant.user(Role.operator)
    signed_in(user).post("/hazards/report/", {"what": "Brakes of the truck fail", "anonymous": "1"})
    made = Hazard.objects.get()
    assert made.reported_by == ""
    change = Change.objects.get(type_code="safety.Hazard", record_id=made.pk)
    assert user.pseudonym not in str(vars(change))
    assert change.request_id == ""


def test_without_words_nothing_is_reported(plant):
    answer = signed_in(plant.user(Role.operator)).post("/hazards/report/", {"potential": "low"})
    assert answer.status_code == 422
    assert b"say what is unsafe" in answer.content
    assert not Hazard.objects.exists()


def test_an_analyst_reads_and_reports_nothing(plant):
    answer = signed_in(plant.user(Role.analyst)).post("/hazards/report/", {"what": "x", "anonymous": "1"})
    assert answer.status_code == 403
    assert not Hazard.objects.exists()


def test_who_fixed_it_does_not_confirm_it(plant):
    fixer, other = plant.actor(Role.maintenance), plant.actor(Role.supervisor)
    hazard = act(Hazard, "create", SYSTEM, {"site": plant.north, "what": "Guard open"})
    with pytest.raises(Refused, match="what was done"):
        act(hazard, "fix", fixer, {})
    hazard = act(hazard, "fix", fixer, {"measure": "Closed and locked"})
    with pytest.raises(Refused, match="somebody else"):
        act(hazard, "confirm", fixer)
    assert act(hazard, "confirm", other).state == "confirmed"


def test_not_a_hazard_needs_a_reason(plant):
    hazard = act(Hazard, "create", SYSTEM, {"site": plant.north, "what": "It smells"})
    with pytest.raises(Refused, match="reason"):
        act(hazard, "dismiss", plant.actor(Role.ehs))
    assert act(hazard, "dismiss", plant.actor(Role.ehs), reason="cleaning agent").state == "not_a_hazard"


def test_reported_fixed_and_open_are_counted_and_the_worst_comes_first(plant):
    now_us = clock.now_us()
    for what, potential in (("low", "low"), ("fatal", "fatal"), ("serious", "serious")):
        act(Hazard, "create", SYSTEM, {"site": plant.north, "what": what, "potential": potential})
    act(Hazard.objects.get(what="low"), "fix", SYSTEM, {"measure": "done"})
    counts = hazard_counts(plant.north, now_us - DAY_US, clock.now_us() + 1, SYSTEM)
    assert (counts.reported, counts.fixed, counts.open, counts.open_serious) == (3, 1, 2, 2)
    assert [one.what for one in open_hazards(plant.north, SYSTEM)] == ["fatal", "serious"]


def test_an_action_is_drafted_from_a_hazard(plant):
    hazard = act(Hazard, "create", SYSTEM, {"site": plant.north, "what": "Guard open"})
    client = signed_in(plant.user(Role.supervisor))
    page = client.get(f"/r/safety/hazards/{hazard.pk}/").content.decode()
    assert f"source=safety.Hazard%3A{hazard.number}" in page
    owner = act(Person, "create", SYSTEM, {"site": plant.north, "number": "1", "name": "Ann"})
    says = {"title": "Fit a lock", "owner": owner.number, "due": "2030-01-01"}
    client.post(
        "/r/improvement/improvement-actions/new/", {**says, "source": f"safety.Hazard:{hazard.number}"}
    )
    assert ImprovementAction.objects.get().source == f"safety.Hazard:{hazard.pk}"
    assert "Fit a lock" in client.get(f"/r/safety/hazards/{hazard.pk}/").content.decode()


def test_days_since_can_be_switched_off(plant):
    assert shows_days_since(plant.north, SYSTEM)
    act(SafetySetting, "create", SYSTEM, {"site": plant.north, "show_days_since": False})
    assert not shows_days_since(plant.north, SYSTEM)


def test_hazards_fixed_within_seven_days_are_a_measure_that_opens_to_them(plant):
    line = act(Line, "create", SYSTEM, {"site": plant.north, "code": "L1", "name": "Line 1"})
    # Noon: the same day at both sites, whatever the hour of the test.
    began_us, fixer = clock.now_us() // DAY_US * DAY_US + DAY_US // 2, Actor.system("fixer")

    def reported(day, fixed_after=None, **more):
        at_us = began_us + day * DAY_US
        row = {"site": plant.north, "what": "Wet floor", "reported_us": at_us, **more}
        made = act(Hazard, "create", SYSTEM, row)
        if fixed_after is not None:
            with clock.at(at_us + fixed_after * DAY_US):
                act(made, "fix", fixer, {"measure": "dried"})
        return made

    in_time, late = reported(0, 3, line=line), reported(1, 9)
    still_open = reported(2)
    reported(4)
    act(reported(0), "dismiss", SYSTEM, reason="painted floor")
    act(Hazard, "create", SYSTEM, {"site": plant.south, "what": "Hose", "reported_us": began_us})
    with clock.at(began_us + 12 * DAY_US):
        first = clock.from_us(began_us + 7 * DAY_US).date()
        days = Period.of_days(first, first + timedelta(days=2))
        (value,) = values("hazards_fixed_in_time", Scope.site(plant.north.pk), days, SYSTEM)
        assert (round(value.value or 0, 1), value.figure.n) == (33.3, 3)
        assert value.figure.remarks == ("2 not fixed in time",)
        (none,) = values("hazards_fixed_in_time", Scope.site(plant.south.pk), Period.of_day(first), SYSTEM)
        assert none.figure.n == 1
        opened = drill("hazards_fixed_in_time", Scope.site(plant.north.pk), days, SYSTEM).records
    assert set(opened) == {f"safety.Hazard:{one.pk}" for one in (in_time, late, still_open)}
