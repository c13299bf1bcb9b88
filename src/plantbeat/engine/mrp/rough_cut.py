"""Rough-cut capacity: the load orders put on work centres, period by period, against what is available.

Load is placed by need date with infinite capacity, as in the resource-profile method of rough-cut capacity
planning (APICS Dictionary, 16th edition, "resource profile"): it shows where a schedule will have to shift
work, not what it will do. All times are µs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class Step:
    """One step of an order: where, its work content, and the time until the next step may begin.

    `load_us` is machine time, set-up included; `queue_us` is what passes after it before the next step.
    """

    centre: str
    load_us: int
    queue_us: int = 0


@dataclass(frozen=True, slots=True)
class Need:
    """Machine time of an order's step that a work centre must have given by an instant."""

    order: str
    centre: str
    load_us: int
    by_us: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """A half-open period and the machine time each work centre offers in it."""

    start_us: int
    end_us: int
    available_us: Mapping[str, int]


@dataclass(slots=True)
class CentreLoad:
    """Load of one work centre in one bucket: in all, of it past due, by order, and what is available."""

    available_us: int
    load_us: int = 0
    overdue_us: int = 0
    orders: dict[str, int] = field(default_factory=dict)

    def add(self, need: Need, *, overdue: bool) -> None:
        """Put the load of a step on it."""
        self.load_us += need.load_us
        self.overdue_us += need.load_us if overdue else 0
        self.orders[need.order] = self.orders.get(need.order, 0) + need.load_us

    @property
    def utilisation(self) -> Ratio:
        """Load / available machine time, in percent."""
        return Ratio(self.load_us, self.available_us, Unit.percent)

    @property
    def short_us(self) -> int:
        """Machine time that is missing; 0 where there is enough."""
        return max(0, self.load_us - self.available_us)


def needs_back_from_due(order: str, due_us: int, steps: Sequence[Step]) -> list[Need]:
    """Needs of an order's steps, each set back from the due date by the load and queue of those after it."""
    needs: list[Need] = []
    by_us = due_us
    for step in reversed(steps):
        by_us -= step.queue_us
        needs.append(Need(order, step.centre, step.load_us, by_us))
        by_us -= step.load_us
    needs.reverse()
    return needs


def rough_cut_load(
    needs: Sequence[Need], buckets: Sequence[Bucket]
) -> tuple[dict[str, list[CentreLoad]], list[Need]]:
    """Load per work centre and bucket, and the needs that lie beyond the last bucket.

    Buckets follow one another without a gap. What should have been done before the first bucket is load of
    the first, marked as overdue. Work centres are those with availability or load, by code. The loads of all
    buckets and of the needs beyond add up to the loads given. Raises ValueError for buckets with gaps.
    """
    if any(one.end_us != other.start_us for one, other in pairwise(buckets)):
        raise ValueError("buckets must follow one another without a gap")
    if not buckets:
        return {}, list(needs)
    starts = [bucket.start_us for bucket in buckets]
    centres = {need.centre for need in needs}.union(*(bucket.available_us for bucket in buckets))
    table = {
        centre: [CentreLoad(bucket.available_us.get(centre, 0)) for bucket in buckets]
        for centre in sorted(centres)
    }
    beyond: list[Need] = []
    for need in needs:
        if need.by_us >= buckets[-1].end_us:
            beyond.append(need)
            continue
        place = max(0, bisect_right(starts, need.by_us) - 1)
        table[need.centre][place].add(need, overdue=need.by_us < starts[0])
    return table, beyond
