"""What pages, boards and the API ask about the floor. Each takes who asks; all read the computed views."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from plantbeat.areas.execution.answers import (
    CountOf,
    HourRow,
    LineNow,
    LossBridge,
    LossOfReason,
    Stop,
    StripSpan,
    Timeline,
)
from plantbeat.areas.execution.lookups import Floor, shift_answer
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.engine.calendars.civil import hour_slots, local_days
from plantbeat.engine.oee import CubeRow, Elements, State
from plantbeat.engine.oee.formulas import oee_result, six_big_losses
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import SHIFT_ID, CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.feeds import feeds, timing_asset
from plantbeat.facts.views.periods import Period, PeriodKind
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.facts.views.tables import AssetDay, FactInterval
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

STOPPED = frozenset(
    {State.own_stop, State.micro_stop, State.starved, State.blocked, State.setup, State.planned_stop}
)
"""States that a list of stops holds."""

CLOSED = frozenset({State.shift_break, State.off_shift, State.no_order})
"""States of the calendar and the orders, which may cut a stop but do not end it."""

LOST = STOPPED - {State.planned_stop}
"""States within planned busy time whose reasons a loss bridge tells."""

ONE_STOP = frozenset({State.own_stop, State.micro_stop, State.starved, State.blocked})
"""States that a reason moves time between, without making another stop of it."""

NEAR_STOP_US, LONGEST_STOP_US = 4 * 3_600_000_000, 3 * 86_400_000_000
"""How far around an instant the rest of its stop is looked for: at first, and at most."""


def lines_now(site: Site, by: Actor) -> list[LineNow]:
    """Every line in use: what it is doing, since when and why, and how its shift goes. By code."""
    floor = Floor(site, by)
    return _lines_now(floor, floor.lines())


def line_now(site: Site, code: str, by: Actor) -> LineNow:
    """One line. Raises `Refused` for a code that is none."""
    floor = Floor(site, by)
    return _lines_now(floor, [floor.line(code)])[0]


def _lines_now(floor: Floor, lines: list[FactAsset]) -> list[LineNow]:
    ids = [line.pk for line in lines]
    days = readings.latest_days(ids, floor.today)
    shifts = readings.shifts_between(floor.site.pk, floor.now_us, floor.now_us + 1)
    working = {line.pk: floor.shift_now(line, shifts) for line in lines}
    sums = _sums_of_shifts(floor, ids, [shift for shift in working.values() if shift is not None])
    following = _next_orders(floor, working, days)
    limit = floor.rules.site_rule(floor.today).coverage_limit_percent
    found = []
    for line in lines:
        shift, row = working[line.pk], days.get(line.pk)
        elements = sums.get((line.pk, shift.pk), Elements()) if shift else Elements()
        shown = readings.shown_of(row) if row else None
        reading = floor.rules.reading(line.pk, floor.today)
        told = readings.carry_of(row).told if row else None
        found.append(
            LineNow(
                code=line.code,
                name=line.name,
                area=floor.rules.area_of(line.pk, floor.today),
                source=reading.source.value,
                state=STATE_NAMED[shown.state] if shown else State.no_data,
                counts_as=STATE_NAMED[shown.counts_as] if shown else State.no_data,
                since_us=shown.since_us if shown else None,
                reason=floor.reason(shown.reason, floor.today) if shown else None,
                order=shown.order_number if shown else None,
                item=shown.product if shown else None,
                next_order=following.get(line.pk),
                shift=shift_answer(shift) if shift else None,
                elements=elements,
                oee=oee_result(elements, limit) if shift else None,
                as_of_us=row.until_us if row else None,
                heard_us=told.heard_us if told else None,
                lsn=shown.lsn if shown else None,
                reason_lsn=shown.reason_lsn if shown else None,
                fault=row.fault if row else "",
            )
        )
    return found


def _sums_of_shifts(
    floor: Floor, lines: list[int], shifts: list[FactShift]
) -> dict[tuple[int, int], Elements]:
    """Elements of lines by shift; one query."""
    if not shifts:
        return {}
    days = [shift.owner_day for shift in shifts]
    period = Period(PeriodKind.days, min(days), max(days))
    rows = cube_sums(CubeQuestion(floor.rules, lines, period, [Cut.line, SHIFT_ID]))
    return {(keys[0], keys[1]): Elements.of(cells) for keys, cells in rows.items()}


def _next_orders(
    floor: Floor, working: dict[int, FactShift | None], days: dict[int, AssetDay]
) -> dict[int, str]:
    """The first order of each line's frozen plan that has not been started; two queries."""
    shifts = {shift.pk: shift for shift in working.values() if shift is not None}
    plans = readings.plans_for(list(working), shifts) if shifts else []
    plans = [plan for plan in plans if (shift := working[plan.asset_id]) and shift.pk == plan.shift_id]
    if not plans:
        return {}
    lines_of: dict[int, set[int]] = defaultdict(set)
    for plan in plans:
        for source in feeds(floor.rules, plan.asset_id, floor.today):
            lines_of[source].add(plan.asset_id)
    since_us = min(shift.start_us for shift in shifts.values())
    begun = {
        (line, order)
        for source, order in readings.orders_started(lines_of.keys(), since_us)
        for line in lines_of[source]
    }
    for line, row in days.items():
        begun |= {(line, one.order) for one in readings.carry_of(row).orders}
    found: dict[int, str] = {}
    for plan in plans:
        if (plan.asset_id, plan.order_number) not in begun:
            found.setdefault(plan.asset_id, plan.order_number)
    return found


