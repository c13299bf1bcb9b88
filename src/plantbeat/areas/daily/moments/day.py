"""The seven moments of a day or a shift, and which of them is now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plantbeat.areas.daily.records.day_moment import DayMoment, MomentCode
from plantbeat.engine.calendars.civil import MINUTE_US, local_day_at, utc_us
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text

OFFSETS_MIN: Mapping[MomentCode, int] = {
    MomentCode.start_up: 30,
    MomentCode.tune: 120,
    MomentCode.gemba: 240,
    MomentCode.sync: 390,
    MomentCode.people: 480,
    MomentCode.results: 570,
    MomentCode.handoff: 660,
}
"""Minutes after the first shift of the day begins: 06:30 to 17:00 where it begins at 06:00."""

FIRST_SHIFT = time(6)
"""Where no shift is planned, the day begins as if one began at this time."""

PAGES: Mapping[MomentCode, str] = {
    MomentCode.start_up: "start_up",
    MomentCode.tune: "schedule",
    MomentCode.gemba: "moment_gemba",
    MomentCode.sync: "moment_sync",
    MomentCode.people: "moment_people",
    MomentCode.results: "moment_results",
    MomentCode.handoff: "handoffs",
}
"""Names of the addresses of the moments' pages."""

EARLY_US = 60 * MINUTE_US
"""So long before the first moment of a bar it is looked at already."""

_DAY_PEOPLE = frozenset(Role) - {Role.supervisor, Role.line_lead, Role.operator}
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class MomentAt:
    """A moment of the bar: its instant, local time, and whether somebody set it (else: the calendar did)."""

    code: MomentCode
    at_us: int
    time: str
    page: str
    is_now: bool
    is_set: bool

    @property
    def label(self) -> Text:
        """Its name in the reader's language."""
        return self.code.label


@dataclass(frozen=True, slots=True)
class Moments:
    """The bar of a day or a shift.

    day    production day it belongs to
    shift  name of the shift whose bar it is; empty for the day of those who are not on shift
    works  False where no shift is planned on that day
    """

    day: date
    shift: str
    works: bool
    bar: tuple[MomentAt, ...]

    @property
    def now(self) -> MomentAt:
        """The moment that is due now."""
        return next(one for one in self.bar if one.is_now)


def moments_of(site: Site, at_us: int, by: Actor) -> Moments:
    """The seven moments as somebody sees them at an instant; two queries.

    Who leads on shift (supervisor, line lead, operator) sees the bar of the shift that goes on, which for the
    first shift of the day is the day's. Everybody else sees the day's, and that of the shift going on once
    the day is over. Times that a site has set (`DayMoment`) go before those of the calendar.
    """
    zone = ZoneInfo(site.zone)
    shifts = readings.shifts_between(site.pk, at_us - _DAY_US, at_us + _DAY_US)
    given = {(row.shift, MomentCode(row.moment)): row.at for row in visible(DayMoment, by).filter(site=site)}
    going_on = _going_on(shifts, at_us)
    today = local_day_at(at_us, zone).day
    of_day = _of_day(today, shifts, given, zone)
    if going_on is not None and _is_later(going_on, shifts, today):
        on_shift = not by.trusted and not by.holds(_DAY_PEOPLE | ADMINISTRATORS, site.pk)
        over = at_us >= of_day[-1][1] + EARLY_US or at_us < of_day[0][1] - EARLY_US
        if on_shift or over:
            times = _of_shift(going_on, given, zone)
            return Moments(going_on.owner_day, going_on.shift, True, _bar(times, at_us, zone))
    works = any(local_day_at(one.start_us, zone).day == today for one in shifts)
    return Moments(today, "", works, _bar(of_day, at_us, zone))


_Times = list[tuple[MomentCode, int, bool]]
_Given = Mapping[tuple[str, MomentCode], time]


def _going_on(shifts: Sequence[FactShift], at_us: int) -> FactShift | None:
    """The shift that most people work now: the one that began last."""
    now = [shift for shift in shifts if shift.start_us <= at_us < shift.end_us]
    return max(now, key=lambda shift: (shift.start_us, shift.end_us, -shift.pk), default=None)


def _is_later(shift: FactShift, shifts: Sequence[FactShift], today: date) -> bool:
    """False for the first shift that begins on its day: its bar is the day's."""
    same_day = [one.start_us for one in shifts if one.owner_day == shift.owner_day]
    return shift.start_us > min(same_day) or shift.owner_day != today


def _of_day(day: date, shifts: Sequence[FactShift], given: _Given, zone: ZoneInfo) -> _Times:
    """Moments of a local day: after the first shift that begins on it."""
    begins = [one.start_us for one in shifts if local_day_at(one.start_us, zone).day == day]
    first = clock.from_us(min(begins)).astimezone(zone).time() if begins else FIRST_SHIFT
    times: _Times = []
    for code, minutes in OFFSETS_MIN.items():
        at = given.get(("", code))
        civil = datetime.combine(day, first) + timedelta(minutes=minutes)
        chosen = at if at is not None else civil.time()
        on = day if at is not None else civil.date()
        times.append((code, utc_us(on, chosen, zone), at is not None))
    return sorted(times, key=lambda one: one[1])


def _of_shift(shift: FactShift, given: _Given, zone: ZoneInfo) -> _Times:
    """Moments of a shift: start-up half an hour after it begins, handoff as it ends, the others between
    them in the same proportion as in the day, to five minutes."""
    first, last = OFFSETS_MIN[MomentCode.start_up], OFFSETS_MIN[MomentCode.handoff]
    begin_us = min(shift.start_us + first * MINUTE_US, shift.end_us)
    times: _Times = []
    for code, minutes in OFFSETS_MIN.items():
        at = given.get((shift.shift, code))
        if at is not None:
            times.append((code, _within(shift, at, zone), True))
            continue
        part_us = (shift.end_us - begin_us) * (minutes - first) // (last - first)
        step_us = 5 * MINUTE_US
        at_us = begin_us + (part_us + step_us // 2) // step_us * step_us
        times.append((code, min(at_us, shift.end_us), False))
    return sorted(times, key=lambda one: one[1])


def _within(shift: FactShift, at: time, zone: ZoneInfo) -> int:
    """The instant of a local time in a shift that may cross midnight."""
    day = local_day_at(shift.start_us, zone).day
    same_day = utc_us(day, at, zone)
    return same_day if same_day >= shift.start_us else utc_us(day + timedelta(days=1), at, zone)


def _bar(times: _Times, at_us: int, zone: ZoneInfo) -> tuple[MomentAt, ...]:
    """The moments in order; now is the last one that has come, before the first the first."""
    begun = [place for place, (_code, moment_us, _set) in enumerate(times) if moment_us <= at_us]
    present = begun[-1] if begun else 0
    return tuple(
        MomentAt(
            code, moment_us, f"{clock.from_us(moment_us).astimezone(zone):%H:%M}", PAGES[code],
            place == present, is_set,
        )
        for place, (code, moment_us, is_set) in enumerate(times)
    )  # fmt: skip
