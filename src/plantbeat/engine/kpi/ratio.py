"""The one form of every KPI: an exact numerator, an exact denominator, a unit, one division at the end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
HOUR_US = 60 * MINUTE_US


class Unit(StrEnum):
    """Unit in which a ratio of integers is shown: the value is numerator × `times` / (denominator × `per`).

    Durations enter ratios as integer microseconds.
    """

    times: int
    per: int

    def __new__(cls, symbol: str, times: int, per: int) -> Unit:
        unit = str.__new__(cls, symbol)
        unit._value_ = symbol
        unit.times = times
        unit.per = per
        return unit

    percent = "%", 100, 1
    seconds = "s", 1, SECOND_US
    minutes = "min", 1, MINUTE_US
    hours = "h", 1, HOUR_US
    pieces_per_hour = "pieces/h", HOUR_US, 1
    pieces_per_minute = "pieces/min", MINUTE_US, 1
    cases_per_200000_h = "cases per 200,000 h", 200_000 * HOUR_US, 1
    per_million = "per million", 1_000_000, 1
    per_shift = "per shift", 1, 1


@dataclass(frozen=True, slots=True)
class Ratio:
    """A KPI before its division. Roll up by summing the elements it was made from, never by averaging."""

    numerator: int
    denominator: int
    unit: Unit

    @property
    def value(self) -> float | None:
        """The shown value, rounded once; None when the denominator is 0: not enough data."""
        if self.denominator == 0:
            return None
        return self.numerator * self.unit.times / (self.denominator * self.unit.per)

    @property
    def fraction(self) -> Fraction | None:
        """Numerator / denominator without the unit, exact; None when the denominator is 0."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None
