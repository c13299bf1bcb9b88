"""The one list of actions: owner, date, evidence, and the share of open ones that is on time."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from line_of_machines import SYSTEM, LineOfMachines, at

from people_of_the_plant import Plant
from plantbeat.areas.improvement.questions import overdue_actions
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.schema import fields_of, parsed
from plantbeat.surfaces.addresses import address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R154")]

TODAY = at("2026-03-20", "12:00")


@pytest.fixture
def line():
    with clock.at(TODAY):
        yield LineOfMachines()


@pytest.fixture
def owner(line):
    return line.make(Person, number="7", name="Ida")


def raised(of, owner, due, **data):
    return of.make(ImprovementAction, title="Guard the sensor", owner=owner, due=due, **data)


def march(day):
    return date(2026, 3, day)


def test_an_action_has_an_owner_and_a_date_and_is_closed_with_evidence_by_its_owner_or_a_leader(line, owner):
    with pytest.raises(Refused, match="owner"):
        line.make(ImprovementAction, title="Somebody should", due=march(25))
    with pytest.raises(Refused, match="due"):
        line.make(ImprovementAction, title="Some time", owner=owner)
    action = raised(line, owner, march(25))
    colleague = Actor("p-1", ((Role.operator, line.site.pk),), user_id=41)
    with pytest.raises(Refused, match="your role does not allow"):
        act(action, "close", colleague, {"evidence": "photo"})
    lead = Actor("p-2", ((Role.supervisor, line.site.pk),), user_id=42)
    with pytest.raises(Refused, match="say what shows that it was done"):
        act(action, "close", lead)
    closed = act(action, "close", lead, {"evidence": "no stop in two weeks"})
    assert (closed.state, closed.settled_us) == ("closed", TODAY)
    with pytest.raises(Refused, match="reason"):
        act(action, "reopen", lead)
    assert act(action, "reopen", lead, reason="it came back").settled_us is None
    verbs = Change.objects.filter(type_code="improvement.ImprovementAction").order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["create", "close", "reopen"]


def test_the_owner_closes_whatever_their_role(plant: Plant):
    user = plant.user(Role.operator)
    owner = act(Person, "create", SYSTEM, {"site": plant.north, "number": "7", "name": "Ida", "user": user})
    data = {"site": plant.north, "title": "Guard", "owner": owner, "due": march(25)}
    action = act(ImprovementAction, "create", Actor.of(user), data)
    assert act(action, "close", Actor.of(user), {"evidence": "done"}).state == "closed"


def test_what_an_action_came_from_is_a_record_of_the_same_site(line, owner):
    action = raised(line, owner, march(25), source=f"plant.Machine:{line.m1.pk}")
    spec = fields_of(ImprovementAction)["source"]
    assert (spec.plain(action), spec.shown(action)) == ("plant.Machine:M1", "machine M1")
    for given, said in (
        ("plant.Machine:M7", "there is no “plant.Machine:M7”"),
        ("plant.Item:P", "must point to one of: plant.Target"),
        ("M1", "must point to one of"),
    ):
        with pytest.raises(Refused, match=said):
            parsed(ImprovementAction, {"source": given}, line.site.pk)
    assert parsed(ImprovementAction, {"source": "plant.Machine:M1"}, line.site.pk) == {
        "source": f"plant.Machine:{line.m1.pk}"
    }
    elsewhere = act(Site, "create", SYSTEM, {"code": "E", "name": "Elsewhere"})
    person = act(Person, "create", SYSTEM, {"site": elsewhere, "number": "1", "name": "Eve"})
    foreign = {"site": elsewhere, "title": "x", "owner": person, "due": march(25), "source": action.source}
    with pytest.raises(Refused, match="there is no"):
        act(ImprovementAction, "create", SYSTEM, foreign)


@pytest.mark.requirement("R149", "X2")
def test_the_share_of_open_actions_on_time_opens_to_the_actions(line, owner):
    with clock.at(at("2026-03-02", "12:00")):
        late, punctual, closed, dropped = (raised(line, owner, march(d)) for d in (10, 25, 8, 9))
        of_line = raised(line, owner, march(12), line=line.line)
    with clock.at(at("2026-03-09", "12:00")):
        act(closed, "close", SYSTEM, {"evidence": "done"})
        act(dropped, "drop", SYSTEM, reason="no use")
    site, days = Scope.site(line.site.pk), Period.of_days(march(1), march(31))

    def figure(scope=site, period=days, **more):
        return values("open_actions_on_time", scope, period, SYSTEM, **more)[0].figure

    now = figure()
    assert (now.numerator, now.denominator, now.value, now.n) == (1, 3, pytest.approx(100 / 3), 3)
    assert now.remarks == ("2 overdue",)
    # As it stood at the end of the 8th: five open, none past its day but none closed either.
    assert (figure(period=Period.of_day(march(8))).numerator, figure(period=Period.of_day(march(8))).n) == (
        5,
        5,
    )
    assert figure(period=Period.of_day(march(1))).missing == "no action is open"
    assert figure(Scope.line(line.site.pk, "L1")).n == 1
    by_line = values("open_actions_on_time", site, days, SYSTEM, Cut.line)
    assert {one.label: one.figure.n for one in by_line} == {"Line 1": 1, "none": 2}
    opened = drill("open_actions_on_time", site, days, SYSTEM).records
    assert opened == [f"improvement.ImprovementAction:{one.pk}" for one in (late, of_line, punctual)]
    assert [one.pk for one in overdue_actions(line.site, march(20), SYSTEM)] == [late.pk, of_line.pk]


def test_the_page_of_an_action_leads_to_what_it_came_from(plant: Plant, client: Client):
    client.force_login(plant.user(Role.supervisor))
    lead = act(Person, "create", SYSTEM, {"site": plant.north, "number": "7", "name": "Ida"})
    data = {"site": plant.north, "title": "Guard", "owner": lead, "due": march(25)}
    order = act(WorkOrder, "create", SYSTEM, plant.order_data())
    source = f"planning.WorkOrder:{order.pk}"
    action = act(ImprovementAction, "create", SYSTEM, {**data, "source": source})
    page = client.get(address_of(action)).content.decode()
    assert f'<a href="{address_of(order)}">work order WO-000001</a>' in page
    assert 'name="evidence"' in page
