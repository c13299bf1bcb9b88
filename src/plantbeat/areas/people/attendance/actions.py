"""What people do about attendance: take it by exception, correct it, lend somebody to another line."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import DatabaseError
from django.utils.translation import gettext as _

from plantbeat.areas.people.attendance.answers import RosterLine
from plantbeat.areas.people.attendance.questions import roster_line, shift_named
from plantbeat.areas.people.records.attendance_mark import AttendanceMark, Mark
from plantbeat.areas.people.records.attendance_sheet import AttendanceSheet
from plantbeat.areas.people.records.line_loan import LineLoan
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.recompute import recompute_asset
from plantbeat.facts.views.rules import SiteRules
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

logger = logging.getLogger("plantbeat.people")

EARLIEST_US = 2 * 3_600_000_000
"""So long before a shift begins its attendance may be taken: people are at the line before it starts."""


@dataclass(frozen=True, slots=True)
class Exceptional:
    """Somebody who is not simply present."""

    person_id: int
    mark: str
    late_min: int | None = None


def take_attendance(
    site: Site,
    shift_id: int,
    line: str,
    exceptions: Sequence[Exceptional],
    by: Actor,
    *,
    version: int | None = None,
    at_us: int | None = None,
) -> AttendanceSheet:
    """Write down who of a line's crew is absent, late or on leave; all others are present.

    Taken again it corrects: the marks become those given now, the sheet keeps its history, and the fact of
    the last time holds. `version` is that of the sheet the taker had in front of them (0: none yet). `at_us`
    is when it was tapped, where it arrives later; what was counted after that stays.
    Raises `Refused` for who may not take it, for a shift that is far ahead, for somebody who is not on the
    roster, and when somebody else has taken it in between.
    """
    shift, roster = shift_named(site, shift_id), roster_line(site, shift_id, line, by)
    found = visible(Line, by).filter(site=site, code=line).first()
    if found is None:
        raise Refused(Problem(_("there is no line “%(code)s” here") % {"code": line}, "line"), Kind.missing)
    taken_us = clock.now_us() if at_us is None else at_us
    _refuse_untimely(shift, roster.sheet, taken_us)
    _refuse_strangers(roster, exceptions)
    if version == 0 and roster.sheet is not None:
        message = _("somebody has taken attendance of %(line)s in between") % {"line": line}
        raise Refused(Problem(message, "version"), Kind.conflict)
    with writing():
        _write_marks(site, shift, found, roster.marks, exceptions, by)
        sheet = _write_sheet(site, shift, found, roster, exceptions, by, version, taken_us)
    if at_us is None:
        _compute_now(site, found, sheet.counted_us)
    return sheet


def _refuse_untimely(shift: FactShift, sheet: AttendanceSheet | None, taken_us: int) -> None:
    if sheet is not None and taken_us < sheet.taken_us:
        message = _("attendance was taken again after this")
        raise Refused(Problem(message, "at_us"), Kind.conflict)
    if taken_us < shift.start_us - EARLIEST_US:
        message = _("attendance of a shift is taken from two hours before it begins")
        raise Refused(Problem(message, "shift", shift.shift), Kind.state)


def _refuse_strangers(roster: RosterLine, exceptions: Sequence[Exceptional]) -> None:
    """Everybody marked is on the roster, once, with a mark there is."""
    known, seen = {person.pk for person in roster.people}, set[int]()
    for one in exceptions:
        if one.person_id not in known:
            message = _("is not on the roster of this line and shift")
            raise Refused(Problem(message, "person", one.person_id))
        if one.person_id in seen:
            raise Refused(Problem(_("is marked twice"), "person", one.person_id))
        if one.mark not in Mark.values:
            raise Refused(Problem(_("is no mark"), "mark", one.mark, ", ".join(Mark.values)))
        seen.add(one.person_id)


def _write_marks(
    site: Site,
    shift: FactShift,
    line: Line,
    before: Mapping[int, AttendanceMark],
    exceptions: Sequence[Exceptional],
    by: Actor,
) -> None:
    """Make the marks those given now; a reason that a leader has given stays with its mark."""
    place = {"site": site, "day": shift.owner_day, "shift": shift.shift}
    gone = dict(before)
    for one in exceptions:
        says = {"mark": one.mark, "late_min": one.late_min if one.mark == Mark.late else None, "line": line}
        known = gone.pop(one.person_id, None)
        person = visible(Person, by).get(pk=one.person_id)
        if known is None:
            act(AttendanceMark, "create", by, {**place, "person": person, **says})
        elif (known.mark, known.late_min) != (says["mark"], says["late_min"]):
            act(known, "edit", by, says)
    for mark in gone.values():
        act(mark, "remove", by)


def _write_sheet(
    site: Site,
    shift: FactShift,
    line: Line,
    roster: RosterLine,
    exceptions: Sequence[Exceptional],
    by: Actor,
    version: int | None,
    taken_us: int,
) -> AttendanceSheet:
    """The sheet as numbers; writing it appends the fact, which is why it comes last."""
    rostered = len(roster.people)
    counted = {mark: sum(one.mark == mark for one in exceptions) for mark in Mark.values}
    leave, absent = counted[Mark.leave], counted[Mark.absent]
    numbers = {
        "rostered": rostered,
        "leave": leave,
        "late": counted[Mark.late],
        "present": rostered - leave - absent,
    }
    if roster.sheet is not None:
        return act(roster.sheet, "count_again", by, numbers | {"at_us": taken_us}, version=version)
    last_us = shift.end_us - 1
    numbers |= {
        "taken_us": taken_us,
        "counted_us": min(max(taken_us, shift.start_us), last_us),
        "until_us": last_us,
    }
    key = {"site": site, "line": line, "day": shift.owner_day, "shift": shift.shift, "crew": shift.crew}
    return act(AttendanceSheet, "create", by, {**key, **numbers})


def _compute_now(site: Site, line: Line, at_us: int) -> None:
    """Let the figures follow before the page is shown again; if the database is busy the worker does it."""
    rules = SiteRules(site.pk)
    asset_id = rules.line_ids.get(line.code)
    if asset_id is None:
        return
    try:
        recompute_asset(asset_id, {rules.day_at(at_us)})
    except DatabaseError:
        logger.warning("attendance is recorded; the worker will compute its day", exc_info=True)


def lend(site: Site, shift_id: int, person_id: int, line: str, by: Actor) -> LineLoan | None:
    """Let somebody work a shift on another line; on their own line the loan ends (None).

    Raises `Refused` for who may not, and for a person or line that does not exist.
    """
    shift = shift_named(site, shift_id)
    person = visible(Person, by).filter(site=site, pk=person_id).first()
    to = visible(Line, by).filter(site=site, code=line).first()
    if person is None or to is None:
        name, value = ("person", person_id) if person is None else ("line", line)
        raise Refused(Problem(_("is not known at this site"), name, value), Kind.missing)
    loans = visible(LineLoan, by).filter(site=site, day=shift.owner_day, shift=shift.shift, person=person)
    loan = loans.first()
    if person.home_line_id == to.pk:
        if loan is not None:
            act(loan, "remove", by)
        return None
    if loan is not None:
        return act(loan, "edit", by, {"line": to})
    data = {"site": site, "day": shift.owner_day, "shift": shift.shift, "person": person, "line": to}
    return act(LineLoan, "create", by, data)
