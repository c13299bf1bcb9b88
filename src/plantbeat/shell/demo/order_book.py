"""Work orders of the demo plant: those that were made, those that wait, and the schedule over them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel import clock, outbox
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.writing import writing
from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.campaigns import STANDARD, order_quantity, products_of
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, Told

BY = Actor.system("demo plant")
BOOKED_DAYS = 14
LOAD_H = {"SMALL": 365.0, "LARGE": 185.0, "TURN": 65.0, "MILL": 45.0}
"""Working content of the orders booked per week, by work centre: somewhat less than it can do."""
SEARCH_S = 3
UNFINISHED_US = 48 * HOUR_US
"""How long after its begin an order that is still being made is expected to be done, at the latest."""
WAITING = (WorkOrder.State.planned, WorkOrder.State.firm)


@dataclass(slots=True)
class PastOrder:
    """An order as the facts tell it; `end_us` None while it is being made."""

    line: str
    number: str
    item: str
    quantity: int
    start_us: int
    end_us: int | None = None


def orders_in(told: Iterable[Told]) -> list[PastOrder]:
    """Orders begun in a stretch of facts, in the order they were begun."""
    found: dict[str, PastOrder] = {}
    for one in told:
        body = one.body
        if one.kind == "order_start":
            number = str(body["order"])
            made = str(body["item"]), int(str(body["quantity"]))
            found[number] = PastOrder(one.asset, number, *made, one.t_us)
        elif one.kind == "order_end" and body["order"] in found:
            found[str(body["order"])].end_us = one.t_us
    return sorted(found.values(), key=lambda order: order.start_us)


def record_past_orders(site: Site, orders: Iterable[PastOrder], seed: str) -> int:
    """Record orders that were made, each step at the time it was taken; how many were new."""
    items = {item.code: item for item in visible(Item, BY).filter(site=site)}
    known = set(visible(WorkOrder, BY).filter(site=site).values_list("number", flat=True))
    new = [order for order in orders if order.number not in known]
    for order in new:
        chance = Chance.of(seed, "order", order.number)
        ends_us = order.end_us or order.start_us + UNFINISHED_US
        row = {
            "site": site, "number": order.number, "item": items[order.item], "quantity": order.quantity,
            "due": clock.from_us(ends_us + round((10 + 9 * chance.normal()) * HOUR_US)),
            "customer": _customer(chance),
        }  # fmt: skip
        with writing():
            _made(row, order, chance)
    return len(new)


def _made(row: dict[str, Any], order: PastOrder, chance: Chance) -> None:
    with clock.at(order.start_us - chance.between(3, 9) * DAY_US):
        record = act(WorkOrder, "create", BY, row)
    with clock.at(order.start_us - chance.between(20, 60) * HOUR_US):
        record = act(record, "release", BY)
    with clock.at(order.start_us):
        record = act(record, "start", BY)
    if order.end_us is not None:
        with clock.at(order.end_us):
            act(record, "complete", BY)


def number_orders_after(site: Site, number: int) -> None:
    """Orders made from now on get numbers beyond this one."""
    outbox.next_numbers(f"{site.pk}:{WorkOrder.type_code()}", 0, taken=number)


def book_orders(site: Site, at_us: int, seed: str) -> int:
    """Book orders so that each work centre has two weeks of work waiting; how many were booked."""
    items = {item.code: item for item in visible(Item, BY).filter(site=site)}
    waiting = _waiting_h(site)
    rows: list[dict[str, Any]] = []
    for centre, week_h in LOAD_H.items():
        chance, booked_h = Chance.of(seed, "booking", centre, at_us), waiting.get(centre, 0.0)
        wanted_h = week_h * BOOKED_DAYS / 7
        while booked_h < wanted_h:
            product = chance.one_of([(product, 1.0) for product in products_of(centre)])
            quantity = order_quantity(product, chance)
            booked_h += quantity * product.cycle_s * STANDARD / 3600
            in_days = booked_h / wanted_h * BOOKED_DAYS + 1.2 + 1.1 * chance.normal()
            rows.append(
                {
                    "site": site,
                    "item": items[product.code],
                    "quantity": quantity,
                    "due": _pick_up(at_us + round(max(in_days, 0.6) * DAY_US), site),
                    "weight": chance.one_of([(1, 6.0), (2, 2.0), (5, 1.0)]),
                    "customer": _customer(chance),
                }
            )
    rows.sort(key=lambda row: row["due"])
    for record in act_many(WorkOrder, "create", BY, rows):
        if record.due <= clock.from_us(at_us) + timedelta(days=BOOKED_DAYS * 0.6):
            act(record, "release", BY)
    return len(rows)


def schedule_orders(site: Site) -> Schedule:
    """Solve and publish a schedule of what waits, in this process."""
    schedule = act(Schedule, "create", BY, {"site": site, "seconds": SEARCH_S})
    solve_schedule(schedule.pk)
    schedule.refresh_from_db()
    return act(schedule, "publish", BY) if schedule.state == Schedule.State.draft else schedule


def _waiting_h(site: Site) -> dict[str, float]:
    """Working content of the orders that nobody has begun, by work centre."""
    products = {product.code: product for product in (*catalogue.PRODUCTS, *catalogue.PARTS)}
    found: dict[str, float] = {}
    rows = visible(WorkOrder, BY).filter(site=site, state__in=[str(state) for state in WAITING])
    for code, quantity in rows.values_list("item__code", "quantity"):
        if product := products.get(code):
            hours = float(quantity) * product.cycle_s * STANDARD / 3600
            found[product.centre] = found.get(product.centre, 0.0) + hours
    return found


def _customer(chance: Chance) -> str:
    return chance.one_of([(customer, 1.0) for customer in catalogue.CUSTOMERS])


def _pick_up(at_us: int, site: Site) -> datetime:
    """The next time a lorry calls: 06:00 or 14:00 of a working day."""
    zone = ZoneInfo(site.zone)
    local = clock.from_us(at_us).astimezone(zone)
    hour = 6 if local.hour < 6 else 14
    due = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if due < local:
        due = due.replace(hour=6) + timedelta(days=1)
    while due.weekday() >= 5:
        due += timedelta(days=1)
    return due