def machine_timeline(site: Site, code: str, start_us: int, end_us: int, by: Actor) -> Timeline:
    """What a machine or line did from `start_us` to `end_us`, as spans with the facts behind them."""
    floor = Floor(site, by)
    asset = floor.asset(code)
    row = readings.latest_days([asset.pk], floor.today).get(asset.pk)
    spans: list[StripSpan] = []
    for piece in readings.intervals_between([asset.pk], start_us, end_us):
        made = _strip_span(floor, piece, row)
        last = spans[-1] if spans else None
        if last is not None and not piece.begins and _same(last, made):
            spans[-1] = _joined(last, made)
        else:
            spans.append(made)
    shifts = floor.shifts_of(asset, readings.shifts_between(site.pk, start_us, end_us), floor.today)
    return Timeline(
        asset.code, asset.name, start_us, end_us, row.until_us if row else None, spans,
        [shift_answer(shift) for shift in shifts],
    )  # fmt: skip


def _strip_span(floor: Floor, piece: FactInterval, row: AssetDay | None) -> StripSpan:
    return StripSpan(
        STATE_NAMED[piece.state],
        piece.start_us,
        piece.end_us,
        floor.reason(piece.reason, floor.rules.day_at(piece.start_us)),
        piece.order_number,
        piece.product,
        piece.word,
        piece.lsn,
        piece.reason_lsn,
        row is not None and row.until_us < row.end_us and piece.end_us == row.until_us,
    )


def _same(before: StripSpan, after: StripSpan) -> bool:
    return (before.state, before.reason, before.order, before.lsn) == (
        after.state, after.reason, after.order, after.lsn,
    )  # fmt: skip


def _joined(before: StripSpan, after: StripSpan) -> StripSpan:
    return StripSpan(
        before.state, before.start_us, after.end_us, before.reason, before.order, before.item, before.word,
        before.lsn, before.reason_lsn, after.open,
    )  # fmt: skip


def stops(site: Site, code: str, period: Period, by: Actor) -> list[Stop]:
    """Stops of a line or machine in a period, by start, with reason and facts; a break cuts no stop."""
    floor = Floor(site, by)
    asset = floor.asset(code)
    return _stops(floor, asset, readings.intervals_of(asset.pk, period, floor.rules))


def stops_of_lines(floor: Floor, places: Sequence[FactAsset], period: Period) -> dict[FactAsset, list[Stop]]:
    """Stops of several lines or machines in a period, as `stops` tells them; two queries for all."""
    days = readings.latest_days([place.pk for place in places], floor.today)
    pieces = readings.intervals_of_many([place.pk for place in places], period, floor.rules)
    return {place: _told(floor, pieces.get(place.pk, ()), days.get(place.pk)) for place in places}


