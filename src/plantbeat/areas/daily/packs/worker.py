"""The worker's round of shift packs: each is written once, some minutes before its shift."""

from __future__ import annotations

from collections.abc import Iterator

from plantbeat.areas.daily.packs.writing import deliver, ways_of
from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.actions import PRINTER, sheet_for
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site

MINUTE_US = 60_000_000
LATE_US = 30 * MINUTE_US
"""A shift that began longer ago gets no pack any more."""
AGAIN_US = 5 * MINUTE_US
PACKS = DueRows("shift pack", again_s=300.0)

_tried: dict[int, int] = {}
"""When this process last tried a sheet that could not be written."""


def write_due_packs(site: Site) -> list[ShiftSheet]:
    """Write the packs of shifts that begin soon and have none yet; nothing where no way is set up."""
    ways = ways_of(site, PRINTER)
    if not ways.any:
        return []
    now_us = clock.now_us()
    written: list[ShiftSheet] = []

    def write(due: tuple[str, FactShift]) -> None:
        sheet = sheet_for(site, *due, PRINTER)
        if sheet.written_us is None and _tried.get(sheet.pk, 0) <= now_us - AGAIN_US:
            _tried[sheet.pk] = now_us
            written.append(deliver(sheet))

    begin = shifts_beginning(site, now_us - LATE_US, now_us + ways.minutes_before * MINUTE_US + 1)
    PACKS.each(begin, write, key=lambda due: (site.code, due[0], due[1].shift, f"{due[1].owner_day}"))
    return written


def shifts_beginning(site: Site, from_us: int, to_us: int) -> Iterator[tuple[str, FactShift]]:
    """(line, shift) of the shifts that lines in use begin in [from, to), by start, then line."""
    rules = SiteRules(site.pk)
    begin = [
        one for one in readings.shifts_between(site.pk, from_us, to_us) if from_us <= one.start_us < to_us
    ]
    for shift in begin:
        for asset in sorted(rules.assets.values(), key=lambda one: one.code):
            in_use = asset.valid_to_us is None or asset.valid_to_us > shift.start_us
            if asset.level == AssetLevel.line and in_use:
                pattern = rules.reading(asset.pk, shift.owner_day).pattern
                if worked_by([shift], pattern, asset.pk):
                    yield asset.code, shift
