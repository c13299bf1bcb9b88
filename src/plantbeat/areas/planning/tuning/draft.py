"""A draft laid out for tuning: its rows as a plan of the engine, with everything before the freeze pinned.

Only the calculator imports this (through functions), so that pages never load the engine.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from plantbeat.areas.planning.records.results import PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.schedule_change import ChangeKind, ScheduleChange
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.site_problem import MINUTE_US, SCHEDULER, SiteProblem, site_problem
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.problems import Refused

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Schedule as Plan
    from plantbeat.engine.schedule.whatif import Bench

REFREEZE_MIN = 5
"""Work that begins is frozen as it begins, looked at so often."""
Step = tuple[str, int]


@dataclass(slots=True)
class Draft:
    """A version, its problem and plan; `rows` finds an operation by order number and step."""

    schedule: Schedule
    made: SiteProblem
    plan: Plan
    rows: dict[Step, int]
    held: list[int]
    _bench: tuple[int, Bench] | None = field(default=None)

    def row(self, order: str, step: int) -> int:
        """Row of a step; raises `Refused` where the draft does not hold it."""
        if (order, step) not in self.rows:
            values = {"order": order, "step": step, "version": self.schedule.number}
            raise Refused(_("version %(version)s does not hold step %(step)s of %(order)s") % values)
        return self.rows[order, step]

    def machine(self, code: str) -> int:
        """Row of a machine; raises `Refused` for one the site does not schedule."""
        for row, machine in enumerate(self.made.machines):
            if machine.code == code:
                return row
        raise Refused(_("machine %(machine)s belongs to no work centre of the schedule") % {"machine": code})

    def minute(self, at_us: int) -> int:
        """Minute of the plan in which an instant lies."""
        return (at_us - self.made.origin_us) // MINUTE_US

    def at_us(self, minute: int) -> int:
        """Instant of a minute of the plan."""
        return self.made.origin_us + minute * MINUTE_US

    @property
    def freeze_minute(self) -> int:
        """Everything that begins before this minute is frozen: what is past, and what was frozen by hand."""
        now = -(-(self.minute(clock.now_us()) + 1) // REFREEZE_MIN) * REFREEZE_MIN
        until = self.schedule.frozen_until_us
        return max(0, now, 0 if until is None else self.minute(until))

    def bench(self) -> Bench:
        """The problem with its frozen part, ready for trying; `Refused` where a hold cannot be kept."""
        from plantbeat.engine.schedule import ProblemError
        from plantbeat.engine.schedule.freezing import frozen_until
        from plantbeat.engine.schedule.whatif import Bench

        minute = self.freeze_minute
        if self._bench is None or self._bench[0] != minute:
            try:
                frozen = frozen_until(self.made.problem, self.plan, minute, self.held)
            except ProblemError as error:
                raise Refused(_("what is frozen cannot stay as it is: %(why)s") % {"why": error}) from error
            self._bench = minute, Bench(frozen)
        return self._bench[1]

    def with_plan(self, plan: Plan) -> Draft:
        """The same draft with another plan."""
        return Draft(self.schedule, self.made, plan, self.rows, self.held)


def load_draft(pk: int, new: Sequence[WorkOrder] = (), without: Collection[int] = ()) -> Draft:
    """A version from its rows, against the plant as it is now.

    `new` are orders that have no rows yet: they lie behind everything else. `without` are ids of orders to
    leave out. Raises `Refused` where the plant has changed so much that the version cannot be carried on.
    """
    schedule = visible(Schedule, SCHEDULER).select_related("site").get(pk=pk)
    planned = schedule.planned.exclude(order__in=without).select_related("order__item", "machine")
    rows = list(planned.order_by("pk"))
    orders = list({row.order_id: row.order for row in rows}.values())
    made = site_problem(schedule.site, origin_us=schedule.horizon_start_us, orders=[*orders, *new])
    found = {(order.number, step.step): row for row, (order, step) in enumerate(made.operations)}
    changed = [row.order for row in rows if (row.order.number, row.step) not in found]
    planned_steps = {(row.order.number, row.step) for row in rows}
    known = {order.number for order in orders}
    changed += [order for order, step in made.operations if order.number in known
                and (order.number, step.step) not in planned_steps]  # fmt: skip
    if changed:
        values = {"version": schedule.number, "item": changed[0].item.code}
        raise Refused(
            _("the routing of %(item)s has changed since %(version)s was made; solve again") % values
        )
    return Draft(schedule, made, _plan(schedule, made, rows, found), found, _held(schedule, found))


def _plan(
    schedule: Schedule, made: SiteProblem, rows: list[PlannedOperation], found: dict[Step, int]
) -> Plan:
    import numpy as np

    from plantbeat.engine.schedule import evaluate
    from plantbeat.engine.schedule.schedule import schedule_of
    from plantbeat.engine.schedule.whatif import placed_last

    machines = {machine.pk: row for row, machine in enumerate(made.machines)}
    machine, start = (np.full(made.problem.operations, value, np.int64) for value in (-1, 0))
    try:
        for one in rows:
            row = found[one.order.number, one.step]
            machine[row] = machines[one.machine_id]
            start[row] = (one.start_us - made.origin_us) // MINUTE_US
        machine, start = placed_last(made.problem, machine, start)
        value = evaluate(made.problem, machine, start)
        return schedule_of(value, made.problem.objective, min(0, value.objective))
    except (KeyError, ValueError) as error:
        message = _("the plant has changed since %(version)s was made (%(why)s); solve again")
        raise Refused(message % {"version": schedule.number, "why": error}) from error


def _held(schedule: Schedule, found: dict[Step, int]) -> list[int]:
    """Operations that somebody holds in place."""
    held: dict[int, bool] = {}
    kinds = [ChangeKind.hold.value, ChangeKind.release.value]
    changes = visible(ScheduleChange, SCHEDULER).filter(schedule=schedule, state="done", kind__in=kinds)
    for change in changes.select_related("order").order_by("place"):
        if change.order is not None:
            held[found[change.order.number, change.step or 0]] = change.kind == ChangeKind.hold
    return [row for row, is_held in held.items() if is_held]
