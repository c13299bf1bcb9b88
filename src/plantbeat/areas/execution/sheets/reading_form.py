"""What somebody typed into the form of a sheet, read cell by cell; every fault names its row and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.answers import KeyedHour, KeyedSheet, KeyedStop
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Problem, Refused

STOP_ROWS = 8
MOST = 1_000_000
LONGEST_WORD = 40
COLUMNS = {
    "good": _("Good"), "scrap": _("Scrap"), "defect": _("Defect"), "stop_from": _("Stop from"),
    "stop_to": _("Stop to"),
}  # fmt: skip
"""Columns of the form as the page names them."""


def read_sheet(sheet: ShiftSheet, hours: Sequence[tuple[int, int]], given: Mapping[str, str]) -> KeyedSheet:
    """The sheet that a posted form says. Raises `Refused` with every cell that cannot be read.

    An hour without any number was not written down; an order holds until another one is written.
    """
    problems: list[Problem] = []
    made = tuple(_hours(hours, given, problems))
    stops = tuple(_stops(sheet, given, problems))
    if problems:
        raise Refused(problems)
    return KeyedSheet(made, stops)


def _hours(
    hours: Sequence[tuple[int, int]], given: Mapping[str, str], problems: list[Problem]
) -> Iterator[KeyedHour]:
    order = ""
    for row, (start_us, end_us) in enumerate(hours, 1):
        cells = {
            name: given.get(f"{name}-{row}", "").strip() for name in ("order", "good", "scrap", "defect")
        }
        order = cells["order"] or order
        if not (cells["good"] or cells["scrap"]):
            if cells["defect"]:
                problems.append(_wrong(row, "scrap", "", _now("a defect needs its number of pieces")))
            continue
        good, scrap = (_whole(row, name, cells[name], problems) for name in ("good", "scrap"))
        if cells["defect"] and not scrap:
            problems.append(_wrong(row, "scrap", cells["scrap"], _now("a defect needs its number of pieces")))
        if len(cells["defect"]) > LONGEST_WORD:
            problems.append(_wrong(row, "defect", cells["defect"], _now("is longer than 40 characters")))
        yield KeyedHour(start_us, end_us, order, good, scrap, cells["defect"])


def _wrong(row: int, column: str, value: str, message: str, allowed: str = "") -> Problem:
    return Problem(message, str(COLUMNS[column]), value or None, allowed, row=row)


def _whole(row: int, name: str, text: str, problems: list[Problem]) -> int:
    plain = text.replace(" ", "").replace(",", "").replace(".", "").replace("'", "")
    if not text:
        return 0
    if not plain.isdigit() or int(plain) > MOST or ("." in text and len(text.rsplit(".", 1)[1]) != 3):
        message = _now("“%(text)s” is no number of pieces") % {"text": text}
        problems.append(_wrong(row, name, text, message, _now("a whole number from 0 to 1,000,000")))
        return 0
    return int(plain)


def _stops(sheet: ShiftSheet, given: Mapping[str, str], problems: list[Problem]) -> Iterator[KeyedStop]:
    for row in range(1, STOP_ROWS + 1):
        begins, ends, reason = (
            given.get(f"{name}-{row}", "").strip() for name in ("stop_from", "stop_to", "stop_reason")
        )
        if not (begins or ends):
            if reason:
                problems.append(_wrong(row, "stop_from", "", _now("a reason needs the time of its stop")))
            continue
        from_us = _instant(sheet, row, "stop_from", begins, problems)
        until_us = _instant(sheet, row, "stop_to", ends, problems)
        if from_us is None or until_us is None:
            continue
        if until_us <= from_us:
            problems.append(_wrong(row, "stop_to", ends, _now("the stop ends before it begins")))
            continue
        yield KeyedStop(from_us, until_us, reason)


def _instant(sheet: ShiftSheet, row: int, name: str, text: str, problems: list[Problem]) -> int | None:
    """A time of day as an instant of the shift: `7:05`, `07.05`, `0705`."""
    plain = text.replace(":", "").replace(".", "").replace("h", "")
    if not plain.isdigit() or len(plain) not in (3, 4) or int(plain[:-2]) > 23 or int(plain[-2:]) > 59:
        message = _now("“%(text)s” is no time") % {"text": text} if text else _now("a stop needs both times")
        problems.append(_wrong(row, name, text, message, _now("hours and minutes, as in 07:05")))
        return None
    zone = ZoneInfo(sheet.site.zone)
    first = clock.from_us(sheet.start_us).astimezone(zone).date()
    wanted = time(int(plain[:-2]), int(plain[-2:]))
    for day in (first, first + timedelta(days=1)):
        at_us = clock.to_us(datetime.combine(day, wanted, zone))
        if sheet.start_us <= at_us <= sheet.end_us:
            return at_us
    begin, end = (f"{clock.from_us(us).astimezone(zone):%H:%M}" for us in (sheet.start_us, sheet.end_us))
    message = _now("%(time)s is outside the shift") % {"time": text}
    problems.append(
        _wrong(row, name, text, message, _now("%(begin)s to %(end)s") % {"begin": begin, "end": end})
    )
    return None
