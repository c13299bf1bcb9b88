"""Calls that machines and gateways tell as facts: the records follow the log, once, across restarts."""

from __future__ import annotations

from contextlib import suppress

import pytest
from andon_floor import MINUTE_US, NOON, Floor
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from people_of_the_plant import SYSTEM
from plantbeat.areas.execution.andon import actions, folding, questions
from plantbeat.areas.execution.andon.folding import Told, folded
from plantbeat.areas.execution.andon.following import follow_from, noted
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, reverse
from plantbeat.facts.models import Fact, FactSource
from plantbeat.kernel import clock
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R145")]

RAISE = ("andon_raise", 0, {"category": "maintenance"})
ACK, ARRIVE = ("andon_ack", 2, {}), ("andon_arrive", 4, {})
RESOLVE, CONFIRM = ("andon_resolve", 9, {"note": "reset"}), ("andon_confirm", 10, {})


class Gateway:
    """A gateway that tells of one machine's calls."""

    def __init__(self, floor: Floor) -> None:
        self.source, self.seq = floor.make(FactSource, name="gw", kind="gateway"), 0

    def tell(self, *facts, call: str = "c1", asset: str = "F1") -> None:
        batch = []
        for kind, minutes, body in facts:
            self.seq += 1
            t_us = NOON + minutes * MINUTE_US
            batch.append(
                NewFact(asset=asset, t_us=t_us, kind=kind, body={"call": call, **body}, seq=self.seq)
            )
        append(batch, SYSTEM, self.source)


@pytest.fixture
def floor(plant):
    with clock.at(NOON + 11 * MINUTE_US):
        yield Floor(plant)


@pytest.fixture
def gateway(floor):
    return Gateway(floor)


def call() -> AndonCall:
    return AndonCall.objects.get()


def test_a_call_of_a_machine_is_a_record_with_its_rungs(gateway):
    gateway.tell(RAISE)
    assert follow_from(0) == Fact.objects.count()
    assert (call().state, call().raised_us, call().line.code) == ("raised", NOON, "L1")
    assert EscalationStep.objects.filter(state="waiting").count() == 5


def test_each_fact_steps_the_record_wherever_the_batch_was_cut(gateway):
    after, states = 0, []
    for fact in (RAISE, ACK, ARRIVE, RESOLVE, CONFIRM):
        gateway.tell(fact)
        after = follow_from(after)
        states.append(call().state)
    assert states == ["raised", "acknowledged", "on_site", "resolved", "confirmed"]
    assert (call().confirmed_us, call().done) == (NOON + 10 * MINUTE_US, "reset")
    assert not EscalationStep.objects.filter(state="waiting").exists()


def test_what_is_read_again_changes_nothing(gateway):
    gateway.tell(RAISE, ACK, RESOLVE)
    follow_from(0)
    written = Change.objects.count()
    assert noted() == Fact.objects.count()
    follow_from(0)
    assert (Change.objects.count(), AndonCall.objects.count()) == (written, 1)


def test_a_restart_goes_on_where_it_was(gateway):
    gateway.tell(RAISE)
    follow_from(noted())
    gateway.tell(ACK)
    follow_from(noted())
    assert call().state == "acknowledged"


def test_facts_in_the_wrong_order_end_in_the_same_record(gateway):
    for fact in (RESOLVE, ACK):
        gateway.tell(fact)
        follow_from(noted())
    assert not AndonCall.objects.exists()
    gateway.tell(RAISE)
    follow_from(noted())
    assert (call().state, call().acknowledged_us) == ("resolved", NOON + 2 * MINUTE_US)


def test_taps_here_and_facts_from_there_are_one_call(floor, gateway):
    made = actions.raise_call(floor.site, "F1", "maintenance", floor.operator, at_us=NOON, call="c1")
    gateway.tell(ACK)
    follow_from(0)
    actions.resolve(made, floor.fitter)
    follow_from(0)
    assert (call().state, call().acknowledged_us) == ("resolved", NOON + 2 * MINUTE_US)


