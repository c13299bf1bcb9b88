"""Schedule adherence against the schedule version in force when the shift's plan was frozen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class PlannedOrder:
    """An order of the frozen plan, and what came of it. Times are µs UTC, None when not (yet) happened.

    `position` is its place in the planned sequence of its machine or line, `made` the pieces made inside the
    window of the plan.
    """

    order: str
    position: int
    planned: int
    made: int
    planned_finish_us: int
    started_us: int | None = None
    finished_us: int | None = None

    def __post_init__(self) -> None:
        if self.planned < 0 or self.made < 0:
            raise ValueError(
                f"order {self.order!r}: planned {self.planned} and made {self.made} must both be 0 or more"
            )


def schedule_adherence_quantity(orders: Iterable[PlannedOrder]) -> Ratio:
    """Σ over orders of min(made in window, planned) / Σ planned; more of one never makes up for another.

    Orders that were not in the frozen plan are left out and shown apart.
    Unit: %. Direction: higher is better. Source: APICS Dictionary, schedule adherence (performance to plan).
    Page: docs/reference/kpi/schedule_adherence_quantity.md
    """
    rows = list(orders)
    return Ratio(
        sum(min(row.made, row.planned) for row in rows), sum(row.planned for row in rows), Unit.percent
    )


def schedule_adherence_time(orders: Iterable[PlannedOrder], tolerance_us: int) -> Ratio:
    """Orders finished within ± tolerance of their planned finish / orders planned.

    Unit: %. Direction: higher is better. Source: APICS Dictionary, schedule adherence (performance to plan).
    Page: docs/reference/kpi/schedule_adherence_time.md
    """
    if tolerance_us < 0:
        raise ValueError(f"tolerance {tolerance_us} µs must be 0 or more")
    rows = list(orders)
    on_time = sum(
        row.finished_us is not None and abs(row.finished_us - row.planned_finish_us) <= tolerance_us
        for row in rows
    )
    return Ratio(on_time, len(rows), Unit.percent)


def schedule_adherence_sequence(orders: Iterable[PlannedOrder]) -> Ratio:
    """Orders started in planned order / orders started, for one machine or line.

    In planned order is the largest group of started orders whose starts follow the plan among themselves, so
    one order pulled forward costs one order, not all it overtook.
    Unit: %. Direction: higher is better. Source: APICS Dictionary, schedule adherence (performance to plan).
    Page: docs/reference/kpi/schedule_adherence_sequence.md
    """
    return sequence_adherence_of_lines([orders])


def sequence_adherence_of_lines(lines: Iterable[Iterable[PlannedOrder]]) -> Ratio:
    """`schedule_adherence_sequence` rolled up over machines or lines, each with a sequence of its own."""
    in_order = started = 0
    for orders in lines:
        starts = sorted((row.started_us, row.position) for row in orders if row.started_us is not None)
        in_order += _longest_run([position for _, position in starts])
        started += len(starts)
    return Ratio(in_order, started, Unit.percent)


def _longest_run(positions: list[int]) -> int:
    """Length of the longest non-decreasing subsequence (Fredman, Discrete Mathematics 11 (1975) 29)."""
    tails: list[int] = []
    for position in positions:
        index = bisect_right(tails, position)
        if index == len(tails):
            tails.append(position)
        else:
            tails[index] = position
    return len(tails)
