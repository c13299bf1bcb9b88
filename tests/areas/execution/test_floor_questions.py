"""What pages and boards ask about the floor."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from half_shift import DAY, NOW, early, half_a_shift
from line_of_machines import HOUR, MIN, SYSTEM, at

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.live import line_frame, site_frame
from plantbeat.areas.execution.targets import Status, Targets, status_of
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.target import Target
from plantbeat.engine.oee import State
from plantbeat.facts.live.topics import Message, topic_named
from plantbeat.facts.models import Fact
from plantbeat.facts.views.catalogue import Direction
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def line(db):
    yield from half_a_shift()


@pytest.mark.requirement("R158", "R040", "R161")
def test_a_line_says_what_it_does_since_when_and_how_its_shift_goes(line):
    (now,) = questions.lines_now(line.site, SYSTEM)
    assert (now.state, now.counts_as, now.since_us) == (State.own_stop, State.own_stop, at(DAY, "12:00"))
    assert (now.reason, now.order, now.item, now.next_order) == (None, "W1", "P", None)
    assert (now.shift.name, now.good, now.scrap) == ("early", 200, 3)
    assert now.oee.oee.fraction == Fraction(200, 390)
    assert now.oee.coverage.value == 100.0
    assert (now.as_of_us, now.heard_us) == (NOW, at(DAY, "12:00"))
    assert Fact.objects.get(lsn=now.lsn).t_us == at(DAY, "12:00")
    line.say(line.fact("reason", at(DAY, "12:10"), reason="EMPTY", from_us=at(DAY, "12:00")))
    line.drain()
    later = questions.line_now(line.site, "L1", SYSTEM)
    assert (later.state, later.reason.code, later.reason.name) == (State.starved, "EMPTY", "No material")
    assert Fact.objects.get(lsn=later.reason_lsn).kind == "reason"


def test_the_next_order_is_the_first_of_the_frozen_plan_that_was_not_started(line):
    runs = [PlannedRun(order, "P", 100, at(DAY, "14:00")) for order in ("W1", "W2", "W3")]
    freeze_plan(line.asset("L1"), early(), runs, "S-1", SYSTEM)
    assert questions.line_now(line.site, "L1", SYSTEM).next_order == "W2"
    line.say(line.fact("order_start", at(DAY, "12:20"), "M1", order="W2", item="P"))
    line.drain()
    assert questions.line_now(line.site, "L1", SYSTEM).next_order == "W3"


def test_a_line_without_a_fact_or_a_shift_shows_that_it_knows_nothing(line):
    line.make(Line, code="L2", name="Line 2")
    second = questions.lines_now(line.site, SYSTEM)[1]
    assert (second.code, second.state, second.as_of_us, second.good) == ("L2", State.no_data, None, 0)
    assert second.oee.oee.value is None


def test_what_is_asked_costs_the_same_for_many_lines_as_for_few(line):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            questions.lines_now(line.site, SYSTEM)
        return len(queries)

    few = cost()
    for number in range(2, 7):
        line.make(Line, code=f"L{number}", name=f"Line {number}")
    assert cost() == few <= 12


@pytest.mark.requirement("R082", "R092", "X2")
def test_the_strip_is_made_of_spans_that_touch_and_open_to_their_facts(line):
    strip = questions.machine_timeline(line.site, "M1", at(DAY, "07:00"), at(DAY, "13:00"), SYSTEM)
    spans = [
        (span.state, (span.start_us - at(DAY)) // MIN, (span.end_us - at(DAY)) // MIN) for span in strip.spans
    ]
    assert spans == [
        (State.running, 360, 480),
        (State.own_stop, 480, 525),
        (State.running, 525, 720),
        (State.own_stop, 720, 750),
    ]
    assert [span.open for span in strip.spans] == [False, False, False, True]
    assert strip.spans[1].reason.name == "Jam"
    assert strip.as_of_us == NOW
    assert [shift.name for shift in strip.shifts] == ["early"]
    for span in strip.spans:
        assert Fact.objects.get(lsn=span.lsn).t_us == span.start_us


def test_a_stop_is_one_whatever_cuts_it_and_carries_its_facts(line):
    line.say(line.fact("order_end", at(DAY, "08:20"), "L1", order="W1"))
    line.say(line.fact("order_start", at(DAY, "08:30"), "L1", order="W2", item="P"))
    line.drain()
    found = questions.stops(line.site, "L1", Period.of_shift(early()), SYSTEM)
    assert [(stop.state, stop.duration_us // MIN, stop.open) for stop in found] == [
        (State.own_stop, 35, False), (State.own_stop, 30, True),
    ]  # fmt: skip
    assert found[0].end_us - found[0].start_us == 45 * MIN
    assert found[0].reason.code == "JAM"
    kinds = [Fact.objects.get(lsn=lsn).kind for lsn in found[0].facts]
    assert kinds == ["state", "reason"]
    assert found[1].reason is None


def test_pieces_come_by_order_and_the_hours_with_what_they_were_worth(line):
    shift = early()
    (order,) = questions.counts(line.site, "L1", Period.of_shift(shift), SYSTEM)
    assert (order.order, order.item, order.good, order.scrap) == ("W1", "P", 200, 3)
    hours = questions.hourly(line.site, "L1", shift.pk, SYSTEM)
    assert [(row.start_us - at(DAY)) // HOUR for row in hours] == list(range(6, 14))
    assert [row.good for row in hours] == [0, 0, 0, 90, 0, 110, 0, 0]
    assert [row.ideal for row in hours] == [60, 60, 60, 60, 60, 60, 30, None]
    assert [row.passed for row in hours] == [True] * 6 + [False] * 2
    assert questions.hourly(line.site, "L1", 10**9, SYSTEM) == []


def test_the_loss_bridge_names_the_reasons_and_adds_up(line):
    bridge = questions.loss_bridge(line.site, "L1", Period.of_shift(early()), SYSTEM)
    assert bridge.losses.pbt_us == bridge.elements.pbt_us == 390 * MIN
    assert bridge.losses.breakdowns_us == 75 * MIN
    named = [(one.reason and one.reason.code, one.us // MIN, one.stops) for one in bridge.reasons]
    assert named == [("JAM", 45, 1), (None, 30, 1)]
    assert bridge.reasons[0].reason.loss == "breakdowns"


@pytest.mark.requirement("X6")
def test_every_question_refuses_who_has_no_role_at_the_site_and_unknown_codes(line):
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, line.site.pk + 1),))
    period, shift = Period.of_shift(early()), early().pk
    asked = {
        "lines_now": (),
        "line_now": ("L1",),
        "machine_timeline": ("M1", NOW - HOUR, NOW),
        "stops": ("L1", period),
        "counts": ("L1", period),
        "loss_bridge": ("L1", period),
        "hourly": ("L1", shift),
        "shifts_of_day": ("L1", NOW, NOW + 1),
    }
    for name, arguments in asked.items():
        question = getattr(questions, name)
        with pytest.raises(Refused, match="no role"):
            question(line.site, *arguments, stranger)
        if arguments:
            with pytest.raises(Refused, match="“X9”"):
                question(line.site, "X9", *arguments[1:], SYSTEM)
    assert questions.shifts_of_day(line.site, "L1", NOW, NOW + 1, SYSTEM) == [early()]


# --- targets and boards ---


def target(plant, **values):
    owner = plant.make(Person, number="7", name="Ada Okafor")
    usual = {"measure": "oee", "valid_from": date(2026, 1, 1), "value": "50", "watch": "45", "owner": owner}
    return plant.make(Target, **(usual | values))


def test_a_target_holds_in_its_scope_from_its_date_and_a_status_needs_both(line):
    made = target(line, line=line.line)
    known = Targets(line.site.pk, date.fromisoformat(DAY), SYSTEM)
    found = known.of("oee", Scope.line(line.site.pk, "L1"))
    assert (found.value, found.owner, found.reference) == (50, "Ada Okafor", f"plant.Target:{made.pk}")
    assert known.of("oee", Scope.site(line.site.pk)) is None
    assert Targets(line.site.pk, date(2025, 12, 31), SYSTEM).of("oee", Scope.line(line.site.pk, "L1")) is None
    better, worse = Direction.higher_is_better, Direction.lower_is_better
    assert [status_of(value, found, better) for value in (50.0, 47.0, 44.9, None)] == [
        Status.good, Status.watch, Status.act, Status.none,
    ]  # fmt: skip
    assert status_of(51.0, found, worse) is Status.act
    assert status_of(50.0, None, better) is Status.none
    with pytest.raises(Refused, match="a target from this date on already"):
        act(
            Target,
            "create",
            SYSTEM,
            {
                "site": line.site,
                "measure": "oee",
                "line": line.line,
                "valid_from": date(2026, 1, 1),
                "value": "1",
                "owner": made.owner,
            },
        )


@pytest.mark.requirement("R158")
def test_a_board_gets_every_part_of_a_line_with_its_instant_and_its_words(line):
    target(line, line=line.line)
    board = Actor(pseudonym="live", grants=((Role.analyst, line.site.pk),))
    frame = line_frame("L1", board)
    assert frame["L1.state"] == {
        "state": "own_stop", "state_word": "Own stop", "state_code": "own_stop",
        "reason": None, "at_us": at(DAY, "12:00"),
    }  # fmt: skip
    assert (frame["L1.oee"]["text"], frame["L1.oee"]["status"], frame["L1.oee"]["n"]) == (
        "51.3",
        "good",
        "203",
    )
    assert (frame["L1.quality"]["status"], frame["L1.quality"]["status_word"]) == ("none", "no target")
    assert (frame["L1.good"]["text"], frame["L1.scrap"]["text"]) == ("200", "3")
    assert frame["L1.as_of"] == {"at_us": NOW, "heard_us": at(DAY, "12:00")}
    assert site_frame("B", board) == frame
    with pytest.raises(Refused, match="no such site"):
        site_frame("X", board)
    with pytest.raises(Refused, match="no line “L9”"):
        line_frame("L9", board)


def test_a_board_hears_of_the_facts_of_its_line_and_of_the_rules(line):
    concern = topic_named("line").concern
    told = '{"asset": "M1", "line": "L1", "kind": "state"}'
    assert concern(Message(0, "fact", 1, told), "L1")
    assert not concern(Message(0, "fact", 1, told), "L2")
    assert concern(Message(5, "record:plant.Line", 1), "L2")
    assert not concern(Message(5, "record:planning.WorkOrder", 1), "L1")
    assert topic_named("site").concern(Message(0, "fact", 1, told), "B")
