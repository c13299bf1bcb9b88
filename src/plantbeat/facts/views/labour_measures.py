"""Measures over labour and the stay of orders: who signed off when, and when orders began and left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
from django.utils.translation import gettext_lazy, ngettext

from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.kpi.labour import Labour, labour_per_operation, order_lead_time, rework_labour_percent
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, Event, events_at_hand, grouped, narrowed
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import things_of, time_of
from plantbeat.facts.views.readings import orders_left
from plantbeat.facts.views.tables import FactEvent

_LONGEST_WORK_US = 24 * HOUR_US
"""How long before a sign-off its sign-on may lie."""
_LONGEST_STAY_US = 400 * 24 * HOUR_US
"""How long before its end the first start of an order may lie."""


class _Begin(NamedTuple):
    """The instant of a sign-on or of a first start, and its fact."""

    t_us: int
    lsn: int


def _in_order(pairs: list[tuple[_Begin | None, Event]]) -> list[int]:
    """The facts of begins and ends, in order of time."""
    times = {one.lsn: one.t_us for pair in pairs for one in pair if one is not None}
    return sorted(times, key=lambda lsn: (times[lsn], lsn))


# --- labour ---


class _Booking(NamedTuple):
    """A sign-off with the work it ends, None where nothing says since when, and its sign-on."""

    off: Event
    labour: Labour | None
    on: _Begin | None


def _bookings(ask: Ask) -> list[_Booking]:
    """Bookings that end in the scope and the period, in order of time."""
    ended = {event.lsn: event for event in events_at_hand(ask, ["operator_off"])}
    if not ended:
        return []
    times = [event.t_us for event in ended.values()]
    rows = FactEvent.objects.filter(
        asset__in=ask.place.everyone, kind__in=("operator_on", "operator_off"),
        t_us__gte=min(times) - _LONGEST_WORK_US, t_us__lte=max(times),
    ).order_by("t_us", "lsn")  # fmt: skip
    working: dict[tuple[int, str], list[_Begin]] = defaultdict(list)
    found = []
    for asset, t_us, kind, body, lsn in rows.values_list("asset_id", "t_us", "kind", "body", "lsn"):
        said = msgspec.json.decode(body)
        signed_on = working[asset, said["person"]]
        if kind == "operator_on":
            signed_on.append(_Begin(t_us, lsn))
            continue
        on = _sign_on(signed_on, t_us, said.get("from_us"))
        if lsn not in ended:
            continue
        begin_us = said.get("from_us", on.t_us if on is not None else None)
        known = begin_us is not None and begin_us <= t_us
        labour = Labour(t_us - begin_us, said.get("rework", False)) if known else None
        found.append(_Booking(ended[lsn], labour, on))
    return found


def _sign_on(signed_on: list[_Begin], off_us: int, from_us: int | None) -> _Begin | None:
    """The sign-on that a sign-off ends, taken off the list.

    Where the sign-off says since when, it is the one of that instant. Else it is the first since the
    sign-off before: whoever signs on twice is still at work.
    """
    if from_us is not None:
        found = next((on for on in signed_on if on.t_us == from_us), None)
        if found is not None:
            signed_on.remove(found)
        return found
    recent = [on for on in signed_on if on.t_us >= off_us - _LONGEST_WORK_US]
    signed_on.clear()
    return recent[0] if recent else None


def _labour(ask: Ask) -> Mapping[Key, tuple[Labour | None, ...]]:
    return grouped(ask, [Counted(one.labour, one.off.parts(ask)) for one in _bookings(ask)])


def _labour_figure(ratio: Ratio, bookings: tuple[Labour | None, ...]) -> Figure:
    unknown = sum(one is None for one in bookings)
    remarks: tuple[str, ...] = ()
    if unknown:
        text = ngettext(
            "%(n)s sign-off without a sign-on is not counted",
            "%(n)s sign-offs without a sign-on are not counted", unknown,
        )  # fmt: skip
        remarks = (text % {"n": unknown},)
    return Figure.of(ratio, len(bookings) - unknown, remarks=remarks)


def _per_operation(bookings: tuple[Labour | None, ...], _ask: Ask) -> Figure:
    return _labour_figure(labour_per_operation(one for one in bookings if one is not None), bookings)


def _rework(bookings: tuple[Labour | None, ...], _ask: Ask) -> Figure:
    known = [one for one in bookings if one is not None]
    return _labour_figure(rework_labour_percent(known), bookings)


def _behind_labour(ask: Ask) -> list[int]:
    bookings = [one for one in _bookings(ask) if one.labour is not None and narrowed(ask, one.off.parts(ask))]
    return _in_order([(one.on, one.off) for one in bookings])


# --- orders ---


class _Stay(NamedTuple):
    """An order that left in the period; `start` is its first start, if there is one."""

    end: Event
    start: _Begin | None


def _stays(ask: Ask) -> Iterator[_Stay]:
    ends = [event for event in events_at_hand(ask, ["order_end"]) if event.said.get("complete", True)]
    if not ends:
        return
    first_us, last_us = ends[0].t_us, ends[-1].t_us
    left = orders_left(ask.place.everyone, first_us, max(ask.now_us, last_us + 1))
    last = {left[event.said["order"]].lsn for event in ends}
    starts = _first_starts(ask, first_us - _LONGEST_STAY_US, last_us)
    for event in ends:
        if event.lsn in last:
            yield _Stay(event, starts.get(event.said["order"]))


def _first_starts(ask: Ask, since_us: int, until_us: int) -> dict[str, _Begin]:
    rows = FactEvent.objects.filter(
        asset__in=ask.place.everyone, kind="order_start", t_us__gte=since_us, t_us__lte=until_us
    )
    found: dict[str, _Begin] = {}
    for t_us, body, lsn in rows.order_by("t_us", "lsn").values_list("t_us", "body", "lsn"):
        found.setdefault(msgspec.json.decode(body)["order"], _Begin(t_us, lsn))
    return found


_Span = tuple[int, int] | None


def _lead_elements(ask: Ask) -> Mapping[Key, tuple[_Span, ...]]:
    return grouped(
        ask,
        [
            Counted((one.start.t_us, one.end.t_us) if one.start else None, one.end.parts(ask))
            for one in _stays(ask)
        ],
    )


def _lead_time(spans: tuple[_Span, ...], _ask: Ask) -> Figure:
    known = [span for span in spans if span is not None]
    remarks: tuple[str, ...] = ()
    if unknown := len(spans) - len(known):
        text = ngettext(
            "%(n)s order without a start is not counted",
            "%(n)s orders without a start are not counted",
            unknown,
        )
        remarks = (text % {"n": unknown},)
    return Figure.of(order_lead_time(known), len(known), remarks=remarks)


def _behind_lead_time(ask: Ask) -> list[int]:
    stays = [one for one in _stays(ask) if one.start and narrowed(ask, one.end.parts(ask))]
    return _in_order([(one.start, one.end) for one in stays])


def declare_labour_measures() -> None:
    """Put the measures over labour and the stay of orders into the catalogue."""
    lower, labour = Direction.lower_is_better, time_of(gettext_lazy("of labour"))
    places = frozenset({Cut.line, Cut.machine, Cut.shift, Cut.day, Cut.order})
    kinds = frozenset({"operator_on", "operator_off"})
    declare(
        Measure(
            MeasureCode.labour_per_operation, str(Unit.hours), lower,
            "site practice, over the actual personnel work time of ISO 22400-2", "labour_per_operation",
            places, _labour, _per_operation, kinds, behind=_behind_labour,
            divides=(labour, things_of(gettext_lazy("bookings of labour"))),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.rework_labour_percent, str(Unit.percent), lower,
            "site practice, an internal failure cost of quality", "rework_labour_percent",
            places, _labour, _rework, kinds, behind=_behind_labour,
            divides=(time_of(gettext_lazy("of labour for rework")), labour),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.order_lead_time, str(Unit.hours), lower,
            "after the actual order execution time of ISO 22400-2", "order_lead_time",
            places, _lead_elements, _lead_time, frozenset({"order_start", "order_end"}),
            behind=_behind_lead_time,
            divides=(
                time_of(gettext_lazy("from first start to last end")),
                things_of(gettext_lazy("orders finished")),
            ),
        )
    )  # fmt: skip
