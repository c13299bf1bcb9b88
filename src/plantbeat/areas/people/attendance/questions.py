"""What can be asked of attendance. Numbers are for everybody at the site, names for those who take it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plantbeat.areas.people.attendance.answers import CrewAttendance, NotHere, RosterLine
from plantbeat.areas.people.attendance.roster import Roster, roster_of_shift
from plantbeat.areas.people.records.attendance_mark import ATTENDANCE, AttendanceMark
from plantbeat.areas.people.records.attendance_sheet import AttendanceSheet
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.engine.kpi.people import AttendanceSheet as SheetCounts
from plantbeat.engine.kpi.people import attendance
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.readings import KeptFact
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import allowed_at
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

EXPECTED_OVER_US = 28 * 86_400_000_000
SOON_US = 2 * 3_600_000_000
"""A shift that begins within this time is prepared already."""

LEAST_SHEETS = 10
"""Sheets a line must have had in the last 28 days for a rate of its own."""


def attendance_of(
    site: Site, shift_id: int, by: Actor, *, lines: Iterable[str] | None = None
) -> list[CrewAttendance]:
    """Attendance of every line that works a shift, or of some of them by code, in the order of their codes.

    A fixed number of queries, however many lines. Raises `Refused` without a role at the site or for a
    shift that does not exist.
    """
    allowed_at(site.pk, by)
    rules, shift = rules_of(site.pk), shift_named(site, shift_id)
    wanted = None if lines is None else set(lines)
    assets = [line for line in lines_of_shift(rules, shift) if wanted is None or line.code in wanted]
    if not assets:
        return []
    known = _Known.of(site, shift, assets, by)
    return [_of_line(rules, shift, asset, known) for asset in assets]


def roster_line(site: Site, shift_id: int, line: str, by: Actor) -> RosterLine:
    """The crew of a line in a shift, by name. Raises `Refused` for who does not take attendance."""
    if not may_read_names(site, by):
        raise Refused(Problem(_("your role does not allow to take attendance here")), Kind.forbidden)
    shift = shift_named(site, shift_id)
    roster = roster_of_shift(site, shift, [line])
    marks = visible(AttendanceMark, by).filter(site=site, day=shift.owner_day, shift=shift.shift)
    sheet = visible(AttendanceSheet, by).filter(
        site=site, day=shift.owner_day, shift=shift.shift, crew=shift.crew, line__code=line
    )
    return RosterLine(
        roster.people[line],
        {person.pk: to for person, to in roster.lent_away[line]},
        frozenset(person.pk for person in roster.lent_in[line]),
        {mark.person_id: mark for mark in marks.filter(line__code=line)},
        sheet.first(),
    )


def may_read_names(site: Site, by: Actor) -> bool:
    """True for a person who takes attendance at the site; never for a wall or a device by itself."""
    return by.trusted or (by.user_id is not None and by.holds(ATTENDANCE, site.pk))


def shift_named(site: Site, shift_id: int) -> FactShift:
    """A shift of the site. Raises `Refused` for one that does not exist."""
    shift = readings.shift_with_id(site.pk, shift_id)
    if shift is None:
        raise Refused(Problem(_("there is no such shift here"), "shift", shift_id), Kind.missing)
    return shift


def lines_of_shift(rules: SiteRules, shift: FactShift) -> list[FactAsset]:
    """Lines in use that work a shift, by code."""
    found = []
    for asset in rules.assets.values():
        in_use = asset.valid_to_us is None or asset.valid_to_us > shift.start_us
        if asset.level == AssetLevel.line and in_use:
            pattern = rules.reading(asset.pk, shift.owner_day).pattern
            if worked_by([shift], pattern, asset.pk):
                found.append(asset)
    return sorted(found, key=lambda asset: asset.code)


@dataclass(slots=True)
class _Known:
    """Everything that is known of the lines of a shift, read once."""

    roster: Roster
    sheets: dict[str, AttendanceSheet]
    told: dict[int, KeptFact]
    past: dict[int, list[SheetCounts]]
    needs: dict[tuple[str, str], int]
    marks: dict[str, list[NotHere]] | None

    @classmethod
    def of(cls, site: Site, shift: FactShift, assets: list[FactAsset], by: Actor) -> _Known:
        codes = [asset.code for asset in assets]
        sheets = visible(AttendanceSheet, by).filter(
            site=site, day=shift.owner_day, shift=shift.shift, crew=shift.crew, line__code__in=codes
        )
        needs = visible(StaffingNeed, by).filter(site=site, line__code__in=codes)
        since_us = shift.start_us - EXPECTED_OVER_US
        facts = readings.facts_kept([asset.pk for asset in assets], ["attendance"], since_us, shift.end_us)
        told, past = _parted(facts, shift)
        return cls(
            roster_of_shift(site, shift, codes),
            {sheet.line.code: sheet for sheet in sheets.select_related("line")},
            told,
            past,
            {(need.line.code, need.shift): need.people for need in needs.select_related("line")},
            _marks(site, shift, by),
        )


def _parted(
    facts: Iterable[KeptFact], shift: FactShift
) -> tuple[dict[int, KeptFact], dict[int, list[SheetCounts]]]:
    """The last sheet told in the shift, and the counts of those before it, by the asset of the line.

    A sheet that was corrected counts as often as it was written: what is expected hardly moves by it.
    """
    told: dict[int, KeptFact] = {}
    past: dict[int, list[SheetCounts]] = defaultdict(list)
    for fact in facts:
        if fact.t_us >= shift.start_us:
            if fact.said.get("crew") in (None, shift.crew):
                told[fact.asset_id] = fact
            continue
        past[fact.asset_id].append(_counts(fact.said))
    return told, past


def _counts(said: Mapping[str, int]) -> SheetCounts:
    rostered = said["rostered"]
    leave = min(said.get("leave", 0), rostered)
    return SheetCounts(rostered, leave, min(said["present"], rostered - leave), taken=True)


def _marks(site: Site, shift: FactShift, by: Actor) -> dict[str, list[NotHere]] | None:
    if not may_read_names(site, by):
        return None
    rows = visible(AttendanceMark, by).filter(site=site, day=shift.owner_day, shift=shift.shift)
    found: dict[str, list[NotHere]] = defaultdict(list)
    for row in rows.select_related("person", "line").order_by("person__name"):
        reason = str(row.get_reason_display() or "") if row.reason else ""
        found[row.line.code].append(NotHere(row.person_id, row.person.name, row.mark, row.late_min, reason))
    return found


def _of_line(rules: SiteRules, shift: FactShift, asset: FactAsset, known: _Known) -> CrewAttendance:
    sheet, told = known.sheets.get(asset.code), known.told.get(asset.pk)
    if sheet is not None and told is not None and told.t_us > sheet.counted_us:
        sheet = None  # a connected time clock has counted again since
    rostered, leave, present, late, taken_us = len(known.roster.people[asset.code]), 0, None, None, None
    if sheet is not None:
        rostered, leave, present = sheet.rostered, sheet.leave, sheet.present
        late, taken_us = sheet.late, sheet.taken_us
    elif told is not None:
        rostered, leave, present = told.said["rostered"], told.said.get("leave", 0), told.said["present"]
        taken_us = told.t_us
    past = known.past.get(asset.pk, [])
    rate = attendance(past).ratio if len(past) >= LEAST_SHEETS else None
    return CrewAttendance(
        line=asset.code,
        line_name=asset.name,
        line_id=_record_id(asset),
        area=rules.area_of(asset.pk, shift.owner_day),
        shift_id=shift.pk,
        shift=shift.shift,
        crew=shift.crew,
        day=shift.owner_day,
        start_us=shift.start_us,
        end_us=shift.end_us,
        rostered=rostered,
        leave=leave,
        present=present,
        late=late,
        taken_us=taken_us,
        names=None if known.marks is None else tuple(known.marks.get(asset.code, ())),
        expected_percent=rate.value if rate is not None else None,
        expected_n=len(past),
        needed=known.needs.get((asset.code, shift.shift), known.needs.get((asset.code, ""))),
        lent_in=len(known.roster.lent_in[asset.code]),
        lent_away=len(known.roster.lent_away[asset.code]),
    )


def _record_id(asset: FactAsset) -> int:
    """Id of the line's record, as its published name ends with it."""
    return int(asset.ref.rpartition(":")[2] or 0)


def attendance_now(site: Site, by: Actor, *, at_us: int | None = None) -> list[CrewAttendance]:
    """Attendance of the shifts being worked at an instant (now), and of those that begin within two hours on
    lines that nobody works then; by line, then begin."""
    now_us = clock.now_us() if at_us is None else at_us
    shifts = readings.shifts_between(site.pk, now_us, now_us + SOON_US)
    found: dict[str, CrewAttendance] = {}
    for shift in sorted(shifts, key=lambda one: (one.start_us > now_us, -one.start_us, one.pk)):
        for row in attendance_of(site, shift.pk, by):
            found.setdefault(row.line, row)
    return [found[line] for line in sorted(found)]
