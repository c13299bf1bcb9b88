"""What a sheet holds: hours and stops as somebody wrote them by hand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyedHour:
    """Pieces of one hour (less where the shift begins or ends within it), in [start, end)."""

    start_us: int
    end_us: int
    order: str
    good: int
    scrap: int
    defect: str


@dataclass(frozen=True, slots=True)
class KeyedStop:
    """A stop in [from, until) with the code of its reason; empty: nobody wrote one."""

    from_us: int
    until_us: int
    reason: str


@dataclass(frozen=True, slots=True)
class KeyedSheet:
    """Everything that stands on a sheet."""

    hours: tuple[KeyedHour, ...]
    stops: tuple[KeyedStop, ...]

    @property
    def good(self) -> int:
        """Good pieces in all."""
        return sum(hour.good for hour in self.hours)

    @property
    def scrap(self) -> int:
        """Scrapped pieces in all."""
        return sum(hour.scrap for hour in self.hours)

    @property
    def stopped_us(self) -> int:
        """Time of all stops."""
        return sum(stop.until_us - stop.from_us for stop in self.stops)
