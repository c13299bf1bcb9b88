"""A call for help from the button to its confirmation; each step is a fact."""

from __future__ import annotations

import msgspec
import pytest
from andon_floor import MINUTE_US, NOON, Floor

from people_of_the_plant import SYSTEM
from plantbeat.areas.execution.andon import actions, questions
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append
from plantbeat.facts.models import Fact, FactSource
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R145")]


@pytest.fixture
def floor(plant):
    with clock.at(NOON):
        yield Floor(plant)


def raised(floor, asset="F1", category="maintenance", **more) -> AndonCall:
    return actions.raise_call(floor.site, asset, category, floor.operator, **more)


def kinds() -> list[str]:
    return list(Fact.objects.filter(kind__startswith="andon").order_by("lsn").values_list("kind", flat=True))


def at(minutes: float):
    return clock.at(NOON + round(minutes * MINUTE_US))


def test_every_step_is_a_fact_and_the_record_says_what_the_facts_say(floor):
    call = raised(floor, note="belt slips")
    with at(2):
        call = actions.acknowledge(call, floor.fitter)
    with at(6):
        call = actions.arrive(call, floor.fitter)
    with at(10):
        call = actions.contain(call, floor.fitter, note="slowed down")
    with at(20):
        call = actions.resolve(call, floor.fitter, note="belt changed")
    assert (call.state, call.done) == ("resolved", "belt changed")
    with at(21):
        call = actions.confirm(call, floor.operator)
        (now,) = questions.calls_between(floor.site, NOON, NOON + 1, floor.lead)
    steps = ["raise", "ack", "arrive", "contain", "resolve", "confirm"]
    assert kinds() == [f"andon_{step}" for step in steps]
    assert [now.acknowledged_us, now.arrived_us, now.contained_us, now.resolved_us, now.confirmed_us] == [
        NOON + minutes * MINUTE_US for minutes in (2, 6, 10, 20, 21)
    ]
    assert (now.line, now.asset, now.category_name, now.note) == ("L1", "F1", "Maintenance", "belt slips")
    assert (now.state, now.due_us, now.overdue, now.unanswered) == ("confirmed", None, False, False)
    assert now.reference == f"execution.AndonCall:{call.pk}"
    assert now.owner


def test_raised_twice_on_one_stop_is_the_same_call(floor):
    first = raised(floor)
    with at(1):
        assert raised(floor).pk == first.pk
        assert actions.raise_call(floor.site, "L1", "maintenance", floor.lead).pk == first.pk
        assert raised(floor, category="quality").pk != first.pk
        assert raised(floor, asset="P1").pk != first.pk
    assert kinds().count("andon_raise") == 3


def test_raised_again_before_it_is_confirmed_it_is_opened_again(floor):
    call = raised(floor)
    with at(5):
        actions.resolve(call, floor.fitter)
    with at(6):
        again = raised(floor)
    assert (again.pk, again.state, again.reopened) == (call.pk, "raised", 1)
    assert again.resolved_us is None


def test_a_confirmed_call_is_the_same_while_its_stop_goes_on(floor):
    source = floor.make(FactSource, name="gw", kind="gateway")
    told = [("state", 60, {"state": "running"}), ("state", 10, {"state": "own_stop"}), ("heartbeat", 0, {})]
    facts = [
        NewFact(asset="F1", t_us=NOON - ago * MINUTE_US, kind=kind, body=body, seq=seq)
        for seq, (kind, ago, body) in enumerate(told, 1)
    ]
    append(facts, SYSTEM, source)
    recompute()
    call = raised(floor, at_us=NOON - 8 * MINUTE_US)
    actions.resolve(call, floor.fitter, at_us=NOON - 2 * MINUTE_US)
    actions.confirm(call, floor.operator, at_us=NOON - MINUTE_US)
    again = raised(floor, at_us=NOON - 1)
    assert (again.pk, again.state) == (call.pk, "raised")
    on_stop = questions.call_on_stop(floor.site, "L1", NOON - 10 * MINUTE_US, NOON, floor.lead)
    assert on_stop is not None
    assert on_stop.number == call.number


def test_the_helper_alone_does_not_close_a_call(floor):
    call = raised(floor)
    call = actions.resolve(call, floor.fitter)
    with pytest.raises(Refused) as refused:
        actions.confirm(call, floor.fitter)
    assert refused.value.kind == Kind.forbidden
    assert actions.confirm(call, floor.lead).state == "confirmed"


