"""Measures over the records of other areas, asked through their questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.planning.questions import DueOrder, orders_due
from plantbeat.engine.kpi.delivery import DeliveryRules, OrderLine, Shipment, delivery
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, grouped, narrowed
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import things_of
from plantbeat.facts.views.readings import Departure, orders_left
from plantbeat.kernel import clock

_AROUND = timedelta(days=120)
"""How long before its due date and after it an order may have left its last machine."""


def _due(ask: Ask) -> list[DueOrder]:
    """Orders due in the period, on local days of the site."""
    first_us = ask.rules.midnight_us(ask.period.first)
    end_us = ask.rules.midnight_us(ask.period.last + timedelta(days=1))
    if ask.scope.level != AssetLevel.site:
        return []
    return orders_due(ask.rules.site_id, clock.from_us(first_us), clock.from_us(end_us), ask.by)


def _left(ask: Ask, orders: list[DueOrder]) -> dict[str, Departure]:
    """When each order last left an asset complete; one query over the kept facts."""
    if not orders:
        return {}
    since_us = clock.to_us(min(order.due for order in orders) - _AROUND)
    until_us = clock.to_us(max(order.due for order in orders) + _AROUND)
    return orders_left(ask.place.everyone, since_us, until_us)


def _lines(ask: Ask) -> Mapping[Key, tuple[OrderLine, ...]]:
    """Orders as delivery takes them: done when they left their last asset complete.

    An order that planning has seen begin is closed only when planning says so; one that it has not is closed
    by the facts alone.
    """
    orders = _due(ask)
    left, zone = _left(ask, orders), ask.rules.zone
    counted = []
    for order in orders:
        day, gone = order.due.astimezone(zone).date(), left.get(order.number)
        done = gone.at if gone is not None else None
        closed = order.is_completed or (done is not None and not order.is_begun)
        shipped = (Shipment(done.astimezone(zone).date(), order.quantity),) if done is not None else ()
        line = OrderLine(order.number, order.quantity, day, day, day, shipped, closed, order.is_cancelled)
        counted.append(Counted(line, _parts(ask, order)))
    return grouped(ask, counted)


def _parts(ask: Ask, order: DueOrder) -> dict[Cut, Key]:
    day = order.due.astimezone(ask.rules.zone).date()
    return {Cut.product: order.item, Cut.day: day.isoformat(), Cut.order: order.number}


def _otd(lines: tuple[OrderLine, ...], ask: Ask) -> Figure:
    as_of = ask.rules.day_at(ask.now_us)
    result = delivery(lines, ask.period.first, ask.period.last, as_of, DeliveryRules())
    remarks = [_("completion against the due date of the order")]
    if result.not_yet_due:
        remarks.append(_("%(n)s not yet due") % {"n": result.not_yet_due})
    missing = ""
    if not result.otd.denominator:
        whole = ask.scope.level == AssetLevel.site
        missing = _("no order was due") if whole else _("orders are judged for the whole site only")
    return Figure.of(result.otd, result.otd.denominator, missing=missing, remarks=tuple(remarks))


def _narrowed(ask: Ask) -> list[DueOrder]:
    return [order for order in _due(ask) if narrowed(ask, _parts(ask, order))]


def _opened(ask: Ask) -> list[str]:
    return [order.reference for order in _narrowed(ask)]


def _behind(ask: Ask) -> list[int]:
    """The facts that say when the orders were done."""
    orders = _narrowed(ask)
    left = _left(ask, orders)
    known = [left[order.number] for order in orders if order.number in left]
    return [one.lsn for one in sorted(known, key=lambda one: (one.at, one.lsn))]


def declare_record_measures() -> None:
    """Put the measures over records into the catalogue."""
    declare(
        Measure(
            MeasureCode.otd, str(Unit.percent), Direction.higher_is_better,
            "SCOR RL.2.2, delivery to commit date", "otd", frozenset({Cut.product, Cut.order, Cut.day}),
            _lines, _otd, frozenset({"order_end"}), opens=_opened, behind=_behind,
            divides=(things_of(gettext_lazy("orders done in time")), things_of(gettext_lazy("orders due"))),
        )
    )  # fmt: skip
