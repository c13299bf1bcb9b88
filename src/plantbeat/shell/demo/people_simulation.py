"""What people report beside production: who has come to work, and what went or nearly went wrong."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US, Told
from plantbeat.shell.demo.stories import ShortCrew, people_needed

TAKEN_AFTER_US = 12 * MINUTE_US
NOT_TAKEN, ON_LEAVE, ABSENT = 0.015, 0.05, 0.04
NEAR_MISS_A_DAY, FIRST_AID_A_DAY, RECORDABLE_A_DAY = 0.22, 0.05, 0.015
RECORDABLE_DAYS_AGO = (61, 23)
"""Before the plant was built, so many days, somebody was hurt; since then it is chance."""


LEFT_TO_LOOKERS, LEFT_FOR_US = ("L2", "L4"), 8 * 60 * MINUTE_US
"""Lines on which whoever looks at the running plant takes attendance, from so long before it was built."""


class Roster(NamedTuple):
    """A crew that begins a shift on a line with so many people rostered."""

    start_us: int
    line: str
    crew: str
    people: int
    shift: str = ""


def attendance(
    rosters: Sequence[Roster], seed: str, from_us: int, until_us: int, short: ShortCrew | None = None
) -> Iterator[Told]:
    """Attendance as the leads took it after an instant and up to another (included); `rosters` in order.

    Where people are missing the lead finds cover down to what the line needs, but not in a `short` shift.
    """
    first = bisect_right(rosters, from_us - TAKEN_AFTER_US, key=_begin)
    last = bisect_right(rosters, until_us - TAKEN_AFTER_US, key=_begin)
    for roster in rosters[first:last]:
        if not roster.people:
            continue
        chance = Chance.of(seed, "attendance", roster.line, roster.crew, roster.start_us)
        not_taken = chance.happens(NOT_TAKEN)
        is_short = short is not None and short.holds(roster.line, roster.shift, roster.start_us)
        if not_taken and not is_short:
            continue
        leave = sum(chance.happens(ON_LEAVE) for _ in range(roster.people))
        absent = sum(chance.happens(ABSENT) for _ in range(roster.people - leave))
        present = max(
            roster.people - leave - absent, min(people_needed(roster.people), roster.people - leave)
        )
        if is_short and short is not None:
            present = min(present, short.present)
        body = {"rostered": roster.people, "present": present, "leave": leave}
        yield Told(roster.start_us + TAKEN_AFTER_US, roster.line, "attendance", body, True)


def incidents(lines: Sequence[str], seed: str, built_us: int, from_us: int, until_us: int) -> Iterator[Told]:
    """Injuries and near misses after an instant and up to another (included); `lines` work every day."""
    hurt = {(built_us - days * DAY_US) // DAY_US for days in RECORDABLE_DAYS_AGO}
    for day in range(from_us // DAY_US, until_us // DAY_US + 1):
        chance = Chance.of(seed, "incidents", day)
        since_built = day * DAY_US > built_us
        for severity, happened in (
            ("near_miss", chance.happens(NEAR_MISS_A_DAY)),
            ("first_aid", chance.happens(FIRST_AID_A_DAY)),
            ("recordable", chance.happens(RECORDABLE_A_DAY) if since_built else day in hurt),
        ):
            at_us = day * DAY_US + round(chance.share() * (DAY_US - 1))
            line = lines[chance.between(0, len(lines) - 1)]
            if happened and from_us < at_us <= until_us:
                case = f"{'NM' if severity == 'near_miss' else 'INC'}-{day}"
                yield Told(at_us, line, "incident", {"case": case, "severity": severity}, True)


def _begin(roster: Roster) -> int:
    return roster.start_us
