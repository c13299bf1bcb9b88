"""How often something happens, week by week: scrap causes, stops per reason, people absent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import partial

from django.utils.translation import gettext as _

from plantbeat.areas.execution.losses.answers import RateTrend, Week
from plantbeat.areas.execution.losses.day_sums import line_days, stop_days
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.areas.execution.losses.staffing import sheets_in
from plantbeat.engine.calendars.civil import HOUR_US
from plantbeat.engine.signals.rate_change import (
    ALPHA,
    LEAST_EVENTS,
    RateChange,
    more_than_before,
    rate_change,
    scatter,
)
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.kept_days import Wanted
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

WEEKS = 13
"""Weeks a trend looks back where the period is shorter: what "before" was must be known."""
_WEEK = timedelta(days=7)

Days = Mapping[date, tuple[int, float]]
"""Events and exposure by production day."""


def drifts(site: Site, period: Period, by: Actor, *, lines: Sequence[str] | None = None) -> list[RateTrend]:
    """Scrap causes whose rate has risen up to the end of a period, the least likely by chance first.

    Pieces of a defect per piece made, by weeks that end with the period, thirteen at least; every week is
    tested against the weeks before it. A cause is named if the best place of a rise passes the exact rate
    test after a correction for how many causes and places were tried.
    """
    return rising_scrap(Looking(site, by, period, lines))


def rising_scrap(looking: Looking) -> list[RateTrend]:
    """As `drifts`, for a look."""
    return scrap_trends(looking, rises_only=True, changed_only=True)


def scrap_trends(
    looking: Looking, *, rises_only: bool = False, changed_only: bool = False
) -> list[RateTrend]:
    """Every defect of every line, week by week, those that changed first; two queries."""
    made: dict[int, dict[date, int]] = defaultdict(dict)
    scrapped: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    for day, part in line_days(_wanted(looking)).items():
        for line, elements in part.of.items():
            made[line][day] = elements.produced
        for key, pieces in part.defects.items():
            scrapped[key][day] = pieces
    asked = [
        (line, defect, defect, {day: (of.get(day, 0), float(n)) for day, n in made[line].items()})
        for (line, defect), of in sorted(scrapped.items())
    ]
    return _trends(looking, asked, MeasureCode.scrap_percent, Cut.defect, 0.01, "%", rises_only, changed_only)


def stop_trends(looking: Looking) -> list[RateTrend]:
    """Own stops of every line for each reason per planned busy hour, those that changed first."""
    busy: dict[int, dict[date, int]] = defaultdict(dict)
    starts: dict[tuple[int, str], dict[date, int]] = defaultdict(dict)
    wanted = _wanted(looking)
    for day, part in line_days(wanted).items():
        for line, elements in part.of.items():
            busy[line][day] = elements.pbt_us
    for day, stops in stop_days(wanted).items():
        for (line, reason), counted in stops.items():
            if reason is not None and counted.starts:
                starts[line, reason][day] = counted.starts
    asked = []
    for (line, code), of in sorted(starts.items()):
        reason = looking.floor.reason(code, looking.last)
        label = reason.name or code if reason else code
        days = {day: (of.get(day, 0), us / HOUR_US) for day, us in busy[line].items() if us}
        asked.append((line, code, label, days))
    unit = _("stops per 24 h planned")
    return _trends(looking, asked, MeasureCode.mtbf, None, 1.0 / 24.0, unit)


def _wanted(looking: Looking) -> Wanted:
    return Wanted(looking.floor.rules, [line.pk for line in looking.lines()], weeks_of(looking), {})


def absence_trends(looking: Looking) -> list[RateTrend]:
    """People missing of those rostered without leave, by line and shift, those that changed first."""
    found: dict[tuple[int, str], dict[date, tuple[int, float]]] = defaultdict(dict)
    for sheet in sheets_in(looking, weeks_of(looking)):
        expected = sheet.rostered - sheet.leave
        if expected > 0:
            missing = max(expected - sheet.present, 0)
            found[sheet.line, sheet.shift][sheet.day] = missing, float(expected)
    asked = [(line, shift, shift, days) for (line, shift), days in found.items()]
    return _trends(looking, asked, MeasureCode.attendance, Cut.shift, 0.01, "%")


def weeks_of(looking: Looking) -> Period:
    """Whole weeks that end with the look, thirteen at least."""
    weeks = max(WEEKS, -(-looking.days // 7))
    return Period.of_days(looking.last - weeks * _WEEK + timedelta(days=1), looking.last)


Asked = tuple[int, str, str, Days]
"""Line, key and label of something counted, and its days."""


def _trends(
    looking: Looking, asked: Sequence[Asked], measure: MeasureCode, cut: Cut | None, per: float, unit: str,
    rises_only: bool = False, changed_only: bool = False,
) -> list[RateTrend]:  # fmt: skip
    period = weeks_of(looking)
    counted = [one for one in asked if sum(k for k, _e in one[3].values()) >= LEAST_EVENTS]
    found = []
    for line, key, label, days in counted:
        weeks = _by_week(days, period)
        change = rate_change(weeks, rises_only=rises_only, false_alarms=ALPHA / max(1, len(counted)))
        if change is None and changed_only:
            continue
        scope = looking.scope(line)
        where = {cut: key} if cut is not None else {}
        found.append(
            RateTrend(
                looking.floor.rules.assets[line].code, key, label, _weeks(weeks, period),
                sum(k for k, _e in days.values()), change, _day_of(change, period), per, unit, period,
                looking.opened(measure, scope, where),
                partial(_chances, weeks), partial(looking.facts, measure, scope, where),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.change.chance if one.change else 2.0, one.line, str(one.key)))


def _by_week(days: Days, period: Period) -> list[list[tuple[int, float]]]:
    """The days of each week of a period, the first week first."""
    count = ((period.last - period.first).days + 1) // 7
    weeks: list[list[tuple[int, float]]] = [[] for _week in range(count)]
    for day in sorted(days):
        place = (day - period.first).days // 7
        if 0 <= place < count:
            weeks[place].append(days[day])
    return weeks


def _weeks(weeks: Sequence[Sequence[tuple[int, float]]], period: Period) -> list[Week]:
    found = []
    for place, sums in enumerate(_sums(weeks)):
        first = period.first + place * _WEEK
        found.append(Week(first, first + timedelta(days=6), *sums))
    return found


def _sums(weeks: Sequence[Sequence[tuple[int, float]]]) -> list[tuple[int, float]]:
    return [(sum(k for k, _e in week), sum(e for _k, e in week)) for week in weeks]


def _chances(weeks: Sequence[Sequence[tuple[int, float]]]) -> list[float | None]:
    """How likely as many events or more are in each week by the weeks before it; None for the first."""
    sums, spread = _sums(weeks), scatter(weeks)
    return [more_than_before(sums[at], sums[:at], spread) if at else None for at in range(len(sums))]


def _day_of(change: RateChange | None, period: Period) -> date | None:
    return period.first + change.place * _WEEK if change is not None else None
