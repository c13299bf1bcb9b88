"""Attendance: every line's crew at a glance, one crew to be taken, somebody lent to another line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plantbeat.areas.people.attendance.actions import Exceptional, lend, take_attendance
from plantbeat.areas.people.attendance.answers import CrewAttendance, RosterLine
from plantbeat.areas.people.attendance.questions import (
    attendance_now,
    attendance_of,
    may_read_names,
    roster_line,
)
from plantbeat.areas.people.records.attendance_mark import ATTENDANCE, Mark
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.facts.taps.receiving import OLDEST_US
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

STATUS_OF = {Kind.conflict: 409, Kind.forbidden: 403, Kind.missing: 404}


@require_GET
@signed_in
@rules_read_once()
def overview(request: HttpRequest) -> HttpResponse:
    """Every line that is worked now: taken or not, present against need."""
    by, site = actor_of(request), _site(request)
    rows = attendance_now(site, by)
    context = {
        "page_title": _("Attendance"),
        "rows": [crew_row(row) for row in rows],
        "taken": sum(row.taken for row in rows),
        "may_take": may_take(site, by),
        "untaken": [row for row in rows if not row.taken],
        "needs_url": address(StaffingNeed),
        "needs_missing": [row.line for row in rows if row.needed is None],
        "now": clock.now(),
    }
    return render(request, "people/attendance.html", context)


def crew_row(row: CrewAttendance) -> dict[str, Any]:
    """A crew as tables show it; its status is never good before attendance is taken."""
    if not row.taken:
        status, word = "none", _("Not taken")
    elif row.short:
        status, word = "act", _("%(n)s short") % {"n": row.short}
    elif row.absent:
        status, word = "watch", _("%(n)s absent") % {"n": row.absent}
    else:
        status, word = "good", _("All there")
    return {
        "crew": row,
        "status": status,
        "word": word,
        "start": clock.from_us(row.start_us),
        "end": clock.from_us(row.end_us),
        "taken_at": clock.from_us(row.taken_us) if row.taken_us is not None else None,
        "names": names_text(row),
    }


def names_text(row: CrewAttendance) -> str:
    """Who is not there as usual, for those who may read names; else empty."""
    words = {str(mark.value): str(mark.label).lower() for mark in Mark}
    return ", ".join(f"{one.name} ({words[one.mark]})" for one in row.names or ())


def may_take(site: Site, by: Actor) -> bool:
    """True for a person who takes attendance at the site."""
    return by.user_id is not None and by.holds(ATTENDANCE, site.pk)


@require_http_methods(["GET", "POST"])
@signed_in
def sheet(request: HttpRequest, shift_id: int, line: str) -> HttpResponse:
    """One crew: tap who is absent, late or on leave, then "all others present"."""
    by, site = actor_of(request), _site(request)
    problems: list[Problem] = []
    status, given = 200, dict[int, Exceptional]()
    if request.method == "POST":
        try:
            given = _exceptions(request.POST)
            version = _whole(request.POST.get("version", "0"))
            taken = take_attendance(site, shift_id, line, list(given.values()), by, version=version)
        except Refused as refused:
            problems, status = refused.problems, STATUS_OF.get(refused.kind, 422)
        else:
            words = {"line": line, "present": taken.present, "rostered": taken.rostered}
            said = _("%(line)s: %(present)s of %(rostered)s present.") % words
            messages.success(request, said)
            return redirect("attendance")
    rows = [one for one in attendance_of(site, shift_id, by) if one.line == line]
    if not rows or not may_read_names(site, by):
        raise Refused(_("your role does not allow to take attendance here"), Kind.forbidden)
    roster = roster_line(site, shift_id, line, by)
    lines = [one.line for one in attendance_of(site, shift_id, by) if one.line != line]
    context = {
        "page_title": _("Attendance of %(line)s") % {"line": line},
        "crumbs": [{"label": _("Attendance"), "url": request.build_absolute_uri("/attendance/")}],
        "row": crew_row(rows[0]),
        "people": _people(roster, given if problems else None),
        "lent_away": _lent_away(roster),
        "changed": roster.sheet is not None and roster.sheet.rostered != len(roster.people),
        "version": roster.sheet.version if roster.sheet is not None else 0,
        "marks": [
            {"value": "", "label": _("Present")},
            *({"value": m.value, "label": m.label} for m in Mark),
        ],
        "other_lines": lines,
        "problems": problems,
        "line": line,
        "shift_id": shift_id,
        "person": by.pseudonym,
        "scope": reverse("attendance"),
        "oldest_us": OLDEST_US,
    }
    return render(request, "people/attendance_sheet.html", context, status=status)


def _people(roster: RosterLine, given: dict[int, Exceptional] | None) -> list[dict[str, Any]]:
    """Everybody on the roster with the mark they have; after a refusal with what was given."""
    rows = []
    for person in roster.people:
        known = given.get(person.pk) if given is not None else roster.marks.get(person.pk)
        rows.append(
            {
                "person": person,
                "mark": known.mark if known is not None else "",
                "late_min": known.late_min if known is not None else None,
                "lent_from": person.home_line.code
                if person.pk in roster.lent_in and person.home_line
                else "",
            }
        )
    return rows


def _lent_away(roster: RosterLine) -> int:
    return len(roster.lent_away)


def _exceptions(given: QueryDict) -> dict[int, Exceptional]:
    """Marks of a posted sheet by person; everybody without one is present."""
    found = {}
    for name, mark in given.items():
        if name.startswith("mark-") and mark:
            person_id = _whole(name.removeprefix("mark-"))
            late = str(given.get(f"late-{person_id}", "")).strip() if mark == Mark.late else ""
            found[person_id] = Exceptional(person_id, str(mark), _minutes(late))
    return found


def _minutes(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 600:
        raise Refused(Problem(_("is no number of minutes"), "late_min", text, _("1 to 600")))
    return int(text)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Refused(Problem(_("is no number"), "version", text))
    return int(text)


@require_POST
@signed_in
def all_present(request: HttpRequest) -> HttpResponse:
    """All people of the crews named are present; crews that somebody has taken meanwhile are left alone."""
    by, site = actor_of(request), _site(request)
    done: list[str] = []
    for shift_id, line in _crews_named(request.POST.getlist("crew")):
        row = next((one for one in attendance_of(site, shift_id, by) if one.line == line), None)
        if row is not None and not row.taken:
            take_attendance(site, shift_id, line, [], by, version=0)
            done.append(line)
    said = _("All present on %(lines)s.") % {"lines": ", ".join(done)}
    messages.success(request, said if done else _("Attendance was taken already."))
    return redirect(_back(request))


def _crews_named(texts: Sequence[str]) -> list[tuple[int, str]]:
    found = []
    for text in texts:
        shift_id, _colon, line = text.partition(":")
        found.append((_whole(shift_id), line))
    return found


def _back(request: HttpRequest) -> str:
    """Where the person came from, among the pages that offer it."""
    return "start_up" if "to_start_up" in request.POST else "attendance"


@require_POST
@signed_in
def loan(request: HttpRequest, shift_id: int) -> HttpResponse:
    """Let somebody work this shift on another line, or come back to their own."""
    by, site = actor_of(request), _site(request)
    line = request.POST.get("line", "")
    lent = lend(site, shift_id, _whole(request.POST.get("person", "")), line, by)
    if lent is not None:
        words = {"name": lent.person.name, "line": lent.line.code}
        messages.success(request, _("%(name)s works on %(line)s this shift.") % words)
    else:
        messages.success(request, _("Back on the own line."))
    return redirect("attendance_sheet", shift_id=shift_id, line=request.POST.get("from", line))


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if site is None:
        raise Http404
    return site
