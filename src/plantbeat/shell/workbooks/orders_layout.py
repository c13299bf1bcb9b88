"""The orders workbook: its sheets and columns, with units, as the reader, the template and the manual know
them.

| sheet | one row is | needed | | --- | --- | --- | | Orders | a production order | yes | | Routings | a
step of an item's routing | yes | | Machines | a machine | yes | | Calendars | a span of open time of a
calendar, weekly or on one date | yes | | Setups | a set-up from one family to another at a work centre |
no: without it set-ups take no time | | Site | a setting: Time zone, Plan start | no: UTC; the earliest
release, else now |

Titles are found in the first filled row of a sheet, in any order, whatever their case and whether or not
the unit in brackets is there; further columns are left alone. A date is a date cell or text such as
2026-03-05 14:00, in the site's time zone. A due date without a time means the end of that day, a release
without a time its beginning.
"""

from __future__ import annotations

from dataclasses import dataclass

ORDERS, ROUTINGS, MACHINES, CALENDARS, SETUPS, SITE = (
    "Orders",
    "Routings",
    "Machines",
    "Calendars",
    "Setups",
    "Site",
)


@dataclass(frozen=True)
class Column:
    """A column: title, unit, whether a value is needed, what it means, what is allowed, an example."""

    title: str
    needed: bool
    meaning: str
    allowed: str
    unit: str = ""

    @property
    def header(self) -> str:
        """Title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title


@dataclass(frozen=True)
class Sheet:
    """A sheet and its columns."""

    name: str
    needed: bool
    columns: tuple[Column, ...]

    def column(self, title: str) -> Column:
        """The column of a title."""
        return next(column for column in self.columns if column.title == title)


_NAME = "a name"
_DATE = "a date, or a date and time such as 2026-03-05 14:00"
_TIME = "a time from 00:00 to 24:00"

LAYOUT: tuple[Sheet, ...] = (
    Sheet(
        ORDERS,
        True,
        (
            Column("Order", True, "number or name of the order", "a name that no other row has"),
            Column("Item", True, "what is made", "an item of the sheet Routings"),
            Column("Quantity", True, "how many pieces", "a number above 0", "pcs"),
            Column("Release", False, "earliest start; empty: the plan's start", _DATE),
            Column("Due", True, "when it should be finished", _DATE),
            Column("Weight", False, "what a late minute costs against others; empty: 1", "0 to 1000, whole"),
        ),
    ),
    Sheet(
        ROUTINGS,
        True,
        (
            Column("Item", True, "what is made", _NAME),
            Column("Step", True, "number or name of the step", "a name that no other step of the item has"),
            Column("Work centre", True, "where the step is done", "a work centre of the sheet Machines"),
            Column("Fixed time", False, "work per order, whatever the quantity", "a number from 0", "min"),
            Column("Time per piece", False, "work per piece", "a number from 0", "min"),
            Column("Family", False, "set-up family", "a family of the work centre in the sheet Setups"),
            Column(
                "Machines", False, "allowed machines; empty: all of the work centre", "names, with commas"
            ),
            Column("After", False, "steps that must be finished first; empty: the step before", "steps"),
            Column("Interruptible", False, "whether breaks may interrupt it; empty: yes", "yes or no"),
        ),
    ),
    Sheet(
        MACHINES,
        True,
        (
            Column("Machine", True, "name of the machine", "a name that no other row has"),
            Column("Work centre", True, "group of machines that do the same steps", _NAME),
            Column("Calendar", True, "when it is open", "a calendar of the sheet Calendars"),
            Column("Speed", False, "1.25 = a quarter faster; empty: 1", "a number from 0.01 to 100"),
            Column("Set up for", False, "family it is set up for now", "a family of its work centre"),
        ),
    ),
    Sheet(
        CALENDARS,
        True,
        (
            Column("Calendar", True, "name of the calendar", _NAME),
            Column("Day", True, "weekday or date; a date replaces its weekday", "Mon, Mon-Fri, or a date"),
            Column("From", False, "opening; empty with To empty: closed on that date", _TIME),
            Column("To", False, "closing; not after From: on the next day", _TIME),
        ),
    ),
    Sheet(
        SETUPS,
        False,
        (
            Column("Work centre", True, "where", "a work centre of the sheet Machines"),
            Column("From", True, "family before; * = any other", "a family, or *"),
            Column("To", True, "family after; * = any other", "a family, or *"),
            Column("Minutes", True, "set-up time", "a number from 0", "min"),
        ),
    ),
    Sheet(
        SITE,
        False,
        (
            Column("Setting", True, "name of the setting", "Time zone or Plan start"),
            Column("Value", False, "its value", "an IANA time zone such as Europe/Berlin; a date and time"),
        ),
    ),
)

SHEETS = {sheet.name: sheet for sheet in LAYOUT}
