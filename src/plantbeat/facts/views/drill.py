"""From a value down to the cells of the cube it is summed from, and to the facts behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.oee.states import State
from plantbeat.facts.tables import Fact
from plantbeat.facts.views.catalogue import Ask, question
from plantbeat.facts.views.counted import events_of, narrowed, shifts_of
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.feeds import feeds
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.tables import AssetHour, FactInterval
from plantbeat.kernel.access import Actor

PAGE = 100
_DAY_US = 24 * HOUR_US
_FIELDS = {
    Cut.line: "asset_id", Cut.machine: "asset_id", Cut.shift: "shift__shift", Cut.crew: "shift__crew",
    Cut.product: "product",
    Cut.order: "order_number", Cut.reason: "reason", Cut.defect: "defect", Cut.hour: "hour_us",
    Cut.day: "production_day",
}  # fmt: skip
_OF_INTERVALS = (Cut.reason, Cut.order, Cut.product, Cut.shift, Cut.crew)
"""What an interval tells of itself; day and hour follow from its time, line and machine from its asset."""
_STATED = frozenset({"state", "reason", "setup_start"})
"""Kinds that are found through the intervals they began, even those of an earlier day."""


@dataclass(frozen=True, slots=True)
class Drill:
    """The cells behind a value, one page of the facts behind them (lsn, in order of time), and records."""

    cells: QuerySet[AssetHour]
    facts: list[int]
    more: bool
    records: list[str]


def drill(
    code: str,
    scope: Scope,
    period: Period,
    by: Actor,
    where: Mapping[Cut, Any] | None = None,
    *,
    page: int = 1,
    size: int = PAGE,
) -> Drill:
    """What a value is made of; `where` names the part of each cut, as in `values`.

    Raises `Refused` as `values` does.
    """
    ask = question(code, scope, period, by, None, where)
    cells = _cells(ask) if ask.measure.cells else AssetHour.objects.none()
    first = (page - 1) * size
    most = first + size + 1
    lsns = _behind_cells(ask, cells, most) if ask.measure.cells else _behind_events(ask)
    records = ask.measure.opens(ask) if ask.measure.opens is not None else []
    cells = cells.order_by("hour_us", "asset_id", "state")
    return Drill(cells, lsns[first : first + size], len(lsns) >= most, records)


def _cells(ask: Ask) -> QuerySet[AssetHour]:
    start_us, end_us = ask.period.bounds_us(ask.rules)
    assets = ask.place.machines if Cut.machine in ask.where else ask.place.units
    rows = AssetHour.objects.filter(asset__in=assets, hour_us__gte=start_us, hour_us__lt=end_us)
    if ask.period.shift_id is not None:
        rows = rows.filter(shift=ask.period.shift_id)
    else:
        rows = rows.filter(production_day__gte=ask.period.first, production_day__lte=ask.period.last)
    return rows.filter(**{_FIELDS[cut]: value for cut, value in ask.where.items()})


def _behind_events(ask: Ask) -> list[int]:
    if ask.measure.behind is not None:
        return ask.measure.behind(ask)
    events = events_of(ask, sorted(ask.measure.kinds), shifts_of(ask))
    return [event.lsn for event in events if narrowed(ask, event.parts(ask))]


def _behind_cells(ask: Ask, cells: QuerySet[AssetHour], most: int) -> list[int]:
    """The first facts, in order of time, in the hours of the cells, and those that began their intervals.

    Day after day, until there are enough: no fact of a later day comes before one of an earlier day.
    """
    days: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    for asset, hour_us in cells.values_list("asset_id", "hour_us").distinct().order_by():
        days[hour_us // _DAY_US][asset].add(hour_us)
    found: dict[int, int] = {}
    for day in sorted(days):
        for asset, starts in days[day].items():
            for span in _ranges(starts):
                _add(found, _in_span(ask, asset, span, most))
        if len(found) >= most:
            break
    return [lsn for lsn, _t in sorted(found.items(), key=lambda item: (item[1], item[0]))[:most]]


def _in_span(ask: Ask, asset: int, span: tuple[int, int], most: int) -> dict[int, int]:
    found: dict[int, int] = {}
    if ask.measure.kinds & _STATED:
        found = _behind_intervals(ask, asset, *span)
    if spoken := ask.measure.kinds - _STATED:
        _add(found, _spoken(ask, asset, span, spoken, most))
    return found


def _add(found: dict[int, int], more: dict[int, int]) -> None:
    for lsn, at_us in more.items():
        found.setdefault(lsn, at_us)


def _ranges(starts: set[int]) -> list[tuple[int, int]]:
    """Hours that follow each other as one span."""
    spans: list[tuple[int, int]] = []
    for start_us in sorted(starts):
        if spans and start_us <= spans[-1][1]:
            spans[-1] = spans[-1][0], start_us + HOUR_US
        else:
            spans.append((start_us, start_us + HOUR_US))
    return spans


def _spoken(ask: Ask, asset: int, span: tuple[int, int], kinds: frozenset[str], most: int) -> dict[int, int]:
    """Facts in force of some kinds in a span, of the assets that feed this one: lsn and instant."""
    sources = list(feeds(ask.rules, asset, ask.period.last))
    inside = Fact.objects.filter(asset__in=sources, t_us__gte=span[0], t_us__lt=span[1])
    back = inside.filter(kind="correction").values("reverses")
    rows = inside.filter(kind__in=kinds).exclude(lsn__in=back).order_by("t_us", "lsn")
    return dict(rows.values_list("lsn", "t_us")[:most])


def _behind_intervals(ask: Ask, asset: int, begin_us: int, end_us: int) -> dict[int, int]:
    """Facts that stated what was done in a span, or gave the reason: lsn and begin of the interval in it."""
    spans = FactInterval.objects.filter(asset=asset, start_us__lt=end_us, end_us__gt=begin_us)
    spans = spans.filter(**{_FIELDS[cut]: ask.where[cut] for cut in _OF_INTERVALS if cut in ask.where})
    if ask.measure.states is not None:
        spans = spans.filter(state__in=[state.value for state in ask.measure.states])
    hidden = (State.shift_break.value, State.off_shift.value)
    found: dict[int, int] = {}
    rows = spans.exclude(state__in=hidden).values_list("start_us", "lsn", "reason_lsn")
    for start_us, lsn, reason_lsn in rows:
        for one in (lsn, reason_lsn):
            if one is not None:
                found.setdefault(one, max(start_us, begin_us))
    return found
