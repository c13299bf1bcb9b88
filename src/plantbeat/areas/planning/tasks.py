"""Background work of planning."""

from __future__ import annotations

from django_tasks import task

from plantbeat.areas.planning.solving import solve_schedule


@task(queue_name="heavy")
def solve(pk: int) -> None:
    """Solve a schedule version that waits for it."""
    solve_schedule(pk)
