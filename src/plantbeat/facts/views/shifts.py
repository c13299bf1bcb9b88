"""Shift instances: the published patterns of a site, its holidays and its owner-day rule, written out in UTC.

What has begun stays as it was when a pattern changes; what lies ahead is written anew. A holiday put into
the past changes the past, and dirties it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import msgspec

from plantbeat.engine.calendars import (
    Holiday,
    OwnerDay,
    ShiftCalendar,
    ShiftInstance,
    ShiftPattern,
    local_day_at,
    shift_instances,
)
from plantbeat.engine.oee import ShiftSpan
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views.calendar_text import pattern_of, pattern_text
from plantbeat.facts.views.dimension_tables import (
    BEGINNING,
    FactCalendar,
    FactHoliday,
    FactLine,
    FactPattern,
    FactShift,
    FactSiteRule,
)
from plantbeat.facts.views.dirty_days import touch
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing

HORIZON = timedelta(days=35)
"""How far ahead shifts are written out."""
ONE_DAY = timedelta(days=1)
LONG_AGO_US = -(2**62)


@dataclass(slots=True)
class _Calendars:
    """What the shifts of a site follow from."""

    site: Site
    zone: ZoneInfo
    holidays: tuple[Holiday, ...]
    patterns: dict[str, list[FactPattern]] = field(default_factory=dict)

    @classmethod
    def of(cls, site_id: int) -> _Calendars:
        site = Site.objects.get(pk=site_id)
        days = FactHoliday.objects.filter(site=site_id).values_list("day", "name")
        made = cls(site, ZoneInfo(site.zone), tuple(Holiday(day, name) for day, name in days))
        for row in FactPattern.objects.filter(site=site_id).order_by("valid_from"):
            made.patterns.setdefault(row.code, []).append(row)
        return made

    @property
    def today(self) -> date:
        return local_day_at(clock.now_us(), self.zone).day

    def instances(self, code: str, first: date, last: date) -> list[ShiftInstance]:
        """Shifts of a pattern whose owner day lies in `first` to `last`, by the definition of each day."""
        rows, made = self.patterns.get(code, []), []
        ends = [*(row.valid_from - ONE_DAY for row in rows[1:]), date.max]
        for row, until in zip(rows, ends, strict=True):
            begin, end = max(first, row.valid_from), min(last, until)
            if row.definition and begin <= end:
                rule = OwnerDay(self.site.owner_day)
                calendar = ShiftCalendar(pattern_of(row.definition), self.zone, rule, self.holidays)
                made += shift_instances(calendar, begin, end)
        return made


def publish_pattern(site_id: int, ref: str, code: str, pattern: ShiftPattern | None) -> None:
    """Make a shift pattern known; None says that it has no shifts (yet).

    Shifts that have begun stay as they were, unless the pattern is new today or had no shifts before.
    """
    definition = pattern_text(pattern) if pattern is not None else ""
    with writing():
        latest = FactPattern.objects.filter(site=site_id, ref=ref).order_by("-valid_from").first()
        if latest is not None and latest.code != code:
            _rename(site_id, ref, latest.code, code)
            latest.code = code
        if latest is not None and latest.definition == definition:
            return
        today = _Calendars.of(site_id).today
        is_new = (
            latest is None
            or not latest.definition
            or (latest.published == today and latest.valid_from == BEGINNING)
        )
        if latest is None:
            latest = FactPattern(site_id=site_id, ref=ref, code=code, valid_from=BEGINNING, published=today)
        elif latest.definition and latest.published != today:
            latest = FactPattern(site_id=site_id, ref=ref, code=code, valid_from=today, published=today)
        latest.definition, latest.published = definition, today
        latest.save()
        _rewrite(_Calendars.of(site_id), code, whole=is_new)


def _rewrite(calendars: _Calendars, code: str, *, whole: bool) -> None:
    """Write out the shifts of a changed pattern: all of them, or those that have not begun."""
    today = calendars.today
    written = FactCalendar.objects.filter(site=calendars.site, pattern=code).first()
    if written is not None:
        first = written.first if whole else max(written.first, today - ONE_DAY)
        after_us = LONG_AGO_US if whole else clock.now_us()
        _write_out(calendars, code, first, written.last, after_us=after_us)
        _touch_site(calendars.site, first, today)
    _cover(calendars, code, today - ONE_DAY, today + HORIZON)


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
        calendars = _Calendars.of(site_id)
        for calendar in FactCalendar.objects.filter(site=site_id):
            for one in days:
                first, last = max(one - ONE_DAY, calendar.first), min(one + ONE_DAY, calendar.last)
                if first <= last:
                    _write_out(calendars, calendar.pattern, first, last)
        for one in days:
            _touch_site(calendars.site, one - ONE_DAY, one + ONE_DAY)


def ensure(site_id: int, first: date, last: date) -> None:
    """Write out the shifts of every pattern of a site for production days that lack them."""
    patterns = set(FactPattern.objects.filter(site=site_id).values_list("code", flat=True))
    covered = {row.pattern: row for row in FactCalendar.objects.filter(site=site_id)}
    lacking = [
        code
        for code in patterns
        if code not in covered or first < covered[code].first or last > covered[code].last
    ]
    if lacking:
        with writing():
            calendars = _Calendars.of(site_id)
            for code in sorted(lacking):
                _cover(calendars, code, first, last)


def _cover(calendars: _Calendars, code: str, first: date, last: date) -> None:
    """Extend the days written out for a pattern to hold `first` to `last`, without holes."""
    row = FactCalendar.objects.select_for_update().filter(site=calendars.site, pattern=code).first()
    if row is None:
        _write_out(calendars, code, first, last)
        FactCalendar.objects.create(site=calendars.site, pattern=code, first=first, last=last)
        return
    if first < row.first:
        _write_out(calendars, code, first, row.first - ONE_DAY)
        row.first = first
    if last > row.last:
        _write_out(calendars, code, row.last + ONE_DAY, last)
        row.last = last
    row.save()


def _touch_site(site: Site, first: date, last: date) -> None:
    touch(FactAsset.objects.filter(site=site).values_list("pk", flat=True), first, last)


def _write_out(
    calendars: _Calendars, code: str, first: date, last: date, after_us: int = LONG_AGO_US
) -> None:
    """Make the shifts of owner days `first` to `last` that begin after an instant exactly what they are now.

    A shift that stays as it was keeps its id, so that what refers to it stays right.
    """
    known = FactShift.objects.filter(
        site=calendars.site, pattern=code, owner_day__gte=first, owner_day__lte=last, start_us__gt=after_us
    )
    stored = {(row.start_us, row.shift, row.crew): row for row in known}
    made = [one for one in calendars.instances(code, first, last) if one.start_us > after_us]
    wanted = {(one.start_us, one.shift, one.crew): _row(calendars.site, code, one) for one in made}
    stale = [row.pk for key, row in stored.items() if key not in wanted]
    FactShift.objects.filter(pk__in=stale).delete()
    fields = ["end_us", "owner_day", "breaks", "planned_us"]
    FactShift.objects.bulk_create(
        wanted.values(), batch_size=500, update_conflicts=True, update_fields=fields,
        unique_fields=["site", "pattern", "start_us", "shift", "crew"],
    )  # fmt: skip


def _row(site: Site, code: str, one: ShiftInstance) -> FactShift:
    return FactShift(
        site=site, pattern=code, start_us=one.start_us, end_us=one.end_us, shift=one.shift, crew=one.crew,
        owner_day=one.owner_day, breaks=msgspec.json.encode(one.breaks).decode(), planned_us=one.planned_us,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shifts:
    """Shifts of a site over a time, by pattern; what the cube cuts days by."""

    by_pattern: dict[str, list[ShiftSpan]]
    owner_days: dict[int, date]

    @classmethod
    def between(cls, site_id: int, start_us: int, end_us: int) -> Shifts:
        """Those that share time with ``[start_us, end_us)``; one query."""
        rows = FactShift.objects.filter(site=site_id, start_us__lt=end_us, end_us__gt=start_us)
        by_pattern: dict[str, list[ShiftSpan]] = {}
        owner_days = {}
        fields = ("pk", "pattern", "start_us", "end_us", "breaks", "owner_day")
        for pk, pattern, begin_us, until_us, breaks, owner in rows.order_by(
            "start_us", "shift", "crew"
        ).values_list(*fields):
            pauses = tuple((a, b) for a, b in msgspec.json.decode(breaks))
            by_pattern.setdefault(pattern, []).append(ShiftSpan(begin_us, until_us, pk, pauses))
            owner_days[pk] = owner
        return cls(by_pattern, owner_days)

    def of(self, pattern: str, start_us: int, end_us: int) -> Sequence[ShiftSpan]:
        """Shifts of a pattern that share time with a day."""
        spans = self.by_pattern.get(pattern, ())
        return [span for span in spans if span.start_us < end_us and span.end_us > start_us]


def working(shifts: Iterable[FactShift], at_us: int) -> list[FactShift]:
    """Shifts that are being worked at an instant, the one that began last first."""
    now = [shift for shift in shifts if shift.start_us <= at_us < shift.end_us]
    return sorted(now, key=lambda shift: (-shift.start_us, -shift.pk))
