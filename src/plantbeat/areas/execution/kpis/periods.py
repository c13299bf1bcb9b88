"""The period that a question names: today, yesterday, the last days, a shift, or from one day to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from enum import StrEnum

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.execution.lookups import Floor
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.problems import Kind, Problem, Refused, Text

MOST_DAYS = 3660


class PeriodChoice(StrEnum):
    """How a period is chosen."""

    shift = "shift"
    today = "today"
    yesterday = "yesterday"
    days_7 = "7d"
    days_28 = "28d"
    days_90 = "90d"
    custom = "custom"


PERIOD_WORDS: dict[PeriodChoice, Text] = {
    PeriodChoice.shift: gettext_lazy("This shift"),
    PeriodChoice.today: gettext_lazy("Today"),
    PeriodChoice.yesterday: gettext_lazy("Yesterday"),
    PeriodChoice.days_7: gettext_lazy("Last 7 days"),
    PeriodChoice.days_28: gettext_lazy("Last 28 days"),
    PeriodChoice.days_90: gettext_lazy("Last 90 days"),
    PeriodChoice.custom: gettext_lazy("From … to …"),
}
_RUNS = {PeriodChoice.days_7: 7, PeriodChoice.days_28: 28, PeriodChoice.days_90: 90}


def chosen_period(
    given: QueryDict, floor: Floor, units: Iterable[int], notices: Callable[[Problem], None]
) -> tuple[PeriodChoice, Period]:
    """The period an address names, in production days of the site; without one, today.

    Today is the production day that is going on: that of the shift worked now, else the local day. Raises
    `Refused` for a period, a day or a shift that there is not.
    """
    units = list(units)
    text = given.get("period", "") or ("custom" if given.get("from") or given.get("to") else "today")
    if text not in set(PeriodChoice):
        raise Refused(Problem(_("is no period"), "period", text, ", ".join(PeriodChoice)))
    choice = PeriodChoice(text)
    shifts = _shifts_now(floor, units)
    today = max((shift.owner_day for shift in shifts), default=floor.today)
    if choice is PeriodChoice.custom:
        return choice, _custom(given, today)
    if choice is PeriodChoice.shift:
        shift = _shift(given.get("shift", ""), floor, shifts, notices)
        return (choice, Period.of_shift(shift)) if shift else (PeriodChoice.today, Period.of_day(today))
    if choice is PeriodChoice.yesterday:
        return choice, Period.of_day(today - timedelta(days=1))
    if choice is PeriodChoice.today:
        return choice, Period.of_day(today)
    return choice, Period.of_days(today - timedelta(days=_RUNS[choice] - 1), today)


def _shifts_now(floor: Floor, units: Iterable[int]) -> list[FactShift]:
    """The shifts that the lines and machines work now, each once."""
    shifts = readings.shifts_between(floor.site.pk, floor.now_us, floor.now_us + 1)
    found = {}
    for unit in units:
        shift = floor.shift_now(floor.rules.assets[unit], shifts)
        if shift is not None:
            found[shift.pk] = shift
    return list(found.values())


def _shift(
    text: str, floor: Floor, now: list[FactShift], notices: Callable[[Problem], None]
) -> FactShift | None:
    if text:
        known = readings.shift_with_id(floor.site.pk, int(text)) if text.isdigit() else None
        if known is None:
            raise Refused(Problem(_("there is no such shift"), "shift", text), Kind.missing)
        return known
    if len(now) == 1:
        return now[0]
    why = _("no shift is worked there now") if not now else _("the lines there work different shifts")
    notices(Problem(why, "period", "shift", _("a day, or the line of one shift")))
    return None


def _custom(given: QueryDict, today: date) -> Period:
    first, last = _day(given, "from", today), _day(given, "to", today)
    if last < first:
        raise Refused(Problem(_("lies before the first day of the period"), "to", last.isoformat()))
    if (last - first).days >= MOST_DAYS:
        raise Refused(Problem(_("the period is too long"), "from", first, _("at most ten years")))
    return Period.of_day(first) if first == last else Period.of_days(first, last)


def _day(given: QueryDict, name: str, today: date) -> date:
    text = given.get(name, "")
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(Problem(_("is no date"), name, text, _("a day as 2026-03-31"))) from None
