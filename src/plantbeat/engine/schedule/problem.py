"""The scheduling problem as flat arrays: orders, operations, machines, calendars, set-ups, pins.

All times are whole minutes from the horizon start, minute 0, whose place in the world is `origin_us`. Rules
of the model, which `check` enforces and every other part follows:

- An operation runs on one of its modes (machine, working minutes) from its start, in the machine's open
  time. A divisible operation stretches over closed time; an indivisible one lies inside one open interval.
- It starts in an open minute, not before its order's release, nor before its own earliest minute (material
  that is still to come), nor before the end of its predecessors.
- Between two operations of a machine lies the set-up from the first one's family to the second one's,
  worked in the machine's open time and placed right before the second one's start. A set-up needs the
  machine, not the material: it may run while the order is still upstream. Before the first operation lies
  the set-up from the machine's initial family, if that is known.
- Machines of one line let no order pass another: every order that runs there visits all of them once, in
  the order of their index, and on each of them the orders run in the same sequence.
- Between an operation and one it waits for lie at least `link_least` and at most `link_most` minutes of the
  clock (0 and 0: without waiting). With a transfer batch of `link_batch` pieces it need not wait for the
  end: it may start when the first batch is done, and its own last batch runs after the other's end.
- A teardown follows the run on the machine: the material goes on, the machine is not free. Set-up, run and
  teardown need people and tools as `secondary` says, and are worked while all that they need are there.
- A pinned operation keeps its machine and start. Pins must be possible by themselves: predecessors pinned
  too, and between two neighbouring pins of a machine at least the set-up from the one to the other. A
  started operation occupies its machine from the first open minute of the horizon for its mode's minutes
  (what is left of it), without set-up and whatever its release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from plantbeat.engine.calendars.worktime import NEVER, Ints, WorkTime
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.secondary import Secondary

Bools = npt.NDArray[np.bool_]
NO_FAMILY = -1
NOT_PINNED = -1
NO_LINE = -1


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a problem: what, where, and what is allowed (in the message)."""

    code: str
    message: str
    order: str | None = None
    step: str | None = None
    machine: str | None = None


