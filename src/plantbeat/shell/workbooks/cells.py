"""What a cell says: text, numbers, dates and times out of workbook values, and faults named by their cell."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

FAULT, WARNING = "fault", "warning"


@dataclass(frozen=True)
class CellFault:
    """Something wrong in one cell: where it is, what it holds, why it cannot be used and what is allowed.

    A `warning` changes nothing; a `fault` leaves something out: `concerns` says what, as (kind, name).
    """

    sheet: str
    row: int
    column: str
    value: str
    why: str
    allowed: str
    concerns: tuple[str, str] = ("", "")
    severity: str = FAULT

    def __str__(self) -> str:
        value = f", value {self.value!r}" if self.value else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return f"sheet {self.sheet}, row {self.row}, column {self.column}{value}: {self.why}{allowed}"

    def as_dict(self) -> dict[str, Any]:
        """Place, value and reason, as JSON has it."""
        return {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "why": self.why,
            "allowed": self.allowed,
        }


class CellError(ValueError):
    """A cell does not hold what it should; the message says why."""


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet: its number as people see it and its cells by column title."""

    number: int
    cells: Mapping[str, Any]

    def shown(self, title: str) -> str:
        """The cell as text, empty if there is nothing."""
        return shown(self.cells.get(title))


def shown(value: Any) -> str:
    """A cell's value as people see it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    return str(value).strip()


def text(value: Any) -> str:
    """A name; raises CellError when there is none."""
    found = shown(value)
    if not found:
        raise CellError("is empty")
    if found.startswith("#") and found.rstrip("!?").isupper():
        raise CellError("is an error value of the workbook")
    return found


def number(value: Any, low: str, high: str = "1e9", *, above: bool = False) -> Decimal:
    """A number from `low` (or above it) to `high`; text that is a plain number counts as one."""
    found = text(value)
    if isinstance(value, bool | date | time | timedelta):
        raise CellError("is not a number")
    try:
        exact = Decimal(repr(value) if isinstance(value, float) else found)
    except InvalidOperation:
        raise CellError("is not a number") from None
    if not exact.is_finite():
        raise CellError("is not a number")
    if exact < Decimal(low) or (above and exact == Decimal(low)):
        raise CellError(f"is not above {low}" if above else f"is below {low}")
    if exact > Decimal(high):
        raise CellError(f"is above {high}")
    return exact


def whole_number(value: Any, low: str, high: str) -> int:
    """A whole number from `low` to `high`."""
    exact = number(value, low, high)
    if exact != exact.to_integral_value():
        raise CellError("is not a whole number")
    return int(exact)


def moment(value: Any) -> tuple[datetime, bool]:
    """A date and time without zone, and whether a time was given (a date alone is its midnight)."""
    found = text(value)
    if isinstance(value, datetime):
        given = value
    elif isinstance(value, date):
        given = datetime.combine(value, time(0))
    elif isinstance(value, str):
        try:
            given = datetime.fromisoformat(found)
        except ValueError:
            raise CellError("is not a date") from None
    else:
        raise CellError("is not a date")
    if given.tzinfo is not None:
        raise CellError("has a time zone of its own")
    if not 1990 <= given.year <= 2200:
        raise CellError("is not a date from 1990 to 2200")
    whole_day = given.time() == time(0)
    return given.replace(second=0, microsecond=0), not whole_day


def clock_minutes(value: Any) -> int:
    """A time of day in minutes after midnight, 0 to 1440."""
    found = text(value)
    if isinstance(value, time):
        return value.hour * 60 + value.minute
    if isinstance(value, timedelta) and timedelta(0) <= value <= timedelta(days=1):
        return math.floor(value / timedelta(minutes=1))
    if isinstance(value, datetime) and value.year <= 1900:
        # A workbook keeps 24:00 as day 1 of its own calendar.
        return value.hour * 60 + value.minute or 1440
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::00)?", found) if isinstance(value, str) else None
    if match is None or int(match[1]) * 60 + int(match[2]) > 1440 or int(match[2]) > 59:
        raise CellError("is not a time")
    return int(match[1]) * 60 + int(match[2])


def yes_or_no(value: Any) -> bool:
    """yes / no, true / false, in any case."""
    found = text(value).casefold()
    if found in ("yes", "y", "true"):
        return True
    if found in ("no", "n", "false"):
        return False
    raise CellError("is neither yes nor no")


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def days(value: Any) -> tuple[int, ...] | date:
    """Weekdays (0 = Monday) out of "Mon", "Mon-Fri" or "Mon, Wed"; or a date."""
    if not isinstance(value, str):
        return moment(value)[0].date()
    chosen: list[int] = []
    for part in text(value).casefold().split(","):
        ends = [_weekday(name) for name in re.split(r"\s*[-–]\s*", part.strip())]
        if None in ends or len(ends) > 2:
            try:
                return moment(value)[0].date()
            except CellError:
                raise CellError("is neither a weekday nor a date") from None
        first, last = ends[0] or 0, ends[-1] or 0
        chosen += [(first + step) % 7 for step in range((last - first) % 7 + 1)]
    return tuple(dict.fromkeys(chosen))


def _weekday(name: str) -> int | None:
    full = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for place, (short, long) in enumerate(zip(_WEEKDAYS, full, strict=True)):
        if name in (short, long):
            return place
    return None