def stop_at(site: Site, code: str, at_us: int, by: Actor) -> Stop | None:
    """The stop of a line or machine that goes on at an instant."""
    found = stop_parts_at(site, code, at_us, by)
    return next((stop for stop in found if stop.start_us <= at_us < stop.end_us), None)


def stop_parts_at(site: Site, code: str, at_us: int, by: Actor) -> list[Stop]:
    """The stop that goes on at an instant, in its parts: what touches is one stop, however many reasons and
    states people have split it into. A set-up or a planned stop is one by itself."""
    floor = Floor(site, by)
    asset = floor.asset(code)
    parts: list[Stop] = []
    for stop in _stops(floor, asset, _around(asset, at_us)):
        touches = bool(parts) and parts[-1].end_us == stop.start_us
        if not (touches and (parts[-1].state is stop.state or {parts[-1].state, stop.state} <= ONE_STOP)):
            if any(one.start_us <= at_us < one.end_us for one in parts):
                break
            parts = []
        parts.append(stop)
    return parts if any(one.start_us <= at_us < one.end_us for one in parts) else []


def _around(asset: FactAsset, at_us: int) -> list[FactInterval]:
    """Intervals around an instant that hold the whole of its stop; none where the asset does not stand."""
    found = readings.intervals_between([asset.pk], at_us - NEAR_STOP_US, at_us + NEAR_STOP_US)
    runs = [one for one in found if STATE_NAMED[one.state] not in STOPPED | CLOSED]
    if not any(one.start_us <= at_us < one.end_us and one not in runs for one in found):
        return []
    # No stop reaches past a time in which the asset ran.
    if any(one.end_us <= at_us for one in runs) and any(one.start_us > at_us for one in runs):
        return found
    return readings.intervals_between([asset.pk], at_us - LONGEST_STOP_US, at_us + LONGEST_STOP_US)


def reasons_offered(site: Site, by: Actor) -> list[DowntimeReason]:
    """Downtime reasons that may be given, in the order of the tree; groups of reasons are none."""
    rows = visible(DowntimeReason, by).filter(site=site, active=True).select_related("parent")
    groups = set(visible(DowntimeReason, by).filter(site=site).values_list("parent", flat=True))
    found = [row for row in rows if row.pk not in groups]
    return sorted(found, key=lambda row: (row.parent.code if row.parent else "", row.code))


def asset_id(site: Site, code: str, by: Actor) -> int:
    """Id of a line or machine. Raises `Refused` if there is none of the code."""
    return Floor(site, by).asset(code).pk


def _stops(floor: Floor, asset: FactAsset, pieces: Iterable[FactInterval]) -> list[Stop]:
    return _told(floor, pieces, readings.latest_days([asset.pk], floor.today).get(asset.pk))


def _told(floor: Floor, pieces: Iterable[FactInterval], row: AssetDay | None) -> list[Stop]:
    open_us = row.until_us if row is not None and row.until_us < row.end_us else None
    found: list[Stop] = []
    going_on: Stop | None = None
    for piece in pieces:
        state = STATE_NAMED[piece.state]
        if state not in STOPPED:
            if state not in CLOSED:
                going_on = None
            continue
        reason = floor.reason(piece.reason, floor.rules.day_at(piece.start_us))
        if going_on is not None and not piece.begins and (going_on.state, going_on.reason) == (state, reason):
            going_on.end_us = piece.end_us
            going_on.duration_us += piece.end_us - piece.start_us
        else:
            going_on = Stop(
                state, piece.start_us, piece.end_us, piece.end_us - piece.start_us, reason,
                piece.order_number, piece.product, continued=not piece.begins,
            )  # fmt: skip
            found.append(going_on)
        going_on.open = piece.end_us == open_us
        for lsn in (piece.lsn, piece.reason_lsn):
            if lsn is not None and lsn not in going_on.facts:
                going_on.facts.append(lsn)
    return found


