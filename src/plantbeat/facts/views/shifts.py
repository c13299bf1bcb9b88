"""Shift instances: the published patterns of a site, its holidays and one-off changes, written out in UTC.

What has begun stays as it was when a pattern, the zone or the owner-day rule of the site changes; what lies
ahead is written anew. A holiday or a change of one day put into the past changes the past, and dirties it; so
does a pattern that is rewritten from a day on, because somebody said so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from plantbeat.engine.calendars import ShiftInstance, ShiftPattern, local_day_at, local_day_window
from plantbeat.engine.oee import ShiftSpan
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views.calendar_text import pattern_text, times_text
from plantbeat.facts.views.dimension_tables import (
    EVERY_LINE,
    FactCalendar,
    FactHoliday,
    FactLine,
    FactPattern,
    FactShift,
    FactShiftChange,
    FactSiteRule,
)
from plantbeat.facts.views.dirty_days import touch
from plantbeat.facts.views.local_days import follow_zone
from plantbeat.facts.views.shift_calendar import LONG_AGO_US, OneOff, SiteCalendar
from plantbeat.facts.views.tables import ShiftPlan
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing

HORIZON = timedelta(days=35)
"""How far ahead shifts are written out."""
ONE_DAY = timedelta(days=1)


def publish_pattern(site_id: int, ref: str, code: str, pattern: ShiftPattern | None) -> None:
    """Make a shift pattern known; None says that it has no shifts (yet).

    Shifts that have begun stay as they were, unless the pattern is new today or had no shifts before.
    """
    definition = pattern_text(pattern) if pattern is not None else ""
    with writing():
        latest = _latest(site_id, ref)
        if latest is not None and latest.code != code:
            _rename(site_id, ref, latest.code, code)
            latest.code = code
        if latest is not None and latest.definition == definition:
            return
        calendar = SiteCalendar.of(site_id)
        is_new = (
            latest is None
            or not latest.definition
            or (latest.published == calendar.today and latest.since_us == LONG_AGO_US)
        )
        if latest is None:
            latest = FactPattern(site_id=site_id, ref=ref, code=code, since_us=LONG_AGO_US)
        elif not is_new:
            before, since_us = latest.rewritten_from, clock.now_us() + 1
            latest = FactPattern(
                site_id=site_id, ref=ref, code=code, since_us=since_us, rewritten_from=before
            )
        latest.definition, latest.published = definition, calendar.today
        latest.zone, latest.owner_day = calendar.site.zone, calendar.site.owner_day
        latest.save()
        _rewrite(SiteCalendar.of(site_id), code, LONG_AGO_US if is_new else clock.now_us() + 1)


def rewrite_pattern(site_id: int, ref: str, first: date) -> None:
    """Write the shifts of a pattern anew from a local day on, by what it and the site's settings say now.

    Done once for each day that is named: later changes of the pattern hold from their own time on.
    """
    with writing():
        latest, calendar = _latest(site_id, ref), SiteCalendar.of(site_id)
        if latest is None or latest.rewritten_from == first:
            return
        since_us = local_day_window(first, ZoneInfo(calendar.site.zone)).start_us
        FactPattern.objects.filter(site=site_id, ref=ref, since_us__gte=since_us).delete()
        FactPattern.objects.create(
            site_id=site_id, ref=ref, code=latest.code, since_us=since_us, published=calendar.today,
            definition=latest.definition, zone=calendar.site.zone, owner_day=calendar.site.owner_day,
            rewritten_from=first,
        )  # fmt: skip
        _rewrite(SiteCalendar.of(site_id), latest.code, since_us)


def _latest(site_id: int, ref: str) -> FactPattern | None:
    return FactPattern.objects.filter(site=site_id, ref=ref).order_by("-since_us").first()


def _rewrite(calendar: SiteCalendar, code: str, since_us: int) -> None:
    """Write out anew the shifts of a pattern that begin from an instant on."""
    today = calendar.today
    written = FactCalendar.objects.filter(site=calendar.site, pattern=code).first()
    if written is not None:
        first = written.first
        if since_us != LONG_AGO_US:
            since = clock.from_us(since_us).astimezone(ZoneInfo(calendar.site.zone)).date()
            first = max(written.first, since - ONE_DAY)
        _write_out(calendar, code, first, written.last, since_us)
        _touch_site(calendar.site, first, today)
    _cover(calendar, code, today - ONE_DAY, today + HORIZON)


def _rename(site_id: int, ref: str, before: str, after: str) -> None:
    FactPattern.objects.filter(site=site_id, ref=ref).update(code=after)
    FactShift.objects.filter(site=site_id, pattern=before).update(pattern=after)
    FactCalendar.objects.filter(site=site_id, pattern=before).update(pattern=after)
    FactLine.objects.filter(asset__site=site_id, pattern=before).update(pattern=after)
    FactSiteRule.objects.filter(site=site_id, pattern=before).update(pattern=after)


def publish_holiday(site_id: int, ref: str, day: date | None, name: str = "") -> None:
    """Make a holiday known, moved, or (day None) gone; one in the past makes its days dirty."""
    with writing():
        before = FactHoliday.objects.filter(site=site_id, ref=ref).first()
        days = {before.day} if before else set()
        if day is None:
            FactHoliday.objects.filter(site=site_id, ref=ref).delete()
        else:
            days.add(day)
            FactHoliday.objects.update_or_create(
                site_id=site_id, ref=ref, defaults={"day": day, "name": name}
            )
            if before is not None and before.day == day:
                return
        _rewrite_days(site_id, days)


def publish_shift_change(
    site_id: int, ref: str, change: OneOff | None, asset: FactAsset | None = None
) -> None:
    """Make a change of one day's shifts known, or (None) gone; one in the past makes its days dirty.

    `asset` is the line or area it is about; None: the whole site.
    """
    with writing():
        before = FactShiftChange.objects.filter(site=site_id, ref=ref).first()
        days = {before.day} if before else set()
        if change is None:
            FactShiftChange.objects.filter(site=site_id, ref=ref).delete()
        else:
            days.add(change.day)
            values = {
                "asset": asset, "day": change.day, "change": change.change, "shift": change.shift,
                "crew": change.crew, "times": times_text(change.times) if change.times else "",
            }  # fmt: skip
            if before is not None and all(getattr(before, name) == value for name, value in values.items()):
                return
            FactShiftChange.objects.update_or_create(site_id=site_id, ref=ref, defaults=values)
        _rewrite_days(site_id, days)


def begin_on(site_id: int, day: date, but: str = "") -> set[tuple[str, str]]:
    """(shift, crew) pairs that begin on a local day by any pattern, one change (by its ref) left out."""
    calendar = SiteCalendar.of(site_id)
    calendar.changes = [one for one in calendar.changes if one.ref != but]
    lines: list[int | None] = [None, *(one.asset_id for one in calendar.changes if one.day == day)]
    return {
        (one.shift, one.crew)
        for code in calendar.patterns
        for line in lines
        for one in calendar.instances(code, day - ONE_DAY, day + ONE_DAY, line)
        if local_day_at(one.start_us, ZoneInfo(calendar.site.zone)).day == day
    }


def _rewrite_days(site_id: int, days: Iterable[date]) -> None:
    """Write out anew what begins on local days, whether it has begun or not."""
    calendar, written = SiteCalendar.of(site_id), list(FactCalendar.objects.filter(site=site_id))
    for day in sorted(days):
        for row in written:
            first, last = max(day - ONE_DAY, row.first), min(day + ONE_DAY, row.last)
            if first <= last:
                _write_out(calendar, row.pattern, first, last)
        _touch_site(calendar.site, day - ONE_DAY, day + ONE_DAY)


def ensure(site_id: int, first: date, last: date) -> None:
    """Write out the shifts of every pattern of a site for production days that lack them.

    What lies ahead is written anew if the zone or the owner-day rule of the site has changed.
    """
    patterns, site = {}, Site.objects.get(pk=site_id)
    for row in FactPattern.objects.filter(site=site_id).order_by("since_us"):
        patterns[row.code] = row
    follow_zone(site)
    for row in patterns.values():
        if (row.zone, row.owner_day) != (site.zone, site.owner_day):
            _follow_site(site, row.ref)
    covered = {row.pattern: row for row in FactCalendar.objects.filter(site=site_id)}
    lacking = [
        code
        for code in patterns
        if code not in covered or first < covered[code].first or last > covered[code].last
    ]
    if lacking:
        with writing():
            calendar = SiteCalendar.of(site_id)
            for code in sorted(lacking):
                _cover(calendar, code, first, last)


def _follow_site(site: Site, ref: str) -> None:
    """From now on a pattern is worked by the zone and the owner-day rule that the site has now."""
    with writing():
        latest, now_us = _latest(site.pk, ref), clock.now_us()
        if latest is None or (latest.zone, latest.owner_day) == (site.zone, site.owner_day):
            return
        FactPattern.objects.create(
            site=site, ref=ref, code=latest.code, since_us=now_us + 1, published=latest.published,
            definition=latest.definition, zone=site.zone, owner_day=site.owner_day,
            rewritten_from=latest.rewritten_from,
        )  # fmt: skip
        _rewrite(SiteCalendar.of(site.pk), latest.code, now_us + 1)


def _cover(calendar: SiteCalendar, code: str, first: date, last: date) -> None:
    """Extend the days written out for a pattern to hold `first` to `last`, without holes."""
    row = FactCalendar.objects.select_for_update().filter(site=calendar.site, pattern=code).first()
    if row is None:
        _write_out(calendar, code, first, last)
        FactCalendar.objects.create(site=calendar.site, pattern=code, first=first, last=last)
        return
    if first < row.first:
        _write_out(calendar, code, first, row.first - ONE_DAY)
        row.first = first
    if last > row.last:
        _write_out(calendar, code, row.last + ONE_DAY, last)
        row.last = last
    row.save()


def _touch_site(site: Site, first: date, last: date) -> None:
    touch(FactAsset.objects.filter(site=site).values_list("pk", flat=True), first, last)


_Place = tuple[int, date, str, str]
"""Line, owner day, name and crew: what stays the same when a shift moves."""


def _write_out(
    calendar: SiteCalendar, code: str, first: date, last: date, since_us: int = LONG_AGO_US
) -> None:
    """Make the shifts of owner days `first` to `last` that begin from an instant on what they are now.

    A shift that stays as it was keeps its id, and so does one that only moves within its day: what refers to
    it, such as its frozen plan, stays right.
    """
    known = FactShift.objects.filter(
        site=calendar.site, pattern=code, owner_day__gte=first, owner_day__lte=last, start_us__gte=since_us
    )
    stored = {_key(row): row for row in known}
    wanted = {_key(row): row for row in _wanted(calendar, code, first, last) if row.start_us >= since_us}
    stale = {key: row for key, row in stored.items() if key not in wanted}
    free = {_place(row): row for row in stale.values()}
    for key, row in wanted.items():
        moved = free.get(_place(row)) if key not in stored else None
        if moved is not None:
            FactShift.objects.filter(pk=moved.pk).update(start_us=row.start_us)
            stale.pop(_key(moved))
    fields = ["end_us", "owner_day", "breaks", "planned_us", "left_out"]
    FactShift.objects.bulk_create(
        wanted.values(), batch_size=500, update_conflicts=True, update_fields=fields,
        unique_fields=["site", "pattern", "line", "start_us", "shift", "crew"],
    )  # fmt: skip
    _move_plans(known.all(), {row.pk for row in stale.values()})
    FactShift.objects.filter(pk__in=[row.pk for row in stale.values()]).delete()


def _wanted(calendar: SiteCalendar, code: str, first: date, last: date) -> Iterable[FactShift]:
    """Rows of the shifts all lines work, and of those that single lines work instead."""
    general = calendar.instances(code, first, last)
    left_out: dict[ShiftInstance, list[int]] = defaultdict(list)
    for line in calendar.lines_apart(code, first, last):
        own = calendar.instances(code, first, last, line)
        for one in set(general) - set(own):
            left_out[one].append(line)
        yield from (_row(calendar.site, code, one, line) for one in own if one not in set(general))
    yield from (_row(calendar.site, code, one, EVERY_LINE, left_out[one]) for one in general)


def _row(site: Site, code: str, one: ShiftInstance, line: int, left_out: Sequence[int] = ()) -> FactShift:
    return FactShift(
        site=site, pattern=code, line=line, start_us=one.start_us, end_us=one.end_us, shift=one.shift,
        crew=one.crew, owner_day=one.owner_day, breaks=msgspec.json.encode(one.breaks).decode(),
        planned_us=one.planned_us, left_out=msgspec.json.encode(list(left_out)).decode(),
    )  # fmt: skip


def _key(row: FactShift) -> tuple[int, int, str, str]:
    return row.line, row.start_us, row.shift, row.crew


def _place(row: FactShift) -> _Place:
    return row.line, row.owner_day, row.shift, row.crew


def _move_plans(rows: Iterable[FactShift], stale: set[int]) -> None:
    """Frozen plans follow a line to the shift it works instead of the one of all lines, and back."""
    at = {_place(row): row for row in rows if row.pk not in stale}
    for row in rows:
        for line in {row.line} if row.line != EVERY_LINE else left_out(row):
            other = at.get((line if row.line == EVERY_LINE else EVERY_LINE, *_place(row)[1:]))
            if other is not None and (row.line == EVERY_LINE or row.pk in stale):
                ShiftPlan.objects.filter(asset=line, shift=row).update(shift=other)


def left_out(shift: FactShift) -> list[int]:
    """Lines that do not work a shift of their pattern."""
    return msgspec.json.decode(shift.left_out, type=list[int])


def worked_by(shifts: Iterable[FactShift], pattern: str, line: int | None) -> list[FactShift]:
    """Shifts of a pattern that a line works, in their order; without a line those of all lines."""
    return [one for one in shifts if one.pattern == pattern and _works(one.line, one.left_out, line)]


def _works(of_line: int, without: str, line: int | None) -> bool:
    if of_line != EVERY_LINE:
        return of_line == line
    return without == "[]" or line not in msgspec.json.decode(without)


@dataclass(frozen=True, slots=True)
class Shifts:
    """Shifts of a site over a time, by pattern; what the cube cuts days by."""

    by_pattern: dict[str, list[tuple[ShiftSpan, int, str]]]
    owner_days: dict[int, date]

    @classmethod
    def between(cls, site_id: int, start_us: int, end_us: int) -> Shifts:
        """Those that share time with ``[start_us, end_us)``; one query."""
        rows = FactShift.objects.filter(site=site_id, start_us__lt=end_us, end_us__gt=start_us)
        by_pattern: dict[str, list[tuple[ShiftSpan, int, str]]] = defaultdict(list)
        owner_days = {}
        for row in rows.order_by("start_us", "shift", "crew"):
            pauses = tuple((a, b) for a, b in msgspec.json.decode(row.breaks))
            span = ShiftSpan(row.start_us, row.end_us, row.pk, pauses)
            by_pattern[row.pattern].append((span, row.line, row.left_out))
            owner_days[row.pk] = row.owner_day
        return cls(by_pattern, owner_days)

    def of(self, pattern: str, line: int | None, start_us: int, end_us: int) -> Sequence[ShiftSpan]:
        """Shifts that a line works by a pattern and that share time with a day."""
        return [
            span
            for span, of_line, without in self.by_pattern.get(pattern, ())
            if span.start_us < end_us and span.end_us > start_us and _works(of_line, without, line)
        ]


def working(shifts: Iterable[FactShift], at_us: int) -> list[FactShift]:
    """Shifts that are being worked at an instant, the one that began last first."""
    now = [shift for shift in shifts if shift.start_us <= at_us < shift.end_us]
    return sorted(now, key=lambda shift: (-shift.start_us, -shift.pk))
