"""A plan made from an orders workbook: the schedule, checked, and everything people are told about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plantbeat.shell.workbooks.cells import CellFault
from plantbeat.shell.workbooks.orders_problem import OrdersProblem, orders_problem, plan_origin_us
from plantbeat.shell.workbooks.orders_reading import OrdersInputs
from plantbeat.shell.workbooks.sheets_reading import WorkbookRefusedError

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Schedule

HORIZON_DAYS = (364, 1092, 3640)
"""Lengths of the calendars that are tried until every order finds room."""


class PlanNotValidError(RuntimeError):
    """The engine's schedule breaks a rule; nobody is to work by it."""


@dataclass
class OrdersPlan:
    """The schedule of a workbook's sound orders."""

    made: OrdersProblem
    schedule: Schedule

    def as_json(self) -> dict[str, Any]:
        """Summary of the plan; objective and bound in weighted minutes, gap from 0 to 1, times in seconds."""
        s = self.schedule
        return {
            "objective": s.objective,
            "bound": s.bound,
            "gap": round(s.gap, 6),
            "first_s": round(s.first_s, 4),
            "status": s.status,
            "moves": s.moves,
            "scheduled": self.made.problem.orders,
            "late": len(s.late_orders),
            "not_scheduled": not_scheduled_as_json(self.made.not_scheduled),
            "remarks": [remark_as_json(fault) for fault in self.made.remarks],
            "plan_start": self.shown(0).isoformat(),
        }

    def shown(self, minute: int) -> datetime:
        """A minute of the plan in the site's zone."""
        return datetime.fromtimestamp(self.made.origin_us / 1_000_000 + 60 * int(minute), self.made.zone)


def remark_as_json(fault: CellFault) -> dict[str, Any]:
    """A remark with its weight: a warning, or a fault that leaves something out."""
    return {**fault.as_dict(), "severity": fault.severity}


def not_scheduled_as_json(left_out: dict[str, list[CellFault]]) -> list[dict[str, Any]]:
    """One entry per order and fault."""
    return [{"order": order, **fault.as_dict()} for order, faults in left_out.items() for fault in faults]


def plan_orders(
    inputs: OrdersInputs,
    faults: list[CellFault],
    *,
    now: datetime,
    seconds: float = 10.0,
    seed: int = 0,
    workers: int | None = None,
) -> OrdersPlan:
    """Schedule the orders of a workbook; what has a fault is left out and said.

    `now` (aware) is the plan's start where neither the workbook nor a release gives one. The schedule has
    passed the independent check. Raises WorkbookRefusedError when nothing can be scheduled at all.
    """
    from plantbeat.engine.schedule import HorizonTooShortError, check, solve

    origin_us = plan_origin_us(inputs, now)
    for days in HORIZON_DAYS:
        made, longest = orders_problem(inputs, faults, origin_us, days), days == HORIZON_DAYS[-1]
        if made.out_of_room and not longest:
            continue
        try:
            schedule = solve(made.problem, budget=seconds, seed=seed, workers=workers)
        except HorizonTooShortError as error:
            if longest:
                raise WorkbookRefusedError(f"the plan is longer than {days // 364} years: {error}") from error
            continue
        break
    if violations := check(made.problem, schedule):
        raise PlanNotValidError(f"the schedule did not pass its check and is not shown: {violations[0]}")
    return OrdersPlan(made, schedule)
