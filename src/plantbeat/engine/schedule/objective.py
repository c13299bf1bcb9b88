"""What a schedule is judged by: named terms and whole-number weights."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

WEIGHT_LIMIT = 10**9


@dataclass(frozen=True)
class Objective:
    """Whole-number weights of the terms of `Terms`; the default is weighted tardiness + makespan (minutes).

    A deadline is hard: its overrun weighs so much that no other gain pays for it, and `check` reports it.
    Raises ValueError for a weight that is not a whole number from 0 to 10^9.
    """

    weighted_tardiness: int = 1
    makespan: int = 1
    setup_minutes: int = 0
    weighted_late_orders: int = 0
    flow_time: int = 0
    deadline_overrun: int = 1_000_000

    def __post_init__(self) -> None:
        for name, weight in vars(self).items():
            if not isinstance(weight, int) or isinstance(weight, bool) or not 0 <= weight <= WEIGHT_LIMIT:
                raise ValueError(f"Objective: {name} is {weight!r}; allowed is a whole number from 0 to 10^9")


@dataclass(frozen=True)
class Terms:
    """Value of each term of the objective, before its weight is applied.

    weighted_tardiness: sum over orders of weight x minutes late; makespan: last completion (minute);
    setup_minutes: sum over machines; weighted_late_orders: sum of the weights of late orders; flow_time:
    sum over orders of completion - release (minutes); deadline_overrun: sum of minutes past the deadlines.
    """

    weighted_tardiness: int
    makespan: int
    setup_minutes: int
    weighted_late_orders: int
    flow_time: int
    deadline_overrun: int

    def total(self, objective: Objective) -> int:
        """The objective: sum of weight x term."""
        return sum(getattr(self, term.name) * getattr(objective, term.name) for term in fields(self))

    def as_dict(self) -> dict[str, int]:
        """Terms by name."""
        return asdict(self)
