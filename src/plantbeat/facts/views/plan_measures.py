"""Measures against the frozen plan of a shift: adherence in quantity, time and sequence, and takt."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple, cast

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.engine.kpi.adherence import (
    PlannedOrder,
    schedule_adherence_quantity,
    schedule_adherence_time,
    sequence_adherence_of_lines,
)
from plantbeat.engine.kpi.pace import Demand, Made, takt_attainment
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.engine.oee import Elements
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, events_between, grouped
from plantbeat.facts.views.cube_query import SHIFT_ID, CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.feeds import feeds
from plantbeat.facts.views.kept_days import Wanted, kept_by_day
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import Counted as CountedIn
from plantbeat.facts.views.measure_parts import Element, pieces_of, things_of
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import answered_once
from plantbeat.facts.views.shifts import left_out
from plantbeat.facts.views.tables import ShiftPlan

_APICS = "APICS Dictionary, schedule adherence (performance to plan)"
_CUTS = frozenset({Cut.line, Cut.shift, Cut.crew, Cut.day, Cut.order})
RUNS = ("order_start", "order_end")
"""Kinds of facts that say when an order ran."""
_AROUND_US = 14 * 24 * 3_600_000_000
"""How long before and after a shift an order of its plan may have begun or ended."""


class Planned(NamedTuple):
    """What a line was to make of an order in a shift, as it was frozen."""

    asset_id: int
    shift: FactShift
    order_number: str
    position: int
    planned: int
    finish_us: int


_COLUMNS = ("asset_id", "shift_id", "order_number", "position", "planned", "finish_us")


def plans_of(ask: Ask) -> list[Planned]:
    """Frozen plans of the scope in the period, with their shifts, without those not worked; two queries."""
    rows = ShiftPlan.objects.filter(asset__in=ask.place.everyone)
    if ask.period.shift_id is not None:
        rows = rows.filter(shift=ask.period.shift_id)
    else:
        rows = rows.filter(shift__owner_day__gte=ask.period.first, shift__owner_day__lte=ask.period.last)
    plans = list(rows.order_by("shift__start_us", "asset_id", "position").values_list(*_COLUMNS))
    # A shift has many plans: each is read once.
    shifts = FactShift.objects.in_bulk({shift for _asset, shift, *_plan in plans})
    idle = {pk: left_out(shift) for pk, shift in shifts.items()}
    return [Planned(asset, shifts[shift], *plan) for asset, shift, *plan in plans if asset not in idle[shift]]


@dataclass(frozen=True, slots=True)
class _Run:
    """When an order was first started and last finished on a line."""

    started_us: int | None = None
    finished_us: int | None = None


def _runs(ask: Ask, plans: Iterable[Planned]) -> dict[tuple[int, str], _Run]:
    """Starts and ends of the planned orders by line."""
    plans = list(plans)
    if not plans:
        return {}
    wanted = {(plan.asset_id, plan.order_number) for plan in plans}
    lines_of: dict[int, set[int]] = defaultdict(set)
    for plan in plans:
        for source in feeds(ask.rules, plan.asset_id, plan.shift.owner_day):
            lines_of[source].add(plan.asset_id)
    since_us = min(plan.shift.start_us for plan in plans) - _AROUND_US
    until_us = max(plan.shift.end_us for plan in plans) + _AROUND_US
    found: dict[tuple[int, str], _Run] = {}
    for event in events_between(ask, RUNS, since_us, until_us):
        for line in lines_of.get(event.asset, ()):
            key = line, event.said["order"]
            if key not in wanted:
                continue
            run = found.get(key, _Run())
            if event.kind == "order_start" and run.started_us is None:
                found[key] = _Run(event.t_us, run.finished_us)
            elif event.kind == "order_end" and event.said.get("complete", True):
                found[key] = _Run(run.started_us, event.t_us)
    return found


_Made = dict[tuple[int, int, str], int]


def _made(ask: Ask, plans: Iterable[Planned]) -> _Made:
    """Good pieces by line, shift and order, made inside the shift of the plan."""
    lines = sorted({plan.asset_id for plan in plans})
    made: _Made = defaultdict(int)

    def read(period: Period) -> dict[str, _Made]:
        asked = CubeQuestion(ask.rules, lines, period, [Cut.day, Cut.line, SHIFT_ID, Cut.order])
        found: dict[str, _Made] = defaultdict(dict)
        for (day, line, shift_id, order), cells in cube_sums(asked).items():
            if shift_id is not None and order is not None:
                found[str(day)][line, shift_id, order] = sum(cell.good for cell in cells)
        return found

    def by_day(period: Period) -> dict[date, _Made]:
        return {date.fromisoformat(day): found for day, found in read(period).items()}

    if ask.period.shift_id is not None:
        days: Iterable[_Made] = read(ask.period).values()
    else:
        wanted, nothing = Wanted(ask.rules, lines, ask.period), cast("_Made", {})
        days = kept_by_day(wanted, "made of orders", by_day, nothing).values()
    for found in days:
        for key, good in found.items():
            made[key] += good
    return made


def _planned_orders(ask: Ask) -> Mapping[Key, tuple[tuple[tuple[int, int], PlannedOrder], ...]]:
    """((line, shift), order) of every frozen plan, with what came of it."""
    about = ask.scope, ask.period
    return grouped(ask, answered_once(("planned orders", *about), lambda: _counted_orders(ask)))


def _counted_orders(ask: Ask) -> list[Counted]:
    plans = plans_of(ask)
    runs, made = _runs(ask, plans), _made(ask, plans)
    counted = []
    for plan in plans:
        run = runs.get((plan.asset_id, plan.order_number), _Run())
        order = PlannedOrder(
            plan.order_number, plan.position, plan.planned,
            made[plan.asset_id, plan.shift.pk, plan.order_number], plan.finish_us, run.started_us,
            run.finished_us,
        )  # fmt: skip
        counted.append(Counted(((plan.asset_id, plan.shift.pk), order), _parts(plan)))
    return counted


def _parts(plan: Planned) -> dict[Cut, Key]:
    return {
        Cut.line: plan.asset_id,
        Cut.shift: plan.shift.shift,
        Cut.crew: plan.shift.crew,
        Cut.day: plan.shift.owner_day.isoformat(),
        Cut.order: plan.order_number,
    }


_Orders = tuple[tuple[tuple[int, int], PlannedOrder], ...]


def _no_plan(orders: tuple[object, ...]) -> str:
    return "" if orders else _("no plan was frozen")


def _quantity(orders: _Orders, ask: Ask) -> Figure:
    ratio = schedule_adherence_quantity(order for _of, order in orders)
    return Figure.of(ratio, len(orders), missing=_no_plan(orders))


def _time(orders: _Orders, ask: Ask) -> Figure:
    tolerance_us = ask.rules.site_rule(ask.period.last).finish_tolerance_us
    ratio = schedule_adherence_time((order for _of, order in orders), tolerance_us)
    remark = _("within ± %(minutes)s min") % {"minutes": tolerance_us // 60_000_000}
    return Figure.of(ratio, len(orders), missing=_no_plan(orders), remarks=(remark,))


def _sequence(orders: _Orders, ask: Ask) -> Figure:
    lines: dict[tuple[int, int], list[PlannedOrder]] = defaultdict(list)
    for of, order in orders:
        lines[of].append(order)
    ratio = sequence_adherence_of_lines(lines.values())
    return Figure.of(ratio, ratio.denominator, missing=_no_plan(orders))


# --- takt ---


@dataclass(frozen=True, slots=True)
class Beat:
    """Demand of shifts with the time to meet it, and what was made in the time that has passed."""

    demand: Demand
    made: Made

    def __add__(self, other: Beat) -> Beat:
        return Beat(self.demand + other.demand, self.made + other.made)


def beats(ask: Ask) -> Mapping[Key, tuple[Beat, ...]]:
    """Demand and what was made of every line and shift whose plan is frozen, by the key of the cut."""
    plans = plans_of(ask)
    due: dict[tuple[int, int], list[Planned]] = defaultdict(list)
    for plan in plans:
        due[plan.asset_id, plan.shift.pk].append(plan)
    asked = CubeQuestion(ask.rules, sorted({line for line, _shift in due}), ask.period, [Cut.line, SHIFT_ID])
    sums = {keys: Elements.of(cells) for keys, cells in cube_sums(asked).items()}
    counted = []
    for (line, shift_id), rows in due.items():
        shift, passed = rows[0].shift, sums.get((line, shift_id), Elements())
        breaks = msgspec.json.decode(shift.breaks)
        demand = Demand(
            shift.end_us - shift.start_us,
            sum(end_us - start_us for start_us, end_us in breaks),
            passed.planned_stop_us + _stops_ahead_us(ask, line, shift),
            sum(row.planned for row in rows),
        )
        made = Made(passed.good, passed.planned_us - passed.break_us - passed.planned_stop_us)
        counted.append(Counted(Beat(demand, made), _parts(rows[0]) | {Cut.order: None}))
    return grouped(ask, counted)


def _stops_ahead_us(ask: Ask, line: int, shift: FactShift) -> int:
    """Planned stops of a shift that are still to come, outside its breaks."""
    breaks = msgspec.json.decode(shift.breaks)
    ahead = max(shift.start_us, ask.now_us)
    days = {shift.owner_day, ask.rules.day_at(shift.start_us), ask.rules.day_at(shift.end_us - 1)}
    stops = {span for day in days for span in ask.rules.planned_stops(line, day)}
    edges = sorted({ahead, shift.end_us, *(at for span in [*stops, *breaks] for at in span)})
    return sum(
        end - begin
        for begin, end in pairwise(edges)
        if ahead <= begin < shift.end_us
        and any(a <= begin < b for a, b in stops)
        and not any(a <= begin < b for a, b in breaks)
    )


def _takt(beats: tuple[Beat, ...], ask: Ask) -> Figure:
    if not beats:
        return Figure(0, 0, None, 0, missing=_("no plan was frozen"))
    whole = beats[0]
    for beat in beats[1:]:
        whole += beat
    return Figure.of(takt_attainment(whole.demand, whole.made), whole.made.pieces)


def declare_plan_measures() -> None:
    """Put all measures against the frozen plan into the catalogue."""
    higher, percent = Direction.higher_is_better, str(Unit.percent)
    kinds = frozenset({"order_start", "order_end", "count", "counter"})
    for code, figure, done, planned in (
        (
            MeasureCode.schedule_adherence_quantity, _quantity,
            pieces_of(gettext_lazy("planned pieces made in their shift")),
            pieces_of(gettext_lazy("pieces planned")),
        ),
        (
            MeasureCode.schedule_adherence_time, _time,
            things_of(gettext_lazy("orders finished in time")), things_of(gettext_lazy("orders planned")),
        ),
        (
            MeasureCode.schedule_adherence_sequence, _sequence,
            things_of(gettext_lazy("orders started in the planned sequence")),
            things_of(gettext_lazy("planned orders started")),
        ),
    ):  # fmt: skip
        cuts = _CUTS if code is not MeasureCode.schedule_adherence_sequence else _CUTS - {Cut.order}
        declare(
            Measure(
                code, percent, higher, _APICS, str(code), cuts, _planned_orders, figure, kinds,
                divides=(done, planned),
            )
        )  # fmt: skip
    declare(
        Measure(
            MeasureCode.takt_attainment, percent, higher, "Rother and Shook, Learning to See (1999)",
            "takt_attainment", _CUTS - {Cut.order}, beats, _takt, frozenset({"count", "counter"}),
            divides=(
                Element(gettext_lazy("time for the demand × pieces made"), CountedIn.pieces_by_time),
                Element(gettext_lazy("time passed × pieces due"), CountedIn.pieces_by_time),
            ),
        )
    )  # fmt: skip
