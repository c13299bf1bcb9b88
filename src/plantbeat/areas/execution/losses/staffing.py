"""Shifts that had fewer people than their line needs, from the attendance facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db.models import Max

from plantbeat.areas.execution.losses.answers import ShortShift, Understaffed
from plantbeat.areas.execution.losses.looking import Looking, opened
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.engine.signals.rate_change import more_than_before
from plantbeat.engine.signals.surprise import FALSE_ALARMS
from plantbeat.facts.views.catalogue import question
from plantbeat.facts.views.counted import events_at_hand
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.event_measures import ATTENDANCE
from plantbeat.facts.views.groups import LEAST
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

BEFORE_DAYS = 56
"""The time before a period that its short shifts are compared with."""


class Sheet(NamedTuple):
    """The last attendance taken of a shift on a line; `leave` is approved leave."""

    line: int
    shift: str
    day: date
    start_us: int
    rostered: int
    present: int
    leave: int
    lsn: int


@dataclass(frozen=True, slots=True)
class Needs:
    """People that lines need: as set for a line and shift or for the line, else as their routings ask."""

    set_: Mapping[tuple[str, str], int]
    crews: Mapping[str, int]

    def of(self, line: str, shift: str) -> int | None:
        """People a line needs in a shift; None where nothing says so."""
        for key in ((line, shift), (line, "")):
            if key in self.set_:
                return self.set_[key]
        return self.crews.get(line)


def needs_of(site: Site, by: Actor) -> Needs:
    """What the staffing needs say, and the largest crew that a routing asks for at a line; three queries."""
    known = visible(StaffingNeed, by).filter(site=site).values_list("line__code", "shift", "people")
    return Needs({(line, shift): people for line, shift, people in known}, _crews_of_routings(site, by))


def _crews_of_routings(site: Site, by: Actor) -> dict[str, int]:
    centres = visible(Machine, by).filter(site=site, work_centre__isnull=False)
    at_line: dict[str, set[int]] = defaultdict(set)
    for code, centre in centres.values_list("line__code", "work_centre_id"):
        at_line[code].add(centre)
    asked = visible(Routing, by).filter(site=site).order_by()
    crews = dict(asked.values_list("operations__work_centre_id").annotate(Max("operations__crew_size")))
    needs = {}
    for line, at in at_line.items():
        known = [crews[centre] for centre in at if centre in crews]
        if known:
            needs[line] = max(known)
    return needs


def sheets_in(looking: Looking, period: Period) -> list[Sheet]:
    """The last sheet of each shift of the lines looked at, by time; of groups that may be told about."""
    lines = {line.pk for line in looking.lines()}
    ask = question(
        MeasureCode.attendance, Scope.site(looking.site.pk), period, looking.by, None, looking.where
    )
    latest: dict[tuple[int, date, str], Sheet] = {}
    for event in events_at_hand(ask, ATTENDANCE):
        line = ask.rules.line_of(event.asset)
        if line is None or line not in lines:
            continue
        named = str(event.said.get("shift") or (event.shift.shift if event.shift else ""))
        if looking.shift and named != looking.shift:
            continue
        day = event.day(ask.rules)
        start_us = event.shift.start_us if event.shift else event.t_us
        rostered = int(event.said["rostered"])
        if rostered >= LEAST:
            latest[line, day, named] = Sheet(
                line, named, day, start_us, rostered, int(event.said["present"]),
                int(event.said.get("leave", 0)), event.lsn,
            )  # fmt: skip
    return sorted(latest.values(), key=lambda sheet: (sheet.start_us, sheet.line))


def understaffed(
    site: Site, period: Period, by: Actor, *, lines: Sequence[str] | None = None
) -> list[Understaffed]:
    """Shifts of a period with fewer people present than their line needs, by line and shift name.

    Those stand out that were short more often than the eight weeks before make likely. Groups of fewer than
    five rostered people are left out: figures of theirs would speak of persons. The worst first.
    """
    return understaffed_in(Looking(site, by, period, lines))


def understaffed_in(looking: Looking) -> list[Understaffed]:
    """As `understaffed`, for a look; five queries."""
    needs = needs_of(looking.site, looking.by)
    groups: dict[tuple[int, str], list[Sheet]] = defaultdict(list)
    for sheet in sheets_in(looking, looking.before(BEFORE_DAYS)):
        if needs.of(looking.code_of(sheet.line), sheet.shift) is not None:
            groups[sheet.line, sheet.shift].append(sheet)
    found = [
        one
        for (line, shift), sheets in groups.items()
        if (one := _judged(looking, line, shift, sheets, needs, len(groups))) is not None
    ]
    return sorted(found, key=lambda one: (-sum(s.missing for s in one.short), one.line, one.shift))


def _judged(
    looking: Looking, line: int, shift: str, sheets: Sequence[Sheet], needs: Needs, looked_at: int
) -> Understaffed | None:
    code = looking.code_of(line)
    need = needs.of(code, shift)
    if need is None:
        return None
    now = [sheet for sheet in sheets if sheet.day >= looking.first]
    before = [sheet for sheet in sheets if sheet.day < looking.first]
    short = [
        ShortShift(code, shift, one.day, one.start_us, one.rostered, one.present, need, one.lsn)
        for one in now
        if one.present < need
    ]
    if not short:
        return None
    short_before = sum(sheet.present < need for sheet in before)
    chance = None
    if before:
        chance = more_than_before((len(short), len(now)), [(short_before, len(before))])
    return Understaffed(
        code, shift, need, short, len(now), short_before, len(before), chance,
        chance is not None and chance * looked_at <= FALSE_ALARMS, looking.period,
        opened(MeasureCode.attendance, looking.scope(line), looking.period, {Cut.shift: shift}),
    )  # fmt: skip
