"""What the shifts of a site follow from: its patterns as they were at each time, holidays, one-off changes.

A shift follows the definition in force when it begins; later definitions leave it as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars import (
    CancelledShift,
    ChangedTimes,
    ExtraShift,
    Holiday,
    OwnerDay,
    ShiftCalendar,
    ShiftChange,
    ShiftInstance,
    ShiftPattern,
    ShiftTimes,
    local_day_at,
    shift_instances,
)
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.calendar_text import pattern_of, times_of
from plantbeat.facts.views.dimension_tables import (
    ChangeOfShift,
    FactHoliday,
    FactPattern,
    FactShiftChange,
)
from plantbeat.facts.views.rules import SiteRules
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site

LONG_AGO_US = -(2**62)
FAR_AHEAD_US = 2**62
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OneOff:
    """One change of the shifts that begin on a day; without a name of a shift or crew all are meant.

    `times` is needed for an extra shift and for other times. Other times without breaks keep those breaks of
    the shift that still fit.
    """

    day: date
    change: ChangeOfShift
    shift: str = ""
    crew: str = ""
    times: ShiftTimes | None = None


def engine_changes(
    pattern: ShiftPattern, holidays: Sequence[Holiday], changes: Sequence[OneOff]
) -> tuple[ShiftChange, ...]:
    """Changes as the calendar engine takes them; those of shifts that nobody works that day say nothing."""
    by_day: dict[date, list[OneOff]] = defaultdict(list)
    for one in changes:
        by_day[one.day].append(one)
    closed = {holiday.day for holiday in holidays}
    return tuple(
        made
        for day, of_day in by_day.items()
        for made in _of_day(day, [] if day in closed else pattern.crew_shifts(day), of_day)
    )


def _of_day(day: date, worked: list[tuple[str, ShiftTimes]], changes: list[OneOff]) -> Iterator[ShiftChange]:
    for one in changes:
        if one.change == ChangeOfShift.extra and one.times is not None:
            worked.append((one.crew, one.times))
            yield ExtraShift(day, one.crew, one.times)
            continue
        meant = {
            (crew, times)
            for crew, times in worked
            if one.shift in ("", times.name) and one.crew in ("", crew)
        }
        for crew, times in sorted(meant, key=lambda pair: (pair[0], pair[1].name)):
            worked.remove((crew, times))
            if one.change == ChangeOfShift.cancelled:
                yield CancelledShift(day, times.name, crew)
            elif one.times is not None:
                changed = _at_other_times(times, one.times)
                worked.append((crew, changed))
                yield ChangedTimes(day, times.name, changed, crew)


def _at_other_times(usual: ShiftTimes, other: ShiftTimes) -> ShiftTimes:
    """The shift at other times; its own breaks stay where they still fit."""
    named = replace(other, name=usual.name)
    if other.breaks:
        return named
    breaks = [
        pause
        for pause in usual.breaks
        if named.break_offset_min(pause) + pause.duration_min <= named.duration_min
    ]
    return replace(named, breaks=tuple(breaks))


@dataclass
class SiteCalendar:
    """Everything that decides who works when at a site."""

    site: Site
    holidays: tuple[Holiday, ...]
    patterns: dict[str, list[FactPattern]]
    changes: list[FactShiftChange]

    @classmethod
    def of(cls, site_id: int) -> SiteCalendar:
        """The calendar of a site as published; four queries."""
        site = Site.objects.get(pk=site_id)
        days = FactHoliday.objects.filter(site=site_id).values_list("day", "name")
        patterns: dict[str, list[FactPattern]] = defaultdict(list)
        for row in FactPattern.objects.filter(site=site_id).order_by("since_us"):
            patterns[row.code].append(row)
        changes = FactShiftChange.objects.filter(site=site_id).select_related("asset").order_by("pk")
        return cls(site, tuple(Holiday(day, name) for day, name in days), dict(patterns), list(changes))

    @property
    def today(self) -> date:
        """The local day that is going on."""
        return local_day_at(clock.now_us(), ZoneInfo(self.site.zone)).day

    @cached_property
    def _rules(self) -> SiteRules:
        return SiteRules(self.site.pk)

    def lines_apart(self, code: str, first: date, last: date) -> list[int]:
        """Lines of a pattern that have changes of their own near the days, both included."""
        near = [
            one
            for one in self.changes
            if one.asset is not None and first - 2 * ONE_DAY <= one.day <= last + 2 * ONE_DAY
        ]
        found = {line for one in near for line in self._lines_of(one)}
        return sorted(
            line for line in found if any(self._rules.reading(line, one.day).pattern == code for one in near)
        )

    def _lines_of(self, change: FactShiftChange) -> list[int]:
        """Lines a change is about, where it is not about all."""
        asset = change.asset
        if asset is None or asset.level == AssetLevel.line:
            return [] if asset is None else [asset.pk]
        lines = self._rules.line_ids.values()
        return [line for line in lines if self._rules.area_of(line, change.day) == asset.code]

    def _changes(self, line: int | None) -> list[OneOff]:
        """Changes for all lines, and those of one line with them."""
        return [
            OneOff(
                one.day, ChangeOfShift(one.change), one.shift, one.crew,
                times_of(one.times) if one.times else None,
            )
            for one in self.changes
            if one.asset is None or line in self._lines_of(one)
        ]  # fmt: skip

    def instances(self, code: str, first: date, last: date, line: int | None = None) -> list[ShiftInstance]:
        """Shifts of a pattern with owner days `first` to `last`: of all lines, or as one of them works."""
        rows, changes = self.patterns.get(code, []), self._changes(line)
        made: list[ShiftInstance] = []
        for row, until_us in _until_next(rows):
            if not row.definition:
                continue
            pattern = pattern_of(row.definition)
            calendar = ShiftCalendar(
                pattern, ZoneInfo(row.zone), OwnerDay(row.owner_day), self.holidays,
                engine_changes(pattern, self.holidays, changes),
            )  # fmt: skip
            found = shift_instances(calendar, first, last)
            made += [one for one in found if row.since_us <= one.start_us < until_us]
        return made


def _until_next(rows: Sequence[FactPattern]) -> Iterator[tuple[FactPattern, int]]:
    """Rows in order of time, each with the instant at which the next one begins."""
    yield from ((row, following.since_us) for row, following in pairwise(rows))
    if rows:
        yield rows[-1], FAR_AHEAD_US
