"""Which product a line makes next, and how much of it: orders for the past, sizes for those to come."""

from __future__ import annotations

from collections.abc import Sequence

from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.catalogue import Product
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import HOUR_US, Job, LinePlan, Open

STANDARD = 1.15
"""Routing time of a piece over its ideal time."""
ORDER_H = {"SMALL": 9.5, "LARGE": 9.5, "TURN": 11.0, "MILL": 13.0}
"""Median working content of an order at the standard rate."""
PACK = {"SMALL": 100, "LARGE": 20, "TURN": 5, "MILL": 1}
NO_ORDER = 0.03
"""Share of changeovers after which nothing is there to be made for a while."""
SHORTEST_H = 1.5


def products_of(centre: str) -> list[Product]:
    """What is made at a work centre."""
    return [product for product in (*catalogue.PRODUCTS, *catalogue.PARTS) if product.centre == centre]


def centre_of(code: str) -> str:
    """Work centre of a filling line or a machine."""
    machines = {machine: centre for machine, _name, centre in catalogue.MACHINING}
    return catalogue.CENTRE_OF_LINE.get(code) or machines[code]


def order_quantity(product: Product, chance: Chance, most_h: float = 30.0) -> int:
    """Pieces of an order of usual size, in whole packs; `most_h` hours of work at most."""
    hours = min(chance.around(ORDER_H[product.centre], 0.4), most_h)
    pack = PACK[product.centre]
    return max(1, round(hours * 3600 / (product.cycle_s * STANDARD) / pack)) * pack


class PastOrders:
    """Orders of one line from the begin of a stretch of history; `end_us` None if the line goes on after it.

    Numbers are the same for the same line and stretch, and no two stretches or lines share one.
    """

    def __init__(self, plan: LinePlan, begin_us: int, end_us: int | None, first_number: int) -> None:
        self.plan, self.end_us, self.number = plan, end_us, first_number
        self.chance = Chance.of(plan.seed, plan.line, "orders", begin_us)
        self.products: Sequence[Product] = products_of(centre_of(plan.line))

    def next_job(self, at_us: int) -> Job | None:
        """The next order; none now and then, and none that could not be done in what is left."""
        most_h = 30.0
        if self.end_us is not None:
            most_h = self._open_us(at_us, self.end_us) / HOUR_US / STANDARD - 1.0
        if most_h < SHORTEST_H or self.chance.happens(NO_ORDER):
            return None
        product = self.chance.one_of([(product, 1.0) for product in self.products])
        quantity = order_quantity(product, self.chance, most_h * 0.6 if most_h < 24 else most_h)
        order, self.number = f"WO-{self.number:06d}", self.number + 1
        return Job(order, product.code, product.family, quantity, product.cycle_s)

    def _open_us(self, from_us: int, until_us: int) -> int:
        at_us, total = from_us, 0
        while at_us < until_us:
            period = self.plan.period_at(at_us)
            end_us = min(period.end_us, until_us)
            total += end_us - at_us if period.kind is Open.work else 0
            at_us = end_us
        return total
