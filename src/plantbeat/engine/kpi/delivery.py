"""On-time delivery by order line: to request, to first promise, to current promise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plantbeat.engine.kpi.ratio import Ratio, Unit


class Promise(StrEnum):
    """The date a delivery is judged against: three measures, never mixed."""

    requested = "to request"
    first = "to first promise"
    current = "to current promise"


@dataclass(frozen=True, slots=True)
class Shipment:
    """Pieces that left (or arrived: site setting) on a day."""

    day: date
    quantity: int


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A customer's order line. `closed` says that nothing more will be shipped on it, full or short."""

    line: str
    quantity: int
    requested: date
    first_promise: date | None
    current_promise: date | None
    shipments: tuple[Shipment, ...] = ()
    closed: bool = False
    cancelled_by_customer: bool = False

    def due(self, promise: Promise) -> date | None:
        if promise is Promise.requested:
            return self.requested
        return self.first_promise if promise is Promise.first else self.current_promise


@dataclass(frozen=True, slots=True)
class DeliveryRules:
    """Site settings: promise, days of grace after it, days allowed before it (None: as early as you like)."""

    promise: Promise = Promise.first
    late_days: int = 0
    early_days: int | None = None

    def __post_init__(self) -> None:
        if self.late_days < 0 or (self.early_days is not None and self.early_days < 0):
            raise ValueError(
                f"tolerance {self.late_days} days late, {self.early_days} early: both must be 0 or more"
            )


@dataclass(frozen=True, slots=True)
class Delivery:
    """On-time delivery of a period, with what the ratios leave out.

    `not_yet_due` lines can still be on time, `without_date` lines have no date of the chosen kind,
    `cancelled` ones were cancelled by the customer, `overdue_before` ones were due before the period and
    are still not shipped (they count in their own period).
    """

    otd: Ratio
    otif: Ratio
    not_yet_due: int
    without_date: int
    cancelled: int
    overdue_before: int


def otd(lines: Iterable[OrderLine], first: date, last: date, as_of: date, rules: DeliveryRules) -> Ratio:
    """Order lines shipped on time / order lines due in `first` to `last`, both included.

    On time: the shipment that closed the line left no later than the date plus tolerance, and nothing left
    before the early window. Lines due and not shipped count as missed, customer cancellations are out.
    Unit: %. Direction: higher is better. Source: SCOR (RL.2.2, delivery to commit date) by order line.
    Page: docs/reference/kpi/otd.md
    """
    return delivery(lines, first, last, as_of, rules).otd


def otif(lines: Iterable[OrderLine], first: date, last: date, as_of: date, rules: DeliveryRules) -> Ratio:
    """Order lines shipped on time and in full quantity / order lines due; as `otd` otherwise.

    Unit: %. Direction: higher is better. Source: SCOR (RL.2.1 in full, RL.2.2 to commit date).
    Page: docs/reference/kpi/otif.md
    """
    return delivery(lines, first, last, as_of, rules).otif


def delivery(
    lines: Iterable[OrderLine], first: date, last: date, as_of: date, rules: DeliveryRules
) -> Delivery:
    """OTD and OTIF of the lines due in `first` to `last` as known at the end of the day `as_of`.

    A line is judged once its date plus tolerance has passed, whether shipped or not, so that a running
    period is not coloured by the lines that happened to go early.
    """
    due = on_time = in_full = not_yet_due = without_date = cancelled = overdue_before = 0
    for line in lines:
        day = line.due(rules.promise)
        if line.cancelled_by_customer:
            cancelled += day is not None and first <= day <= last
        elif day is None:
            without_date += 1
        elif day < first:
            overdue_before += not line.closed
        elif day <= last and day + timedelta(days=rules.late_days) > as_of:
            not_yet_due += 1
        elif day <= last:
            due += 1
            punctual = _punctual(line, day, rules)
            on_time += punctual
            in_full += punctual and sum(part.quantity for part in line.shipments) >= line.quantity
    return Delivery(
        Ratio(on_time, due, Unit.percent),
        Ratio(in_full, due, Unit.percent),
        not_yet_due,
        without_date,
        cancelled,
        overdue_before,
    )


def _punctual(line: OrderLine, day: date, rules: DeliveryRules) -> bool:
    if not line.closed or not line.shipments:
        return False
    if rules.early_days is not None and min(part.day for part in line.shipments) < day - timedelta(
        days=rules.early_days
    ):
        return False
    return max(part.day for part in line.shipments) <= day + timedelta(days=rules.late_days)
