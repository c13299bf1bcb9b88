"""What an item is made of over all levels, and where it is used: panels of its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.engine.mrp import (
    Bill,
    BillCircleError,
    BillLine,
    Bills,
    MaterialCost,
    Node,
    material_cost,
    structure,
    where_used,
)
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.questions import lines_of
from plantbeat.surfaces.addresses import address_of

SHOWN = 500
GROUPED_FROM = 10_000


@dataclass(frozen=True, slots=True)
class Panel:
    """Rows of a tree for the page of an item, or the fault that keeps it from being one."""

    template: str
    title: str
    heading: str
    rows: list[dict[str, Any]]
    cost: MaterialCost | None = None
    currency: str = ""
    fault: str = ""
    left_out: int = 0

    @property
    def amount(self) -> float | None:
        """Rolled-up material cost per unit."""
        return float(self.cost.amount) if self.cost is not None else None


def site_bills(site_id: int, by: Actor) -> Bills:
    """The bills of a site by item code, as the engine takes them."""
    from plantbeat.areas.plant.records.bill_of_materials import Component

    lines: dict[str, list[BillLine]] = {}
    batches: dict[str, Fraction] = {}
    rows = lines_of(Component, by).filter(bill__site=site_id).select_related("bill__item", "item")
    for row in rows.order_by("bill__item__code", "item__code", "valid_from"):
        code = row.bill.item.code
        batches[code] = Fraction(row.bill.batch)
        quantity, scrap = Fraction(row.quantity), Fraction(row.scrap_percent) / 100
        lines.setdefault(code, []).append(
            BillLine(row.item.code, quantity, scrap, row.valid_from, row.valid_to)
        )
    return {code: Bill(code, tuple(own), batches[code]) for code, own in lines.items()}


def structure_panel(item: Any, by: Actor) -> Panel | None:
    """Components of an item over all levels with rolled-up material cost; None for an item without a bill."""
    from plantbeat.areas.plant.records.item import Item

    bills = site_bills(item.site_id, by)
    if item.code not in bills:
        return None
    title = _("Made of, all levels")
    today = _today(item)
    costs = visible(Item, by).filter(site=item.site).values_list("code", "standard_cost")
    known = {code: Fraction(cost) for code, cost in costs if cost is not None}
    try:
        nodes = structure(bills, item.code, today)
        cost = material_cost(bills, known, item.code, today)
    except BillCircleError as circle:
        return _faulty(title, circle)
    heading = _("Per %(unit)s") % {"unit": item.unit}
    return _panel(title, heading, nodes, item, by, cost)


def where_used_panel(item: Any, by: Actor) -> Panel | None:
    """Items that contain an item, over all levels; None where it is in none."""
    title = _("Where used")
    try:
        nodes = where_used(site_bills(item.site_id, by), item.code, _today(item))
    except BillCircleError as circle:
        return _faulty(title, circle)
    heading = _("%(unit)s of %(code)s in one of these") % {"unit": item.unit, "code": item.code}
    return _panel(title, heading, nodes, item, by) if nodes else None


def _today(item: Any) -> date:
    return clock.now().astimezone(ZoneInfo(item.site.zone)).date()


def _faulty(title: str, circle: BillCircleError) -> Panel:
    said = _("The bills run in a circle: %(way)s. Take one of these components out.") % {"way": circle}
    return Panel("plant/_bill_tree.html", title, "", [], fault=said)


def _panel(
    title: str, heading: str, nodes: list[Node], item: Any, by: Actor, cost: MaterialCost | None = None
) -> Panel:
    from plantbeat.areas.plant.records.item import Item

    shown = nodes[:SHOWN]
    wanted = {node.item for node in shown}
    items = {one.code: one for one in visible(Item, by).filter(site=item.site, code__in=wanted)}
    rows = [
        {
            "level": node.level,
            "item": items[node.item],
            "link": address_of(items[node.item]),
            "quantity": float(node.quantity),
            "text": _shown(node.quantity),
            "unit": item.unit if cost is None else items[node.item].unit,
        }
        for node in shown
        if node.item in items
    ]
    left_out = len(nodes) - len(shown)
    return Panel("plant/_bill_tree.html", title, heading, rows, cost, item.site.currency, left_out=left_out)


def _shown(quantity: Fraction) -> str:
    """A quantity to six decimals, those at the end that say nothing left out."""
    whole = Decimal(quantity.numerator) / Decimal(quantity.denominator)
    return str(number_format(f"{round(whole, 6).normalize():f}", force_grouping=whole >= GROUPED_FROM))