class ProblemError(ValueError):
    """The problem cannot be scheduled as it stands; `faults` names everything that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = tuple(faults)
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(faults[0].message + more)


def _left_out() -> Any:
    return np.empty(0, np.int64)


def _row(name: str, values: Any, kind: type) -> npt.NDArray[Any]:
    given = np.asarray(values)
    if given.ndim != 1 or (given.size and given.dtype.kind not in ("b" if kind is np.bool_ else "iu")):
        allowed = "true or false" if kind is np.bool_ else "whole numbers"
        raise ProblemError([Fault("row", f"Problem: {name} must be one flat row of {allowed}")])
    row: npt.NDArray[Any] = given.astype(kind)
    row.flags.writeable = False
    return row


@dataclass(frozen=True)
class Names:
    """What people call things; an empty tuple means that the index is the name."""

    orders: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    work_centres: tuple[str, ...] = ()
    families: tuple[tuple[str, ...], ...] = ()
    calendars: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Flat int64 rows in CSR form; J orders, n operations, M machines, W work centres, C calendars.

    Orders: `release`, `due` (J minutes, may be negative), `deadline` (J, NEVER = none), `weight` (J, >= 0),
    `quantity` (J, > 0, information). Order j owns the operations order_ptr[j]:order_ptr[j + 1]. Operations:
    `work_centre` (n), `family` (n, index into its work centre's set-up matrix, -1 where the work centre has
    none), `divisible` (n bool). Predecessors of o, of the same order and with lower index:
    pred[pred_ptr[o]:pred_ptr[o + 1]]; left out, each operation follows the one before it. Along with `pred`:
    `link_least` (minutes), `link_most` (minutes, NEVER = no limit), `link_batch` (pieces, 0 = the whole
    quantity). `teardown_min` (n). `earliest` (n, minute before which it must not start). Modes of o:
    mode_machine and mode_min at mode_ptr[o]:mode_ptr[o + 1]. Machines: `machine_work_centre`,
    `machine_calendar`, `initial_family` (M, -1 = unknown: first set-up free), `machine_line` (M, the flow
    line without passing it belongs to, -1 = none). Set-ups: `family_count` (W)
    and `setup_min`, the F x F matrices of all work centres one after the other, row = family before. Pins:
    `pin_machine`, `pin_start` (n, machine -1 = free), `started` (n bool).

    Raises ProblemError naming every order, operation and machine at fault.
    """

    release: Ints
    due: Ints
    weight: Ints
    order_ptr: Ints
    work_centre: Ints
    mode_ptr: Ints
    mode_machine: Ints
    mode_min: Ints
    machine_work_centre: Ints
    machine_calendar: Ints
    calendars: WorkTime
    deadline: Ints = field(default_factory=_left_out)
    quantity: Ints = field(default_factory=_left_out)
    family: Ints = field(default_factory=_left_out)
    divisible: Bools = field(default_factory=_left_out)
    pred_ptr: Ints = field(default_factory=_left_out)
    pred: Ints = field(default_factory=_left_out)
    link_least: Ints = field(default_factory=_left_out)
    link_most: Ints = field(default_factory=_left_out)
    link_batch: Ints = field(default_factory=_left_out)
    teardown_min: Ints = field(default_factory=_left_out)
    earliest: Ints = field(default_factory=_left_out)
    initial_family: Ints = field(default_factory=_left_out)
    machine_line: Ints = field(default_factory=_left_out)
    family_count: Ints = field(default_factory=_left_out)
    setup_min: Ints = field(default_factory=_left_out)
    pin_machine: Ints = field(default_factory=_left_out)
    pin_start: Ints = field(default_factory=_left_out)
    started: Bools = field(default_factory=_left_out)
    secondary: Secondary = field(default_factory=Secondary)
    objective: Objective = field(default_factory=Objective)
    origin_us: int = 0
    names: Names = field(default_factory=Names)

    def __post_init__(self) -> None:
        from plantbeat.engine.schedule.validation import problem_faults, shape_faults

        for name, kind in _ROWS.items():
            object.__setattr__(self, name, _row(name, getattr(self, name), kind))
        if faults := shape_faults(self):
            raise ProblemError(faults)
        object.__setattr__(self, "secondary", self.secondary.filled(self.operations))
        for name, value in self._defaults().items():
            if len(getattr(self, name)) == 0:
                object.__setattr__(self, name, _row(name, value, _ROWS[name]))
        if faults := problem_faults(self):
            raise ProblemError(faults)
        self._start_started()

    def _defaults(self) -> dict[str, Any]:
        n, follows = self.operations, np.ones(self.operations, np.int64)
        follows[self.order_ptr[:-1]] = 0
        centres = int(self.machine_work_centre.max(initial=-1)) + 1
        chain = {
            "pred_ptr": np.concatenate(([0], np.cumsum(follows))),
            "pred": np.flatnonzero(follows) - 1,
        }
        links = len(self.pred) if len(self.pred_ptr) else int(follows.sum())
        return {
            "link_least": np.zeros(links, np.int64),
            "link_most": np.full(links, NEVER),
            "link_batch": np.zeros(links, np.int64),
            "teardown_min": np.zeros(n, np.int64),
            "earliest": np.zeros(n, np.int64),
            "deadline": np.full(self.orders, NEVER),
            "quantity": np.ones(self.orders, np.int64),
            "family": np.full(n, NO_FAMILY),
            "divisible": np.ones(n, np.bool_),
            "initial_family": np.full(self.machines, NO_FAMILY),
            "machine_line": np.full(self.machines, NO_LINE),
            "family_count": np.zeros(centres, np.int64),
            "pin_machine": np.full(n, NOT_PINNED),
            "pin_start": np.zeros(n, np.int64),
            "started": np.zeros(n, np.bool_),
            **({} if len(self.pred_ptr) else chain),
        }

    def _start_started(self) -> None:
        pin_start = self.pin_start.copy()
        for o in np.flatnonzero(self.started).tolist():
            pin_start[o] = self.calendars.first_open(int(self.machine_calendar[self.pin_machine[o]]), 0)
        pin_start.flags.writeable = False
        object.__setattr__(self, "pin_start", pin_start)

    @property
    def orders(self) -> int:
        """Number of orders."""
        return len(self.release)

    @property
    def operations(self) -> int:
        """Number of operations."""
        return len(self.work_centre)

    @property
    def machines(self) -> int:
        """Number of machines."""
        return len(self.machine_calendar)

    @property
    def work_centres(self) -> int:
        """Number of work centres."""
        return len(self.family_count)

    @cached_property
    def coupled(self) -> bool:
        """Whether operations depend on more than machines, sequences and the ends of those before them."""
        links = self.link_least.any() or (self.link_most < NEVER).any() or self.link_batch.any()
        return bool(links or self.teardown_min.any() or len(self.secondary.need_pool))

    @cached_property
    def lines(self) -> tuple[tuple[int, ...], ...]:
        """Machines of each flow line without passing, in the order in which orders visit them."""
        named = sorted({int(line) for line in self.machine_line if line != NO_LINE})
        return tuple(tuple(np.flatnonzero(self.machine_line == line).tolist()) for line in named)

    @cached_property
    def order_of(self) -> Ints:
        """Order of each operation (n)."""
        return np.repeat(np.arange(self.orders), np.diff(self.order_ptr))

    @cached_property
    def not_before(self) -> Ints:
        """Minute before which each operation must not start whatever its predecessors do (n, from 0)."""
        return np.maximum(np.maximum(self.release[self.order_of], self.earliest), 0)

    @cached_property
    def setup_base(self) -> Ints:
        """Where each work centre's matrix begins in `setup_min` (W + 1)."""
        return np.concatenate(([0], np.cumsum(self.family_count**2)))

    def setup(self, work_centre: int, before: int, after: int) -> int:
        """Set-up minutes from family `before` to family `after` at a work centre; 0 if either is unknown."""
        if before < 0 or after < 0:
            return 0
        cell = self.setup_base[work_centre] + before * self.family_count[work_centre] + after
        return int(self.setup_min[cell])

    def predecessors(self, operation: int) -> list[int]:
        """Operations that must end before this one starts."""
        return list(map(int, self.pred[self.pred_ptr[operation] : self.pred_ptr[operation + 1]]))

    def modes(self, operation: int) -> dict[int, int]:
        """Allowed machines of an operation and its working minutes on each."""
        rows = slice(int(self.mode_ptr[operation]), int(self.mode_ptr[operation + 1]))
        return dict(zip(self.mode_machine[rows].tolist(), self.mode_min[rows].tolist(), strict=True))

    def pinned(self, frozen: Mapping[int, tuple[int, int]]) -> Problem:
        """The same problem with further operations pinned: operation -> (machine, start minute)."""
        machine, start = self.pin_machine.copy(), self.pin_start.copy()
        for operation, (at, begin) in frozen.items():
            if not self.started[operation]:
                machine[operation], start[operation] = at, begin
        return replace(self, pin_machine=machine, pin_start=start)

    def order_label(self, order: int) -> str:
        """Name of an order, or its index."""
        return self.names.orders[order] if self.names.orders else str(order)

    def step_label(self, operation: int) -> str:
        """Name of an operation within its order, or its place in the routing from 1."""
        if self.names.steps:
            return self.names.steps[operation]
        return str(operation - int(self.order_ptr[self.order_of[operation]]) + 1)

    def operation_label(self, operation: int) -> str:
        """Order and step of an operation, as written in messages."""
        return f"order {self.order_label(int(self.order_of[operation]))} step {self.step_label(operation)}"

    def machine_label(self, machine: int) -> str:
        """Name of a machine, or its index."""
        return self.names.machines[machine] if self.names.machines else str(machine)

    def work_centre_label(self, work_centre: int) -> str:
        """Name of a work centre, or its index."""
        return self.names.work_centres[work_centre] if self.names.work_centres else str(work_centre)

    def family_label(self, work_centre: int, family: int) -> str:
        """Name of a set-up family of a work centre, or its index."""
        if family < 0:
            return "unknown"
        return self.names.families[work_centre][family] if self.names.families else str(family)


_ROWS: dict[str, type] = {
    name: np.bool_ if name in ("divisible", "started") else np.int64
    for name in Problem.__dataclass_fields__
    if name not in ("calendars", "secondary", "objective", "origin_us", "names")
}
