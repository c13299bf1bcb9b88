"""A problem written down by name, as in a notebook; `build` turns it into flat rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plantbeat.engine.calendars.worktime import FOREVER, NEVER, merged
from plantbeat.engine.schedule.builder_needs import Link, NamedUnit, Need
from plantbeat.engine.schedule.builder_rows import (
    ANY,
    ENDLESS,
    NamedCentre,
    NamedMachine,
    NamedOperation,
    NamedOrder,
    NamedShop,
    problem_of,
)
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Fault, Problem, ProblemError


class ProblemBuilder:
    """Collects calendars, work centres, machines, orders and operations by name, in any order.

    `origin_us` says where minute 0 lies (microseconds UTC). Nothing is checked before `build`, which names
    every fault at once.
    """

    def __init__(self, objective: Objective | None = None, origin_us: int = 0) -> None:
        self._objective, self._origin_us = objective or Objective(), origin_us
        self._shop = NamedShop()
        self._faults: list[Fault] = []

    def calendar(self, name: str, intervals: Sequence[tuple[int, int]], *, open_after: bool = False) -> None:
        """Open intervals (opening, closing minute); after the last one closed for good, or open if
        `open_after`.
        """
        spans = merged(intervals)
        if open_after:
            spans = merged([*spans, (spans[-1][1] if spans else 0, FOREVER)])
        self._once(self._shop.calendars, "calendar", name)
        self._shop.calendars[name] = spans

    def work_centre(
        self, name: str, *, setups: Mapping[tuple[str, str], int] | None = None, families: Sequence[str] = ()
    ) -> None:
        """A work centre and its set-up minutes by (family before, family after).

        "*" stands for any other family; the exact pair goes first, then (before, *), (*, after), (*, *).
        Pairs that nothing names take 0 minutes. Families that appear in no pair are given in `families`.
        """
        pairs = dict(setups or {})
        known = dict.fromkeys([*families, *(family for pair in pairs for family in pair if family != ANY)])
        self._once(self._shop.centres, "work centre", name)
        self._shop.centres[name] = NamedCentre(list(known), pairs)

    def machine(
        self,
        name: str,
        work_centre: str,
        *,
        calendar: str | None = None,
        family: str | None = None,
        line: str | None = None,
    ) -> None:
        """A machine of a work centre; without a calendar it never closes; `family` is what it is set up for
        now, `line` the flow line without passing it belongs to.
        """
        self._once(self._shop.machines, "machine", name)
        self._shop.machines[name] = NamedMachine(work_centre, calendar or ENDLESS, family, line)

    def skill(self, name: str) -> None:
        """A skill or a kind of tool, before anybody has it; without, those of people and tools are enough."""
        self._shop.skills[name] = None

    def operator(self, name: str, *, skills: Sequence[str], calendar: str | None = None) -> None:
        """A person: present in a calendar (without one always), able to stand for each of the skills."""
        self._unit(name, tuple(skills), calendar)

    def crew(self, skill: str, count: int, *, calendar: str | None = None) -> None:
        """`count` posts of a skill that are manned in a calendar, whoever mans them.

        Called again with another calendar, the skill has those posts too: three by day and two at night are
        two posts that are always manned and one that is manned by day.
        """
        have = len(self._shop.pools.get(skill, ()))
        for number in range(have + 1, have + count + 1):
            self._unit(f"{skill} {number}", (skill,), calendar)

    def tool(self, name: str, *, copies: int = 1, calendar: str | None = None) -> None:
        """A tool, fixture or mould of which there are some copies."""
        for number in range(1, copies + 1):
            self._unit(f"{name} {number}" if copies > 1 else name, (name,), calendar)

    def _unit(self, name: str, stands_for: tuple[str, ...], calendar: str | None) -> None:
        self._once(self._shop.units, "person or tool", name)
        self._shop.units[name] = NamedUnit(calendar or ENDLESS, stands_for)

    def order(
        self,
        name: str,
        *,
        due: int,
        release: int = 0,
        weight: int = 1,
        quantity: int = 1,
        deadline: int | None = None,
    ) -> None:
        """An order: minutes of release, due date and (hard) deadline, and what a late minute weighs."""
        self._once(self._shop.orders, "order", name)
        self._shop.orders[name] = NamedOrder(
            release, due, weight, quantity, NEVER if deadline is None else deadline
        )

    def operation(
        self,
        order: str,
        work_centre: str,
        *,
        minutes: int | Mapping[str, int],
        step: str | None = None,
        family: str | None = None,
        divisible: bool = True,
        after: Sequence[str] | None = None,
        needs: Sequence[Need] = (),
        link: Link | Mapping[str, Link] | None = None,
        teardown: int = 0,
        earliest: int = 0,
    ) -> None:
        """The next operation of an order.

        `minutes` is the working time on every machine of the work centre, or by eligible machine. `after`
        names the steps that must be finished first; left out, it is the operation given before. `link` says
        how long after them it may or must start, or that it overlaps with them, for all of them or by step.
        `needs` are people and tools beside the machine, `teardown` minutes in which the machine is cleared
        after the run, `earliest` a minute before which it must not start (material that is still to come).
        """
        if order not in self._shop.orders:
            self._faults.append(Fault("order", f"operation of order {order}: the order is unknown", order))
            return
        operations, steps = self._shop.orders[order].operations, self._shop.orders[order].steps
        name = step or str(10 * (len(operations) + 1))
        if name in steps:
            text = f"order {order}: step {name} is given twice"
            self._faults.append(Fault("duplicate_step", text, order, name))
        steps.add(name)
        operations.append(
            NamedOperation(
                order,
                name,
                work_centre,
                minutes,
                family,
                divisible,
                after,
                needs,
                link or Link(),
                teardown,
                earliest,
            )
        )

    def pin(self, order: str, step: str, *, machine: str, start: int) -> None:
        """Keep an operation on a machine at a start minute."""
        if operation := self._find(order, step):
            operation.pin = (machine, start)

    def started(self, order: str, step: str, *, machine: str, remaining: int | None = None) -> None:
        """An operation that is running now on a machine, with its remaining working minutes; without them,
        its minutes on that machine are what remains.
        """
        if operation := self._find(order, step):
            operation.pin, operation.started = (machine, 0), True
            if remaining is not None:
                operation.minutes = {machine: remaining}

    def build(self) -> Problem:
        """The problem in flat rows; raises ProblemError with every fault found."""
        return problem_of(self._shop, self._faults, self._objective, self._origin_us)

    def build_leaving_out(self) -> tuple[Problem, list[Fault]]:
        """The problem of the orders without fault, and the faults of the others, which are left out.

        Raises ProblemError, with all of these faults, when one is not of an order or when no order is left.
        """
        shop, faults, left_out = self._shop.copy(), list(self._faults), list[Fault]()
        while True:
            try:
                return problem_of(shop, faults, self._objective, self._origin_us), left_out
            except ProblemError as error:
                bad = {fault.order for fault in error.faults if fault.order in shop.orders}
                left_out += error.faults
                if not all(fault.order for fault in error.faults) or len(bad) == len(shop.orders):
                    raise ProblemError(left_out) from error
                faults = []
                for order in bad:
                    del shop.orders[str(order)]

    def _once(self, known: Mapping[str, object], what: str, name: str) -> None:
        if name in known:
            order = name if what == "order" else None
            self._faults.append(Fault("duplicate", f"{what} {name} is given twice", order))

    def _find(self, order: str, step: str) -> NamedOperation | None:
        for operation in self._shop.orders[order].operations if order in self._shop.orders else ():
            if operation.step == step:
                return operation
        self._faults.append(Fault("pin", f"order {order} has no step {step} to pin", order, step))
        return None
