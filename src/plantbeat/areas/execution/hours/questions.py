"""What can be asked about the hours of a shift: plan, made, gap, and what the gap is made of.

The rule of a gap: time of a stop costs what the plan expected of that time; a scrapped or reworked piece
costs one; what then is left was slower than the standard, or, for as long as nothing is known, is not yet
explained. The parts are whole pieces and add up to the gap exactly (`engine.hours.gap_parts`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

from django.utils.translation import gettext as _

from plantbeat.areas.execution.hours.answers import (
    BoardRow,
    GapReason,
    HourBelowPlan,
    HourBoard,
    HourOfPlan,
    Phase,
    PlanOfHours,
)
from plantbeat.areas.execution.hours.planned import LinePlan, closed_times, cycles_of, plans_of
from plantbeat.areas.execution.lookups import Floor, shift_answer
from plantbeat.engine.calendars.civil import hour_slots, local_days
from plantbeat.engine.hours import (
    ClosedTime,
    GapPart,
    LostTime,
    PlanPart,
    TakenOut,
    gap_parts,
    taken_out,
)
from plantbeat.engine.oee import Elements, State
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.facts.views.tables import FactInterval
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

STANDING = frozenset(
    {
        State.own_stop, State.micro_stop, State.starved, State.blocked, State.setup, State.planned_stop,
        State.no_order,
    }
)  # fmt: skip
"""States whose time a gap is put down to."""

UNKNOWN = frozenset({State.no_data, State.unexplained})
"""States in which nothing is known that would explain a gap."""


def hour_board(site: Site, line: str, shift_id: int, by: Actor) -> HourBoard:
    """The hours of a shift on a line. Raises `Refused` for a line or shift that is none."""
    floor = Floor(site, by)
    return boards_of(floor, [floor.line(line)], _shift(floor, shift_id))[0]


def hour_boards(
    site: Site, shift_id: int, by: Actor, *, lines: Iterable[str] | None = None
) -> list[HourBoard]:
    """The hours of a shift on every line that works it (or on those named), by code."""
    floor = Floor(site, by)
    shift = _shift(floor, shift_id)
    wanted = None if lines is None else set(lines)
    working = [
        line
        for line in floor.lines()
        if (wanted is None or line.code in wanted) and floor.shifts_of(line, [shift], shift.owner_day)
    ]
    return boards_of(floor, working, shift)


def plan_of_hours(site: Site, line: str, shift_id: int, by: Actor) -> PlanOfHours:
    """How the plan of each hour of a shift on a line is made. Raises `Refused` as `hour_board` does."""
    floor = Floor(site, by)
    asset, shift = floor.line(line), _shift(floor, shift_id)
    (known,) = _known(floor, [asset], shift)
    board = _board(floor, known, slots_of(floor, shift))
    closed = closed_times(floor.rules, asset.pk, shift)
    hours = tuple(_hour_of_plan(row, known, closed) for row in board.rows)
    return PlanOfHours(board, hours, cycles_of(floor, shift, asset, known.plan))


def _hour_of_plan(row: BoardRow, known: _Known, closed: Sequence[ClosedTime]) -> HourOfPlan:
    plan, until_us = known.plan, _edge_us(row.start_us, row.end_us, known.as_of_us)
    spans = [(a, b) for a, b in ((row.start_us, until_us), (until_us, row.end_us)) if a < b]
    cut = [plan.parts(*span) for span in spans]
    idle = [taken_out(*span, parts, plan.plan.runs(), closed) for span, parts in zip(spans, cut, strict=True)]
    now: list[PlanPart] = []
    idle_now: list[TakenOut] = []
    if row.plan_now is not None:
        now = plan.parts_now(row.start_us, row.end_us)
        idle_now = taken_out(row.start_us, row.end_us, now, plan.runs_now(), closed)
    return HourOfPlan(
        row, until_us, tuple(chain(*cut)), tuple(chain(*idle)), tuple(now), tuple(idle_now)
    )  # fmt: skip


def hours_below_plan(
    site: Site, shift_id: int, by: Actor, *, lines: Iterable[str] | None = None
) -> list[HourBelowPlan]:
    """Hours of a shift that made less than was due, the most missing pieces first."""
    found = [
        HourBelowPlan(
            board.line, row.start_us, row.end_us, row.due, row.good, row.scrap, row.gap, row.reasons
        )
        for board in hour_boards(site, shift_id, by, lines=lines)
        for row in board.rows
        if row.phase is Phase.past and row.gap is not None and row.due is not None and row.gap > 0
    ]
    return sorted(found, key=lambda one: (-one.gap, one.start_us, one.line))


def _shift(floor: Floor, shift_id: int) -> FactShift:
    shift = readings.shift_with_id(floor.site.pk, shift_id)
    if shift is None:
        raise Refused(Problem(_("there is no such shift here"), "shift", shift_id), Kind.missing)
    return shift


def boards_of(floor: Floor, lines: Sequence[FactAsset], shift: FactShift) -> list[HourBoard]:
    """Boards of lines that work a shift; a number of queries that does not grow with the lines."""
    slots = slots_of(floor, shift)
    return [_board(floor, known, slots) for known in _known(floor, lines, shift)]


def _known(floor: Floor, lines: Sequence[FactAsset], shift: FactShift) -> list[_Known]:
    ids = [line.pk for line in lines]
    days = readings.latest_days(ids, floor.today)
    as_of = {pk: _as_of(shift, days[pk].until_us if pk in days else None, floor) for pk in ids}
    intervals: dict[int, list[FactInterval]] = defaultdict(list)
    for piece in readings.intervals_between(ids, shift.start_us, shift.end_us):
        if piece.shift_id == shift.pk:
            intervals[piece.asset_id].append(piece)
    sums: dict[tuple[int, int], Elements] = {}
    asked = CubeQuestion(floor.rules, ids, Period.of_shift(shift), [Cut.line, Cut.hour])
    for (line_id, hour_us), cells in cube_sums(asked).items():
        sums[line_id, hour_us] = Elements.of(cells)
    plans = plans_of(floor, shift, lines, intervals, as_of)
    return [_Known(line, shift, plans[line.pk], intervals[line.pk], as_of[line.pk], sums) for line in lines]


def _as_of(shift: FactShift, until_us: int | None, floor: Floor) -> int | None:
    """Up to when a shift is computed; a shift of days before the last two is over."""
    if until_us is None:
        return shift.end_us if shift.end_us < floor.now_us - 2 * 86_400_000_000 else None
    return until_us


@dataclass(frozen=True, slots=True)
class _Known:
    """Everything read about one line's shift."""

    line: FactAsset
    shift: FactShift
    plan: LinePlan
    intervals: Sequence[FactInterval]
    as_of_us: int | None
    elements: Mapping[tuple[int, int], Elements]


