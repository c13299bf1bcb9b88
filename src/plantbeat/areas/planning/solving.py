"""A solve from beginning to end: problem, engine, check, results, under one logged act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from plantbeat.areas.planning.actions import write_results
from plantbeat.areas.planning.questions import open_orders
from plantbeat.areas.planning.records.results import NotScheduled, PlannedOperation, PlannedOrder
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.site_problem import MINUTE_US, SiteProblem, site_problem
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Problem
    from plantbeat.engine.schedule import Schedule as Plan

SOLVER = Actor.system("scheduler")
CAUSES_KEPT = 60


def solve_schedule(pk: int) -> None:
    """Fill a schedule version that waits to be solved; a fault of the site is written to it in words."""
    from plantbeat.engine.schedule import HorizonTooShortError, ProblemError, check, solve

    schedule = visible(Schedule, SOLVER).select_related("site", "based_on").get(pk=pk)
    if schedule.state != Schedule.State.solving:
        return
    try:
        made, problem = _to_solve(schedule)
        plan = solve(problem, budget=float(schedule.seconds))
    except Refused as refused:
        act(schedule, "fail", SOLVER, {"failure": "; ".join(str(problem) for problem in refused.problems)})
        return
    except (ProblemError, HorizonTooShortError) as error:
        act(schedule, "fail", SOLVER, {"failure": str(error)})
        return
    violations = check(problem, plan)
    if not violations.ok:
        failure = _("the schedule did not pass its check: %(first)s") % {"first": violations.first}
        act(schedule, "fail", SOLVER, {"failure": failure})
        return
    write_results(schedule, SOLVER, summary_of(made, plan), _rows(schedule, made, plan))


def _to_solve(schedule: Schedule) -> tuple[SiteProblem, Problem]:
    """The site's problem, and the one to solve: the same, or with the frozen part of another version kept."""
    base = schedule.based_on
    if base is None:
        made = site_problem(schedule.site)
        return made, made.problem
    from plantbeat.areas.planning.tuning.draft import load_draft

    now = load_draft(base.pk)
    frozen = now.bench().pinned
    kept = {order.pk for row, (order, _step) in enumerate(now.made.operations) if frozen[row]}
    open_now = {order.pk: order for order in open_orders(schedule.site, SOLVER)}
    over = [order.pk for order in now.made.orders if order.pk not in kept and order.pk not in open_now]
    known = {order.pk for order in now.made.orders}
    held = str(WorkOrder.State.held)
    new = [order for pk, order in open_now.items() if pk not in known and order.state != held]
    draft = load_draft(base.pk, new, over)
    draft.made.left_out += [
        (order, _("it is on hold"))
        for pk, order in open_now.items()
        if pk not in known and order.state == held
    ]
    return draft.made, draft.bench().problem


def summary_of(made: SiteProblem, plan: Plan) -> dict[str, Any]:
    """What a version says of itself, as the step that finishes it asks."""
    return {
        "horizon_start_us": made.origin_us,
        "orders": len(made.orders),
        "operations": len(made.operations),
        "late_orders": len(plan.late_orders),
        "late_minutes": int(plan.tardiness.sum()),
        "setup_minutes": int(plan.setup_min.sum()),
        "left_out": len(made.left_out),
    }


def _rows(schedule: Schedule, made: SiteProblem, plan: Plan) -> list[Any]:
    return [
        *operation_rows(schedule, made, plan),
        *order_rows(schedule, made, plan),
        *_left_out(schedule, made),
    ]


def operation_rows(schedule: Schedule, made: SiteProblem, plan: Plan) -> list[PlannedOperation]:
    """Where and when each operation runs, in the order of the problem."""

    def at(minute: Any) -> int:
        return made.origin_us + int(minute) * MINUTE_US

    modes = made.problem.modes
    return [
        PlannedOperation(
            schedule=schedule,
            order=order,
            machine=made.machines[int(plan.machine[row])],
            step=operation.step,
            setup_us=at(plan.setup_start[row]),
            start_us=at(plan.start[row]),
            end_us=at(plan.end[row]),
            setup_min=int(plan.setup_min[row]),
            working_min=modes(row)[int(plan.machine[row])],
            quantity=order.quantity,
            family=operation.setup_family,
        )
        for row, (order, operation) in enumerate(made.operations)
    ]


def order_rows(schedule: Schedule, made: SiteProblem, plan: Plan) -> list[PlannedOrder]:
    """When each order is done, and what late ones waited for, in the order of the problem."""
    from plantbeat.engine.schedule import explain

    rows = []
    for place, order in enumerate(made.orders):
        late = int(plan.tardiness[place])
        causes = explain(made.problem, plan, place).causes[-CAUSES_KEPT:] if late else ()
        rows.append(
            PlannedOrder(
                schedule=schedule,
                order=order,
                due_us=made.origin_us + int(made.problem.due[place]) * MINUTE_US,
                finish_us=made.origin_us + int(plan.completion[place]) * MINUTE_US,
                late_min=late,
                causes=[_cause(made, cause) for cause in causes if cause.minutes],
            )
        )
    return rows


def _cause(made: SiteProblem, cause: Any) -> dict[str, Any]:
    machine = made.machines[cause.machine].code if cause.machine >= 0 else ""
    behind = made.operations[cause.behind][0].number if cause.behind is not None else ""
    step = made.operations[cause.operation][1].step
    return {"kind": cause.kind, "minutes": cause.minutes, "step": step, "machine": machine, "behind": behind}


def _left_out(schedule: Schedule, made: SiteProblem) -> list[NotScheduled]:
    return [NotScheduled(schedule=schedule, order=order, reason=why) for order, why in made.left_out]
