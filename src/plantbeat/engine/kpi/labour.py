"""Labour booked to operations, and how long orders take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class Labour:
    """One person's work at one operation, from signing on to signing off.

    `is_rework`: pieces that were rejected earlier were worked on again.
    """

    worked_us: int
    is_rework: bool = False

    def __post_init__(self) -> None:
        if self.worked_us < 0:
            raise ValueError(f"worked_us is {self.worked_us}; allowed is 0 or more")


def labour_per_operation(bookings: Iterable[Labour]) -> Ratio:
    """Labour booked / bookings.

    Unit: h. Direction: lower is better.
    Source: site practice, over the actual personnel work time of ISO 22400-2.
    Page: docs/reference/kpi/labour_per_operation.md
    """
    worked = [one.worked_us for one in bookings]
    return Ratio(sum(worked), len(worked), Unit.hours)


def rework_labour_percent(bookings: Iterable[Labour]) -> Ratio:
    """Labour booked to rework / labour booked.

    Unit: %. Direction: lower is better. Source: site practice, an internal failure cost of quality.
    Page: docs/reference/kpi/rework_labour_percent.md
    """
    known = list(bookings)
    again_us = sum(one.worked_us for one in known if one.is_rework)
    return Ratio(again_us, sum(one.worked_us for one in known), Unit.percent)


def order_lead_time(stays: Iterable[tuple[int, int]]) -> Ratio:
    """From the first start of an order to its last end, summed over orders / orders.

    `stays` are (start, end) of orders in µs. Unit: h. Direction: lower is better.
    Source: after the actual order execution time of ISO 22400-2.
    Page: docs/reference/kpi/order_lead_time.md
    """
    known = list(stays)
    return Ratio(sum(end_us - start_us for start_us, end_us in known), len(known), Unit.hours)
