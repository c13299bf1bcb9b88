"""Takt and throughput."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.engine.kpi.ratio import SECOND_US, Ratio, Unit

SHOWN_AS_RATE_BELOW_US = 10 * SECOND_US
"""A takt shorter than this is shown as pieces per minute."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Demand due in a window and the time to make it; add to roll up over shifts or days.

    Breakdowns and set-ups stay in the available time: takt is the customer's beat, not the line's.
    """

    shift_us: int
    break_us: int
    planned_stop_us: int
    pieces_due: int

    @property
    def available_us(self) -> int:
        return self.shift_us - self.break_us - self.planned_stop_us

    def __add__(self, other: Demand) -> Demand:
        return Demand(
            self.shift_us + other.shift_us,
            self.break_us + other.break_us,
            self.planned_stop_us + other.planned_stop_us,
            self.pieces_due + other.pieces_due,
        )


@dataclass(frozen=True, slots=True)
class Made:
    """Pieces at the counting point and the available time (stops included) in which they were made."""

    pieces: int
    available_us: int

    def __add__(self, other: Made) -> Made:
        return Made(self.pieces + other.pieces, self.available_us + other.available_us)


def takt_time(demand: Demand) -> Ratio:
    """(Shift time − breaks − planned stops) / demand due.

    Unit: s. Direction: neither. Source: Toyota Production System; Rother and Shook, Learning to See (1999).
    Page: docs/reference/kpi/takt_time.md
    """
    return Ratio(demand.available_us, demand.pieces_due, Unit.seconds)


def takt_as_shown(demand: Demand) -> Ratio:
    """The takt time, or below 10 s its inverse in pieces per minute."""
    if demand.available_us < SHOWN_AS_RATE_BELOW_US * demand.pieces_due:
        return Ratio(demand.pieces_due, demand.available_us, Unit.pieces_per_minute)
    return takt_time(demand)


def takt_attainment(demand: Demand, made: Made) -> Ratio:
    """Takt time / mean actual cycle at the counting point; above 100 % the line is ahead of the customer.

    The mean actual cycle is the available time that has passed / pieces counted in it, stops included.
    Unit: %. Direction: higher is better. Source: Rother and Shook, Learning to See (1999), takt and cycle.
    Page: docs/reference/kpi/takt_attainment.md
    """
    return Ratio(demand.available_us * made.pieces, demand.pieces_due * made.available_us, Unit.percent)


def throughput(good_pieces: int, pbt_us: int) -> Ratio:
    """Good pieces at the counting point / planned busy time.

    Unit: pieces/h. Direction: higher is better. Source: after the throughput rate of ISO 22400-2:2014, which
    divides by order execution time instead.
    Page: docs/reference/kpi/throughput.md
    """
    return Ratio(good_pieces, pbt_us, Unit.pieces_per_hour)
