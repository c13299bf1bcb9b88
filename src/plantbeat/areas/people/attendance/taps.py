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


def declare_attendance_tap() -> None:
    """Let tablets take attendance."""
    tap("attendance", by=ATTENDANCE)(_attendance)


def _attendance(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, absent: [id], late: [id], leave: [id]}`: people who are not simply present; all others are.

    The shift is the one the line worked when it was tapped, or the next within two hours.
    """
    line = tap_in.text("line")
    rows = [one for one in attendance_now(site, by, at_us=tap_in.at_us) if one.line == line]
    if not rows:
        raise Refused(Problem(_("no shift was worked there at that time"), "line", line), Kind.state)
    marked = [Exceptional(pk, str(mark)) for mark in Mark for pk in _people(tap_in, str(mark))]
    take_attendance(site, rows[0].shift_id, line, marked, by, at_us=tap_in.at_us)


def _people(tap_in: TapIn, name: str) -> list[int]:
    """The ids of a list of the data; left out: nobody. Raises `Refused` for anything else."""
    given = tap_in.data.get(name, [])
    if not isinstance(given, list) or len(given) > MOST_PEOPLE or not all(type(one) is int for one in given):
        raise Refused(Problem(_("is no list of people"), name, None, _("ids of people of the roster")))
    return given
