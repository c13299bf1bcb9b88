"""Orders of the running demo plant: which one a line takes next, and what becomes of its record."""

from __future__ import annotations

import logging

from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.questions import latest_schedule, schedule_in_force
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.shell.demo import catalogue, order_book
from plantbeat.shell.demo.campaigns import centre_of, order_quantity, products_of
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, Job
from plantbeat.shell.demo.outbox import OrderStep

logger = logging.getLogger("plantbeat.demo")

BY = Actor.system("demo plant")
POOLS = {"CNC2": ("CNC2", "CNC1"), "CNC3": ("CNC3", "CNC1"), "CNC5": ("CNC5", "CNC4")}
"""Machines whose planned work a machine takes; the replayed ones get no orders of their own."""
PLAN_EVERY_US = DAY_US
SEARCH_S = 5


class PlannedJobs:
    """Orders for one line: what the published schedule has next, else any that waits, else a new one.

    `taken` are orders that a line has begun and whose record does not say so yet; all lines share it.
    """

    def __init__(self, site: Site, line: str, taken: set[str]) -> None:
        self.site, self.line, self.taken = site, line, taken
        self.centre = centre_of(line)
        self.machines = POOLS.get(line, (f"{line}-{catalogue.BOTTLENECK}",))
        self.products = {product.code: product for product in products_of(self.centre)}

    def next_job(self, at_us: int) -> Job:
        """The next order, released if nobody has done that."""
        with clock.at(at_us):
            order = self._planned() or self._waiting() or self._new(at_us)
            if order.state == WorkOrder.State.planned:
                order = act(order, "release", BY)
        self.taken.add(order.number)
        product = self.products[order.item.code]
        return Job(order.number, product.code, product.family, int(order.quantity), product.cycle_s)

    def _planned(self) -> WorkOrder | None:
        schedule = schedule_in_force(self.site, BY)
        if schedule is None:
            return None
        states = [str(state) for state in order_book.WAITING]
        rows = schedule.planned.filter(machine__code__in=self.machines, order__state__in=states)
        rows = rows.exclude(order__number__in=self.taken).select_related("order__item")
        own = rows.filter(machine__code=self.machines[0]).order_by("start_us").first()
        found = own or rows.order_by("start_us").first()
        return found.order if found is not None else None

    def _waiting(self) -> WorkOrder | None:
        states = [str(state) for state in order_book.WAITING]
        rows = visible(WorkOrder, BY).filter(site=self.site, state__in=states, item__code__in=self.products)
        return rows.exclude(number__in=self.taken).select_related("item").order_by("due", "pk").first()

    def _new(self, at_us: int) -> WorkOrder:
        chance = Chance.of("new order", self.line, at_us)
        product = chance.one_of([(product, 1.0) for product in self.products.values()])
        item = visible(Item, BY).get(site=self.site, code=product.code)
        row = {"site": self.site, "item": item, "quantity": order_quantity(product, chance)}
        return act(WorkOrder, "create", BY, {**row, "due": clock.from_us(at_us + 2 * DAY_US)})


def record_step(site: Site, step: OrderStep) -> None:
    """Record a step of an order at the time it was told; one that somebody has taken already stays so."""
    order = visible(WorkOrder, BY).filter(site=site, number=step.order).first()
    if order is None:
        return
    try:
        with clock.at(step.t_us):
            act(order, step.verb, BY)
    except Refused as refused:
        logger.info("order %s: %s", step.order, refused)


class Planner:
    """Books orders and has a new schedule made once a day; publishes it when it is there."""

    def __init__(self, site: Site, seed: str) -> None:
        self.site, self.seed = site, seed
        self.asked: int | None = None
        latest = latest_schedule(site, BY)
        self.due_us = (latest.solved_us or 0) + PLAN_EVERY_US if latest is not None else 0

    def tend(self) -> None:
        """Do what is due now."""
        if self.asked is not None:
            self._publish(self.asked)
        elif clock.now_us() >= self.due_us:
            self.due_us = clock.now_us() + PLAN_EVERY_US
            order_book.book_orders(self.site, clock.now_us(), self.seed)
            self.asked = ask_for_schedule(self.site, BY, SEARCH_S).pk

    def _publish(self, pk: int) -> None:
        schedule = visible(Schedule, BY).filter(pk=pk).first()
        if schedule is not None and schedule.state == Schedule.State.solving:
            return
        self.asked = None
        if schedule is not None and schedule.state == Schedule.State.draft:
            act(schedule, "publish", BY)