def test_a_line_lead_who_helped_does_not_confirm_it_themselves(floor):
    call = actions.resolve(raised(floor), floor.lead)
    with pytest.raises(Refused):
        actions.confirm(call, floor.lead)
    assert actions.confirm(call, floor.operator).state == "confirmed"


def test_the_person_now_at_the_station_confirms(floor):
    call = actions.resolve(raised(floor), floor.fitter)
    stranger = floor.plant.actor(Role.operator)
    with pytest.raises(Refused):
        actions.confirm(call, stranger)
    source = floor.make(FactSource, name="gw", kind="gateway")
    body = {"person": stranger.pseudonym}
    append([NewFact(asset="F1", t_us=NOON - 5, kind="operator_on", body=body, seq=1)], SYSTEM, source)
    assert actions.confirm(call, stranger).state == "confirmed"


def test_not_solved_opens_the_call_again_with_a_new_round(floor):
    call = actions.resolve(actions.acknowledge(raised(floor), floor.fitter), floor.fitter)
    with at(3):
        call = actions.reopen(call, floor.operator, note="still slips")
        (now,) = questions.open_calls(floor.site, floor.lead)
    assert (now.state, now.acknowledged_us, now.reopened) == ("raised", None, 1)
    assert now.due_us == NOON + 8 * MINUTE_US
    assert kinds()[-1] == "andon_reopen"


def test_taps_made_offline_arrive_in_their_own_time_and_once(floor):
    call = raised(floor, at_us=NOON - 30 * MINUTE_US, call="tablet-7")
    assert raised(floor, at_us=NOON - 30 * MINUTE_US, call="tablet-7").pk == call.pk
    actions.resolve(call, floor.fitter)
    late = actions.acknowledge(call, floor.fitter, at_us=NOON - 25 * MINUTE_US)
    assert (late.state, late.acknowledged_us) == ("resolved", NOON - 25 * MINUTE_US)
    twice = actions.acknowledge(call, floor.fitter, at_us=NOON - 25 * MINUTE_US)
    assert kinds() == ["andon_raise", "andon_resolve", "andon_ack"]
    assert twice.acknowledged_us == late.acknowledged_us


@pytest.mark.parametrize("at_us", [NOON + 5 * MINUTE_US, NOON - 4 * 86_400_000_000])
def test_a_time_that_cannot_be_believed_is_refused(floor, at_us):
    with pytest.raises(Refused, match="cannot be believed"):
        raised(floor, at_us=at_us)


def test_bad_input_changes_nothing_and_says_what_is_allowed(floor):
    with pytest.raises(Refused, match="no line or machine"):
        raised(floor, asset="X9")
    with pytest.raises(Refused, match="maintenance, quality"):
        raised(floor, category="pizza")
    with pytest.raises(Refused):
        actions.raise_call(floor.site, "F1", "quality", floor.plant.actor(Role.analyst))
    with pytest.raises(Refused):
        actions.raise_call(floor.site, "F1", "quality", floor.plant.actor(Role.operator, floor.plant.south))
    assert kinds() == []


def test_a_test_call_is_a_call_that_measures_leave_out(floor):
    raised(floor, is_test=True)
    (fact,) = Fact.objects.filter(kind="andon_raise")
    assert msgspec.json.decode(fact.body)["test"] is True
    assert raised(floor).number != questions.open_calls(floor.site, SYSTEM)[0].number


def test_unanswered_is_a_call_that_nobody_took_in_time(floor):
    call = raised(floor)
    with at(4):
        assert not questions.open_calls(floor.site, SYSTEM)[0].unanswered
    with at(6):
        (now,) = questions.open_calls(floor.site, SYSTEM)
        assert (now.unanswered, now.overdue) == (True, True)
    with at(7):
        act(call, "acknowledge", floor.fitter)
        (now,) = questions.open_calls(floor.site, SYSTEM)
        assert (now.unanswered, now.overdue) == (False, False)


def test_each_site_sees_its_own_calls(floor):
    raised(floor)
    assert questions.open_calls(floor.site, floor.plant.actor(Role.manager, floor.plant.south)) == []