def slots_of(floor: Floor, shift: FactShift) -> list[tuple[int, int, int]]:
    """(civil hour, start, end) of the hours of a shift; days of 23 and 25 hours have their own hours."""
    found = []
    for day in local_days(shift.start_us, shift.end_us, floor.rules.zone):
        for slot in hour_slots(day, floor.rules.zone):
            start_us, end_us = max(slot.start_us, shift.start_us), min(slot.end_us, shift.end_us)
            if start_us < end_us:
                found.append((slot.start_us, start_us, end_us))
    return found


def _board(floor: Floor, known: _Known, slots: Sequence[tuple[int, int, int]]) -> HourBoard:
    rows: list[BoardRow] = []
    planned = made = 0
    for hour_us, start_us, end_us in slots:
        sums = known.elements.get((known.line.pk, hour_us), Elements())
        plan = known.plan.planned(start_us, end_us)
        planned, made = planned + (plan or 0), made + sums.good
        now = known.plan.planned_now(start_us, end_us)
        edge_us = _edge_us(start_us, end_us, known.as_of_us)
        is_begun = edge_us > start_us
        due = known.plan.planned(start_us, edge_us) if is_begun else None
        gap = due - sums.good if due is not None else None
        rows.append(
            BoardRow(
                start_us, end_us, plan, now if now != plan else None, due, sums.good, sums.scrap, sums.rework,
                planned if plan is not None else None, made, gap,
                _reasons(floor, known, (start_us, edge_us), sums, gap) if is_begun else (),
                _phase(floor, start_us, end_us),
            )
        )  # fmt: skip
    plan_of = known.plan
    changed = plan_of.changed_to if any(row.plan_now is not None for row in rows) else ""
    return HourBoard(
        known.line.code, known.line.name, shift_answer(known.shift), tuple(rows), plan_of.source,
        plan_of.text, changed, known.as_of_us, plan_of.missing,
    )  # fmt: skip


def _edge_us(start_us: int, end_us: int, as_of_us: int | None) -> int:
    """Up to where an hour is known; its begin where nothing is."""
    return start_us if as_of_us is None else max(start_us, min(end_us, as_of_us))


def _phase(floor: Floor, start_us: int, end_us: int) -> Phase:
    if end_us <= floor.now_us:
        return Phase.past
    return Phase.current if start_us <= floor.now_us else Phase.ahead


def _reasons(
    floor: Floor, known: _Known, span: tuple[int, int], sums: Elements, gap: int | None
) -> tuple[GapReason, ...]:
    """The parts of an hour's gap, the most pieces first; without a plan the stops with their time alone."""
    plan = known.plan.plan
    lost: dict[tuple[State, str | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    worth: dict[tuple[State, str | None], Fraction] = defaultdict(Fraction)
    unknown, unknown_us = Fraction(0), 0
    for piece in known.intervals:
        begin_us, end_us = max(piece.start_us, span[0]), min(piece.end_us, span[1])
        if begin_us >= end_us:
            continue
        state = STATE_NAMED[piece.state]
        if state in STANDING:
            sum_ = lost[state, piece.reason]
            sum_[0] += end_us - begin_us
            if end_us - begin_us > sum_[1]:
                sum_[1:] = [end_us - begin_us, begin_us]
            worth[state, piece.reason] += plan.worth(begin_us, end_us)
        elif state in UNKNOWN:
            unknown += plan.worth(begin_us, end_us)
            unknown_us += end_us - begin_us
    keys = sorted(lost, key=lambda key: (-lost[key][0], key[0], key[1] or ""))
    times = [LostTime(key, lost[key][0], worth[key]) for key in keys]
    pieces: list[int] = [0] * len(times)
    parts: dict[GapPart, int] = {}
    if gap is not None:
        pieces, parts = gap_parts(gap, times, scrap=sums.scrap, rework=sums.rework, unknown=unknown)
    day = floor.rules.day_at(span[0])
    named = {code: floor.reason(code, day) for _state, code in keys}
    found = [
        GapReason(state, named[code], one.us, count, GapPart.stop, lost[state, code][2])
        for one, (state, code), count in zip(times, keys, pieces, strict=True)
    ]
    found += [
        GapReason(None, None, unknown_us if part is GapPart.unexplained else 0, count, part)
        for part, count in parts.items()
    ]
    if gap is None and unknown_us:
        found.append(GapReason(None, None, unknown_us, 0, GapPart.unexplained))
    return tuple(sorted(found, key=lambda one: (-one.pieces, -one.us, one.part)))
