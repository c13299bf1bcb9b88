"""The start-up: what was, what limits the shift, ranked, attendance, and one decision."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from people_of_the_plant import PASSWORD
from plantbeat.areas.daily.questions import priority_now, priority_of
from plantbeat.areas.daily.records.priority import ConstraintKind, Priority
from plantbeat.areas.daily.start_up.actions import decide
from plantbeat.areas.daily.start_up.cells import crews_of
from plantbeat.areas.daily.start_up.constraints import constraints_of
from plantbeat.areas.execution.review.outlooks import plan_outlooks
from plantbeat.areas.execution.review.questions import shift_review
from plantbeat.areas.execution.review.site_shifts import shifts_around
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.facts.models import FactShift
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R016", "R143")]

DAY = "2026-03-10"


class Morning(LineOfMachines):
    """L1 at 06:30: it stands since 06:10; in the early shifts of twelve days before it made 400 pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.crew = self.make(Crew, code="C", pattern=self.pattern, letter=self.shift("early").crew)
        self.people = [
            self.make(Person, number=str(n), name=f"Worker {n}", crew=self.crew, home_line=self.line)
            for n in range(4)
        ]
        self.user = act(
            User, "create", SYSTEM,
            {"username": "boss", "name": "Boss", "grants": [{"role": Role.manager, "site": self.site}]},
        )  # fmt: skip
        self.user = act(self.user, "set_password", SYSTEM, {"password": PASSWORD})

    def shift(self, name: str, day: str = DAY) -> FactShift:
        return FactShift.objects.get(site=self.site, shift=name, owner_day=date.fromisoformat(day))

    def past(self, made: list[int]) -> None:
        """Early shifts of the days before, each with a frozen plan of 400 and so many pieces by its end."""
        from plantbeat.facts.views import shifts

        shifts.ensure(self.site.pk, date(2026, 2, 20), date(2026, 3, 12))
        told = [self.fact("state", at("2026-02-20", "06:00"), state="running")]
        for number, pieces in enumerate(made, 1):
            day = date(2026, 3, 10 - number).isoformat() if number < 10 else f"2026-02-{38 - number:02d}"
            shift = self.shift("early", day)
            freeze_plan(self.asset("L1"), shift, [PlannedRun("W1", "P", 400, shift.end_us)], "S-0", SYSTEM)
            told.append(self.fact("count", shift.end_us - HOUR, "M2", good=pieces, item="P"))
        self.say(*told)
        freeze_plan(
            self.asset("L1"), self.shift("early"),
            [PlannedRun("W2", "P", 400, self.shift("early").end_us)], "S-1", SYSTEM,
        )  # fmt: skip

    def around(self):
        return shifts_around(self.site, clock.now_us(), SYSTEM)

    def constraints(self):
        shift = self.around().at_hand
        return constraints_of(self.site, shift, crews_of(self.site, shift, SYSTEM), SYSTEM)

    def client(self) -> Client:
        client = Client()
        client.force_login(self.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client


@pytest.fixture
def morning(administered):
    with clock.at(at(DAY, "06:30")):
        yield Morning()


def test_the_shift_at_hand_is_the_one_going_on_and_the_last_the_one_before(morning):
    around = morning.around()
    assert (around.last.name, around.now.name, around.following.name) == ("night", "early", "late")
    assert around.at_hand.lines == ("L1",)


def test_the_chance_to_miss_is_the_share_of_like_shifts_that_would_have_missed(morning):
    morning.past([400] * 6 + [300] * 6)
    morning.drain()
    (one,) = plan_outlooks(morning.site, morning.around().now, SYSTEM)
    assert (one.plan, one.made) == (400, 0)
    assert (one.outlook.n, one.outlook.missed, one.percent) == (12, 6, 50.0)
    # half of the shifts fell short by 100 of 400 pieces: 50 on average, an eighth of eight hours
    assert one.outlook.short == 50.0
    assert one.minutes_at_risk == pytest.approx(60.0)


def test_with_too_few_like_shifts_there_is_no_estimate(morning):
    morning.past([400] * 9)
    morning.drain()
    (one,) = plan_outlooks(morning.site, morning.around().now, SYSTEM)
    assert (one.outlook.n, one.percent, one.minutes_at_risk) == (9, None, None)


def test_everything_that_limits_the_shift_is_on_one_list(morning):
    morning.say(
        morning.fact("state", at(DAY, "06:00"), state="running"),
        morning.fact("state", at(DAY, "06:10"), state="stopped"),
        morning.fact("order_start", at(DAY, "06:00"), "L1", order="W2", item="P"),
    )
    morning.drain()
    morning.make(StaffingNeed, line=morning.line, people=6)
    morning.make(Hazard, what="Guard open", potential="fatal", line=morning.line)
    found = {row.kind: row for row in morning.constraints().rows}
    assert set(found) == {ConstraintKind.machine_down, ConstraintKind.people, ConstraintKind.hazard}
    assert found[ConstraintKind.machine_down].what == "L1: Own stop, no reason given"
    assert found[ConstraintKind.machine_down].detail == "for 20 min"
    assert found[ConstraintKind.people].what == "L1: 2 people short"
    assert "attendance not taken" in found[ConstraintKind.people].detail
    assert all(row.status == "act" for row in found.values())


def test_a_decision_names_an_owner_and_can_be_changed(morning):
    morning.make(Hazard, what="Guard open", potential="fatal", line=morning.line)
    (row,) = morning.constraints().rows
    day = date.fromisoformat(DAY)
    with pytest.raises(Refused, match="who sees to it"):
        decide(morning.site, day, "early", row, None, "", SYSTEM)
    assert priority_now(morning.site, SYSTEM) is None
    made = decide(morning.site, day, "early", row, morning.people[0].pk, "first thing", SYSTEM)
    assert (made.what, made.owner.name, made.line.code) == (row.what, "Worker 0", "L1")
    assert priority_now(morning.site, SYSTEM) == made
    decide(morning.site, day, "early", None, None, "", SYSTEM)
    again = priority_of(morning.site, day, "early", SYSTEM)
    assert (again.kind, again.what, again.owner, Priority.objects.count()) == ("nothing", "", None, 1)


def test_without_a_name_the_lead_of_the_line_sees_to_it(morning):
    morning.make(Hazard, what="Guard open", potential="fatal", line=morning.line)
    (row,) = morning.constraints().rows
    client = morning.client()
    nobody = client.post("/start-up/decide/", {"constraint": row.key})
    assert nobody.status_code == 422
    assert "who sees to it" in nobody.content.decode()
    act(morning.people[1], "edit", SYSTEM, {"duty": str(Role.line_lead)})
    assert client.post("/start-up/decide/", {"constraint": row.key}).status_code == 302
    assert priority_now(morning.site, SYSTEM).owner == morning.people[1]


def test_who_does_not_lead_does_not_decide(morning):
    operator = act(
        User, "create", SYSTEM,
        {"username": "op", "grants": [{"role": Role.operator, "site": morning.site}]},
    )  # fmt: skip
    client = Client()
    client.force_login(operator, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/start-up/").status_code == 200
    answer = client.post("/start-up/decide/", {"nothing": "1"})
    assert answer.status_code == 422
    assert not Priority.objects.exists()


@pytest.mark.requirement("R134")
def test_the_page_shows_five_cells_and_none_is_green_without_a_value(morning):
    answer = morning.client().get("/start-up/")
    assert answer.status_code == 200
    cells = {tile["name"][0]: tile for tile in answer.context["cells"]}
    assert list(cells) == ["S", "Q", "D", "C", "M"]
    assert cells["M"]["word"] == "Not taken"
    assert {cells[letter]["status"] for letter in "QDM"} == {"none"}
    assert "no rate is approved" in cells["C"]["reason"]
    assert b"Not taken" in answer.content


@pytest.mark.requirement("R134")
def test_incidents_of_the_last_shift_come_first_and_name_nobody(morning):
    morning.say(
        morning.fact("incident", at(DAY, "02:00"), "L1", case="NM-1", severity="near_miss"),
        morning.fact("incident", at(DAY, "03:00"), "L1", case="INC-1", severity="recordable"),
    )
    morning.drain()
    answer = morning.client().get("/start-up/")
    cell = answer.context["cells"][0]
    assert (cell["status"], cell["word"]) == ("act", "Somebody was hurt")
    assert cell["target"] == "last shift: Recordable injury (L1), Near miss (L1)"


@pytest.mark.requirement("R133")
def test_the_huddle_talks_about_the_gravest_event_and_is_ticked(morning):
    morning.say(morning.fact("incident", at(DAY, "03:00"), "L1", case="INC-1", severity="first_aid"))
    morning.drain()
    client = morning.client()
    topic = client.get("/start-up/").context["huddle"]["topic"]
    assert topic.text == "First aid at L1: what would have prevented it?"
    assert client.post("/start-up/huddle/", {"topic": topic.text, "attended": "4"}).status_code == 302
    held = client.get("/start-up/").context["huddle"]["held"]
    assert (held.topic, held.attended) == (topic.text, 4)


@pytest.mark.requirement("R026")
def test_a_green_start_up_takes_two_taps_beside_the_handoff(morning):
    client = morning.client()
    page = client.get("/start-up/")
    crews = [f"{crew.shift_id}:{crew.line}" for crew in page.context["untaken"]]
    client.post("/attendance/all-present/", {"crew": crews, "to_start_up": "1"})
    client.post("/start-up/decide/", {"nothing": "1"})
    page = client.get("/start-up/")
    assert (page.context["untaken"], page.context["nothing"], page.context["present"]) == ([], True, 4)
    assert page.context["cells"][4]["status"] == "good"


def test_the_review_of_a_shift_adds_up(morning):
    morning.say(
        morning.fact("state", at("2026-03-09", "22:00"), state="running"),
        morning.fact("order_start", at("2026-03-09", "22:00"), "L1", order="W1", item="P"),
        morning.fact("state", at(DAY, "01:00"), state="stopped"),
        morning.fact("state", at(DAY, "02:00"), state="running"),
        morning.fact("count", at(DAY, "05:00"), "M2", good=90),
        morning.fact("scrap", at(DAY, "05:00"), "M2", quantity=3, reason="DENT"),
    )
    morning.drain()
    review = shift_review(morning.site, morning.around().last, SYSTEM)
    losses = review.bridge.losses
    assert losses.pbt_us == 8 * 60 * MIN
    assert [(row.line, row.good, row.scrap) for row in review.lines] == [("L1", 90, 3)]
    assert [(one.defect, one.pieces) for one in review.scrap] == [("DENT", 3)]
    assert [(stop.line, stop.duration_us) for stop in review.stops] == [("L1", HOUR)]


def test_a_site_without_shifts_says_what_to_set_up(plant):
    client = Client()
    user = plant.user(Role.manager)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/start-up/")
    assert answer.status_code == 200
    assert b"No shift is planned" in answer.content
