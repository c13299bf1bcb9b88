"""Attendance tapped on a tablet, with or without a network: it counts at the time of the tap."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.areas.people.attendance.actions import Exceptional, take_attendance
from plantbeat.areas.people.attendance.questions import attendance_now
from plantbeat.areas.people.records.attendance_mark import ATTENDANCE, Mark
from plantbeat.facts.taps import TapIn, tap
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

MOST_PEOPLE = 500
MOST_LATE_MIN = 600
MOST_ID = 2**63 - 1


def declare_attendance_tap() -> None:
    """Let tablets take attendance."""
    tap("attendance", by=ATTENDANCE)(_attendance)


def _attendance(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, absent: [id], late: [id], leave: [id], late_min: {id: min}, shift, version}`.

    People who are not simply present; all others are. Without `shift` it is the one the line worked when it
    was tapped, or the next within two hours. `version` is that of the sheet the taker had before them.
    """
    line = tap_in.text("line")
    late = _minutes(tap_in)
    marked = [
        Exceptional(pk, str(mark), late.get(pk) if mark is Mark.late else None)
        for mark in Mark
        for pk in _people(tap_in, str(mark))
    ]
    version = tap_in.whole("version", 0, MOST_ID) if "version" in tap_in.data else None
    shift_id = _shift(tap_in, site, line, by)
    take_attendance(site, shift_id, line, marked, by, version=version, at_us=tap_in.at_us)


def _shift(tap_in: TapIn, site: Site, line: str, by: Actor) -> int:
    if "shift" in tap_in.data:
        return tap_in.whole("shift", 1, MOST_ID)
    rows = [one for one in attendance_now(site, by, at_us=tap_in.at_us) if one.line == line]
    if not rows:
        raise Refused(Problem(_("no shift was worked there at that time"), "line", line), Kind.state)
    return rows[0].shift_id


def _minutes(tap_in: TapIn) -> dict[int, int]:
    """Minutes late by person; left out: nobody said. Raises `Refused` for anything else."""
    given = tap_in.data.get("late_min", {})
    pairs = given.items() if isinstance(given, dict) and len(given) <= MOST_PEOPLE else [("", None)]
    found = {}
    for pk, minutes in pairs:
        if not str(pk).isdecimal() or type(minutes) is not int or not 1 <= minutes <= MOST_LATE_MIN:
            allowed = _("1 to %(most)s") % {"most": MOST_LATE_MIN}
            raise Refused(Problem(_("is no number of minutes"), "late_min", minutes, allowed))
        found[int(pk)] = minutes
    return found


def _people(tap_in: TapIn, name: str) -> list[int]:
    """The ids of a list of the data; left out: nobody. Raises `Refused` for anything else."""
    given = tap_in.data.get(name, [])
    if not isinstance(given, list) or len(given) > MOST_PEOPLE or not all(type(one) is int for one in given):
        raise Refused(Problem(_("is no list of people"), name, None, _("ids of people of the roster")))
    return given
