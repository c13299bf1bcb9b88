"""The comparison itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """One step of an order in a version: machine, start and end (any unit of time), set-up minutes."""

    order: str
    step: int
    machine: str
    start: int
    end: int
    setup_min: int


@dataclass(frozen=True, slots=True)
class RunChange:
    """A step that both versions plan, at another time or on another machine."""

    before: PlannedRun
    now: PlannedRun

    @property
    def shift(self) -> int:
        """How much later it starts (negative: sooner), in the unit of the starts."""
        return self.now.start - self.before.start


@dataclass(frozen=True, slots=True)
class OrderLate:
    """Minutes late of an order in both versions; None where a version does not hold the order."""

    order: str
    before_min: int | None
    after_min: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second version does otherwise than the first.

    `moved` are steps on the same machine at another time, `machine_changed` those on another machine, both
    with the largest shift first. `newly_late` are late in the second only (an added order that is late
    belongs to them), `newly_on_time` in the first only, `later` and `sooner` late in both. Numbers are
    second - first: late orders, minutes late, set-ups, set-up minutes; `unmoved` counts steps that stayed.
    """

    moved: tuple[RunChange, ...]
    machine_changed: tuple[RunChange, ...]
    unmoved: int
    added: tuple[str, ...]
    dropped: tuple[str, ...]
    newly_late: tuple[OrderLate, ...]
    newly_on_time: tuple[OrderLate, ...]
    later: tuple[OrderLate, ...]
    sooner: tuple[OrderLate, ...]
    late_orders: int
    late_minutes: int
    setups: int
    setup_minutes: int


def compare(
    before: Iterable[PlannedRun],
    after: Iterable[PlannedRun],
    late_before: Mapping[str, int],
    late_after: Mapping[str, int],
) -> Comparison:
    """Compare two versions; `late_*` hold the minutes late of every order a version plans (0 = on time)."""
    old = {(run.order, run.step): run for run in before}
    new = {(run.order, run.step): run for run in after}
    both = [RunChange(old[key], new[key]) for key in sorted(old.keys() & new.keys())]
    changed = [one for one in both if one.before.machine != one.now.machine]
    moved = [one for one in both if one.before.machine == one.now.machine and one.shift]
    orders = [
        OrderLate(order, late_before.get(order), late_after.get(order))
        for order in sorted(late_before.keys() | late_after.keys())
    ]
    was = {one.order: one.before_min or 0 for one in orders}
    now = {one.order: one.after_min or 0 for one in orders}
    # A dropped order is not on time: nothing is said of its lateness.
    kept = [one for one in orders if one.after_min is not None]
    kept.sort(key=lambda one: (-abs(now[one.order] - was[one.order]), one.order))
    return Comparison(
        moved=_largest_first(moved),
        machine_changed=_largest_first(changed),
        unmoved=len(both) - len(moved) - len(changed),
        added=tuple(sorted(late_after.keys() - late_before.keys())),
        dropped=tuple(sorted(late_before.keys() - late_after.keys())),
        newly_late=tuple(one for one in kept if now[one.order] and not was[one.order]),
        newly_on_time=tuple(one for one in kept if was[one.order] and not now[one.order]),
        later=tuple(one for one in kept if 0 < was[one.order] < now[one.order]),
        sooner=tuple(one for one in kept if 0 < now[one.order] < was[one.order]),
        late_orders=sum(map(bool, now.values())) - sum(map(bool, was.values())),
        late_minutes=sum(now.values()) - sum(was.values()),
        setups=_setups(new.values()) - _setups(old.values()),
        setup_minutes=_setup_minutes(new.values()) - _setup_minutes(old.values()),
    )


def _largest_first(changes: list[RunChange]) -> tuple[RunChange, ...]:
    return tuple(sorted(changes, key=lambda one: (-abs(one.shift), one.now.order, one.now.step)))


def _setups(runs: Iterable[PlannedRun]) -> int:
    return sum(run.setup_min > 0 for run in runs)


def _setup_minutes(runs: Iterable[PlannedRun]) -> int:
    return sum(run.setup_min for run in runs)