def test_a_fact_that_is_taken_back_is_taken_back_from_the_record(gateway):
    gateway.tell(RAISE, ACK, RESOLVE)
    follow_from(0)
    reverse(Fact.objects.get(kind="andon_resolve"), SYSTEM, "wrong button")
    follow_from(noted())
    assert (call().state, call().resolved_us) == ("acknowledged", None)


def test_a_call_of_long_ago_wakes_nobody(gateway):
    gateway.tell(("andon_raise", -3 * 24 * 60, {"category": "quality"}))
    follow_from(0)
    assert (call().state, EscalationStep.objects.count()) == ("raised", 0)


def test_a_kind_of_call_that_nobody_set_up_has_the_usual_limits(floor, gateway):
    gateway.tell(("andon_raise", 0, {"category": "forklift"}))
    follow_from(0)
    (now,) = questions.open_calls(floor.site, floor.lead)
    assert (now.category_name, now.due_us) == ("forklift", NOON + 5 * MINUTE_US)


# --- properties ---

told = st.lists(st.tuples(st.integers(1, 40), st.sampled_from(folding.KINDS[1:])), max_size=12).map(
    lambda pairs: [Told(t, lsn, kind, f"p{lsn % 3}") for lsn, (t, kind) in enumerate(pairs, 2)]
)

ORDER = ("raised_us", "acknowledged_us", "arrived_us", "contained_us", "resolved_us", "confirmed_us")


@given(told, st.randoms())
def test_no_facts_in_any_order_lead_to_a_call_that_cannot_be(facts, chance):
    first = Told(0, 1, "andon_raise", "p0", "quality")
    shuffled = [first, *facts]
    chance.shuffle(shuffled)
    found = folded(shuffled)
    assert found == folded([first, *facts])
    assert found == folded([first, *facts, *facts])
    known = [getattr(found, name) for name in ORDER]
    times = [t_us for t_us in known if t_us is not None]
    assert times == sorted(times)
    expected = {
        "raised": (False, False), "acknowledged": (False, False), "on_site": (False, False),
        "contained": (False, False), "resolved": (True, False), "confirmed": (True, True),
    }  # fmt: skip
    assert (found.resolved_us is not None, found.confirmed_us is not None) == expected[found.state]
    assert (found.state in folding.HELPED) <= (found.acknowledged_us is not None)
    assert (found.state == "raised") <= (found.acknowledged_us is None)


VERBS = ("acknowledge", "arrive", "contain", "resolve", "confirm", "reopen", "raise")


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    walk=st.lists(
        st.tuples(st.sampled_from(VERBS), st.sampled_from(["operator", "fitter", "lead"])), max_size=8
    )
)
def test_a_walk_through_the_steps_stays_what_the_facts_say(floor, walk):
    """Whatever is tapped: the record is the fold of its facts, and its rows fit its state."""
    now_us = NOON + 12 * MINUTE_US + AndonCall.objects.count() * 86_400_000
    with clock.at(now_us):
        made = actions.raise_call(floor.site, "P1", "quality", floor.operator)
    for minute, (verb, who) in enumerate(walk, 1):
        by = getattr(floor, who)
        with clock.at(now_us + minute * 1000), suppress(Refused):
            if verb == "raise":
                actions.raise_call(floor.site, "P1", "quality", by)
            else:
                getattr(actions, verb)(made, by)
    made = AndonCall.objects.get(pk=made.pk)
    before = {name: getattr(made, name) for name in ORDER}
    follow_from(noted())
    made.refresh_from_db()
    assert {name: getattr(made, name) for name in ORDER} == before
    waiting = set(EscalationStep.objects.filter(call=made, state="waiting").values_list("limit", flat=True))
    wanted = {"raised": {"respond"}, "resolved": set(), "confirmed": set()}
    assert waiting == wanted.get(made.state, {"resolve"})
