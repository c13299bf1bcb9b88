"""What can be asked of sheets, and the hours a sheet has."""

from __future__ import annotations

from plantbeat.areas.execution.hours.questions import slots_of
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.planning.questions import open_orders
from plantbeat.areas.planning.runs.questions import version_now
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


def sheet_numbered(site: Site, number: str, by: Actor) -> ShiftSheet | None:
    """A sheet by its number as people write it: `SH-000012`, `sh-12` or `12`."""
    digits = number.strip().upper().removeprefix("SH-")
    if not digits.isdigit() or len(digits) > 15:
        return None
    rows = visible(ShiftSheet, by).filter(site=site, number=f"SH-{int(digits):06d}")
    return rows.select_related("line", "site").first()


def sheets_on_paper(site: Site, until_us: int, by: Actor) -> list[ShiftSheet]:
    """Sheets of shifts that have begun and were not keyed in, the latest first; at most twenty."""
    rows = visible(ShiftSheet, by).filter(site=site, state="on_paper", start_us__lte=until_us)
    return list(rows.select_related("line").order_by("-start_us", "line__code")[:20])


def shift_of_sheet(sheet: ShiftSheet) -> FactShift | None:
    """The shift of a sheet as the calendar has it now."""
    shifts = readings.shifts_between(sheet.site_id, sheet.start_us, sheet.start_us + 1)
    return next((one for one in shifts if (one.shift, one.start_us) == (sheet.shift, sheet.start_us)), None)


def planned_order(sheet: ShiftSheet, by: Actor) -> str:
    """Number of the order that the schedule in force begins a sheet's shift with; empty where it has none."""
    shift = shift_of_sheet(sheet)
    version = version_now(sheet.site, shift, by) if shift is not None else None
    if version is None:
        return ""
    runs = version.runs.get(Floor(sheet.site, by).rules.line_ids[sheet.line.code], [])
    still_open = set(open_orders(sheet.site, by).values_list("number", flat=True))
    return next((run.order for run in runs if run.order in still_open), "")


def hours_of(sheet: ShiftSheet, by: Actor) -> list[tuple[int, int]]:
    """(start, end) of the hours of a sheet's shift."""
    shift = shift_of_sheet(sheet)
    if shift is None:
        return []
    return [(start_us, end_us) for _civil, start_us, end_us in slots_of(Floor(sheet.site, by), shift)]
