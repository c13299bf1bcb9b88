"""Repair of a schedule after a breakdown, a rush order, an absence, late material or actual times.

>>> from plantbeat.engine.schedule import Moves, ProblemBuilder, reschedule, solve
>>> from plantbeat.engine.schedule.repair import Breakdown
>>> shop = ProblemBuilder()
>>> shop.work_centre("cut")
>>> for machine in ("M1", "M2"):
...     shop.machine(machine, "cut")
>>> for order, due in (("118", 60), ("119", 60), ("120", 120)):
...     shop.order(order, due=due)
...     shop.operation(order, "cut", minutes=60)
>>> problem = shop.build()
>>> plan = solve(problem, budget=Moves(100))
>>> broken = Breakdown(machine=int(plan.machine[2]), begin=60, end=300)
>>> after = reschedule(problem, plan, [broken], now=60, budget=Moves(100))
>>> after.right_shift.schedule.tardiness.tolist(), after.least_lateness.schedule.tardiness.tolist()
([0, 0, 240], [0, 0, 0])
>>> after.least_lateness.difference.changed_machine
(2,)
"""

from plantbeat.engine.schedule.repair.difference import Difference, PromiseMoved, Stability
from plantbeat.engine.schedule.repair.events import (
    Absent,
    ActualTimes,
    Breakdown,
    Event,
    Hold,
    LateMaterial,
    RushOrder,
)
from plantbeat.engine.schedule.repair.rescheduling import Option, Rescheduling, reschedule

__all__ = [
    "Absent",
    "ActualTimes",
    "Breakdown",
    "Difference",
    "Event",
    "Hold",
    "LateMaterial",
    "Option",
    "PromiseMoved",
    "Rescheduling",
    "RushOrder",
    "Stability",
    "reschedule",
]