def counts(site: Site, code: str, period: Period, by: Actor) -> list[CountOf]:
    """Pieces of a line (or machine) in a period by order and item."""
    floor = Floor(site, by)
    asked = CubeQuestion(floor.rules, [floor.asset(code).pk], period, [Cut.order, Cut.product])
    found = []
    for (order, item), cells in cube_sums(asked).items():
        elements = Elements.of(cells)
        if elements.produced + elements.setup_pieces:
            found.append(
                CountOf(order, item, elements.good, elements.scrap, elements.rework, elements.setup_pieces)
            )
    return sorted(found, key=lambda one: (one.order is None, one.order or ""))


def loss_bridge(site: Site, code: str, period: Period, by: Actor) -> LossBridge:
    """Where the planned busy time of a line (or machine) went, down to good pieces, and the reasons."""
    floor = Floor(site, by)
    asked = CubeQuestion(floor.rules, [floor.asset(code).pk], period, [Cut.reason])
    sums = cube_sums(asked)
    elements = Elements.of(cell for cells in sums.values() for cell in cells)
    limit = floor.rules.site_rule(period.last).coverage_limit_percent
    reasons = [
        LossOfReason(cell.state, floor.reason(keys[0], period.last), cell.us, cell.starts)
        for keys, cells in sums.items()
        for cell in cells
        if cell.state in LOST and (cell.us or cell.starts)
    ]
    reasons.sort(key=lambda one: (-one.us, one.state, one.reason.code if one.reason else ""))
    return LossBridge(six_big_losses(elements), elements, oee_result(elements, limit), reasons)


def hourly(site: Site, code: str, shift_id: int, by: Actor) -> list[HourRow]:
    """The hours of a shift on a line: pieces made, and what the time was worth at the ideal cycle."""
    floor = Floor(site, by)
    line, shift = floor.asset(code), readings.shift_with_id(site.pk, shift_id)
    if shift is None:
        return []
    asked = CubeQuestion(floor.rules, [line.pk], Period.of_shift(shift), [Cut.hour, Cut.product])
    by_hour: dict[int, dict[str | None, list[CubeRow]]] = defaultdict(dict)
    for (hour_us, product), cells in cube_sums(asked).items():
        by_hour[hour_us][product] = cells
    rows = []
    for day in local_days(shift.start_us, shift.end_us, floor.rules.zone):
        for slot in hour_slots(day, floor.rules.zone):
            start_us, end_us = max(slot.start_us, shift.start_us), min(slot.end_us, shift.end_us)
            if start_us < end_us:
                products = by_hour.get(slot.start_us, {})
                elements = Elements.of(cell for cells in products.values() for cell in cells)
                rows.append(
                    HourRow(
                        start_us, end_us, elements.good, elements.scrap, elements.rework,
                        _ideal_pieces(floor, line, slot.start_us, products), elements,
                        end_us <= floor.now_us,
                    )
                )  # fmt: skip
    return rows


def _ideal_pieces(
    floor: Floor, line: FactAsset, hour_us: int, products: dict[str | None, list[CubeRow]]
) -> int | None:
    """Pieces that planned busy time was worth, product by product; None where no ideal cycle is known."""
    day = floor.rules.day_at(hour_us)
    ideals = floor.rules.ideals(timing_asset(floor.rules, line.pk, day))
    pieces, known = 0, False
    for product, cells in products.items():
        ideal_us = ideals.at(product, hour_us) if product is not None else None
        if ideal_us is not None:
            known = True
            pieces += Elements.of(cells).pbt_us // ideal_us
    return pieces if known else None


def shifts_of_day(site: Site, code: str, start_us: int, end_us: int, by: Actor) -> list[FactShift]:
    """Shifts a line works in a span of time, by start."""
    floor = Floor(site, by)
    shifts = readings.shifts_between(site.pk, start_us, end_us)
    return floor.shifts_of(floor.asset(code), shifts, floor.rules.day_at(start_us))
