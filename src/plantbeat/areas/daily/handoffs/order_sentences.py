"""What planning has to say at the end of a shift: orders, the first hour, stops to come."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.situation import MINUTE_US, Situation
from plantbeat.areas.daily.handoffs.wording import Joined, Number, Said, Value
from plantbeat.areas.daily.records.handoff import ItemKind
from plantbeat.areas.planning import questions as planning
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import visible
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address, address_of

if TYPE_CHECKING:
    from plantbeat.areas.planning.records.schedule import Schedule

ORDERS_SHOWN = 5
HOUR_US = 60 * MINUTE_US


def held_orders(now: Situation) -> None:
    """Orders on hold: what was begun must not go on, or out, by mistake."""
    for order in now.at_site.held_orders:
        values: dict[str, Value] = {"order": order.number, "item": order.item.code}
        text = Said(_("%(order)s (%(item)s) is on hold."), values)
        now.say(f"held:{order.number}", ItemKind.hold, text, order.number, address_of(order), unsafe=True)


def running_orders(now: Situation) -> None:
    """What each line was on at the end, and what comes after it."""
    numbers = {line.order for line in now.at_site.lines if line.order and line.code in now.lines}
    orders = {
        order.number: order for order in planning.open_orders(now.site, now.by).filter(number__in=numbers)
    }
    for line in now.at_site.lines:
        if line.code not in now.lines or not line.order:
            continue
        values: dict[str, Value] = {"line": line.code, "order": line.order, "item": line.item or "–"}
        parts: list[Value] = [Said(_("%(line)s is on %(order)s (%(item)s)"), values)]
        if line.next_order:
            parts.append(Said(_("next is %(next)s"), {"next": line.next_order}))
        opens = address_of(orders[line.order]) if line.order in orders else now.line_address(line.code)
        now.say(f"order:{line.code}", ItemKind.order, Joined(parts, "; ", "."), line.order, opens)


def late_orders(now: Situation) -> None:
    """Orders past due that are made in this area, the oldest first, and how many more there are."""
    made_here = _orders_made_here(now, now.at_site.schedule)
    at = clock.from_us(now.until_us)
    past = [
        order
        for order in planning.open_orders(now.site, now.by).filter(due__lt=at)
        if made_here is None or order.pk in made_here
    ]
    for order in past[:ORDERS_SHOWN]:
        text = Said(_("%(order)s (%(item)s) is late: due %(due)s."), {
            "order": order.number, "item": order.item.code, "due": now.time(clock.to_us(order.due)),
        })  # fmt: skip
        now.say(f"late:{order.number}", ItemKind.order, text, order.number, address_of(order))
    if len(past) > ORDERS_SHOWN:
        more = Said(_("%(n)s more orders are late."), {"n": Number(len(past) - ORDERS_SHOWN)})
        until = clock.from_us(now.until_us).astimezone(now.zone).date().isoformat()
        opens = f"{address(registry.record('planning.WorkOrder'))}?due_to={until}&sort=due"
        now.say("late:more", ItemKind.order, more, Said(_("list of work orders")), opens)


def _orders_made_here(now: Situation, schedule: Schedule | None) -> set[int] | None:
    """Orders with an operation on these lines, by the schedule in force; None without one."""
    if schedule is None:
        return None
    rows = schedule.planned.filter(machine__line__code__in=list(now.lines))
    return set(rows.values_list("order_id", flat=True))


def first_hour(now: Situation) -> None:
    """What the first hour of the next shift should bring on each line, by the schedule in force."""
    start_us, schedule = now.boundary.next_start_us, now.at_site.schedule
    if start_us is None or schedule is None:
        return
    for code in now.lines:
        pieces: dict[str, Decimal] = defaultdict(Decimal)
        orders: dict[str, Record] = {}
        units: dict[str, str] = {}
        for hour in planning.planned_hours(schedule, code, start_us, start_us + HOUR_US):
            named = f"{hour.order.number} ({hour.order.item.code})"
            pieces[named] = max(pieces[named], hour.quantity)
            orders[named], units[named] = hour.order, hour.order.item.unit
        for named, quantity in pieces.items():
            text = Said(_("%(line)s in its first hour from %(at)s: %(n)s %(unit)s of %(order)s."), {
                "line": code, "at": now.time(start_us), "n": Number(int(quantity)),
                "unit": units[named], "order": named,
            })  # fmt: skip
            source = Said(_("schedule %(version)s"), {"version": schedule.number})
            now.say(f"first:{code}:{named}", ItemKind.first_hour, text, source, address_of(orders[named]))


def planned_stops(now: Situation) -> None:
    """Planned stops of these lines until the end of the shift that takes over."""
    until_us = now.boundary.next_end_us or now.boundary.at_us + 8 * HOUR_US
    lines = list(now.lines)
    place = (
        Q(line__code__in=lines) | Q(machine__line__code__in=lines) | Q(area__code=now.boundary.area)
        | Q(line=None, machine=None, area=None)
    )  # fmt: skip
    rows = visible(PlannedStop, now.by).filter(
        place, site=now.site, starts__lt=clock.from_us(until_us), ends__gt=clock.from_us(now.boundary.at_us)
    )
    for row in rows.select_related("area", "line", "machine").order_by("starts", "pk"):
        where = next(
            (one.code for one in (row.machine, row.line, row.area) if one is not None), now.site.code
        )
        text = Said(_("%(place)s stands by plan from %(from)s to %(to)s: %(what)s."), {
            "place": where, "what": row.purpose,
            "from": now.time(clock.to_us(row.starts)), "to": now.time(clock.to_us(row.ends)),
        })  # fmt: skip
        now.say(f"planned:{row.number}", ItemKind.planned_stop, text, row.number, address_of(row))
