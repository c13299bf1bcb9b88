"""What an address of a page about losses asks: period, line and subject, with what can be chosen instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.kpis.periods import PERIOD_WORDS, PeriodChoice, chosen_period
from plantbeat.areas.execution.lookups import Floor
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem

TREND_PERIODS = (PeriodChoice.days_28, PeriodChoice.days_90, PeriodChoice.custom)


@dataclass(slots=True)
class Chosen:
    """What is asked for: a period and a line (None: all), as the address says it."""

    site: Site
    by: Actor
    floor: Floor
    choice: PeriodChoice
    period: Period
    line: str | None
    offered: tuple[PeriodChoice, ...]
    notices: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str] | None:
        """Codes of the lines, None for all."""
        return [self.line] if self.line else None

    @property
    def as_of_us(self) -> int | None:
        """Instant up to which the lines in view are computed; the oldest of them."""
        assets = [line.pk for line in self.floor.lines() if self.line in (None, line.code)]
        days = readings.latest_days(assets, self.floor.today)
        return min((row.until_us for row in days.values()), default=None)

    def address(self, page: str, **more: str) -> str:
        """Where a page answers the same period and line with something else chosen."""
        said = {"period": str(self.choice)}
        if self.choice is PeriodChoice.custom:
            said |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        if self.choice is PeriodChoice.shift and self.period.shift_id is not None:
            said["shift"] = str(self.period.shift_id)
        if self.line:
            said["line"] = self.line
        return f"{reverse(page)}?{urlencode({**said, **more})}"

    def frame(self) -> dict[str, Any]:
        """Variables of the row of choices."""
        rules = self.floor.rules
        lines = [(line.code, f"{line.code} {rules.assets[line.pk].name}") for line in self.floor.lines()]
        return {
            "period_label": self.period.label,
            "as_of_us": self.as_of_us,
            "custom": self.choice is PeriodChoice.custom,
            "first": self.period.first,
            "last": self.period.last,
            "notices": self.notices,
            "periods": [(str(one), PERIOD_WORDS[one], one is self.choice) for one in self.offered],
            "lines": [("", _("All lines"), self.line is None)]
            + [(code, name, code == self.line) for code, name in lines],
        }


def read_choice(
    request: HttpRequest,
    site: Site,
    by: Actor,
    usual: PeriodChoice,
    offered: tuple[PeriodChoice, ...] = tuple(PeriodChoice),
) -> Chosen:
    """The choice of an address. Raises `Refused` for a period, day or line that there is not."""
    floor, notices = Floor(site, by), []
    given = request.GET.copy()
    if not given.get("period") and not (given.get("from") or given.get("to")):
        given["period"] = str(usual)
    _only(given, offered, usual)
    code = given.get("line", "")
    units = [floor.line(code).pk] if code else [line.pk for line in floor.lines()]

    def noticed(problem: Problem) -> None:
        notices.append(str(problem.message))

    choice, period = chosen_period(given, floor, units, noticed)
    return Chosen(site, by, floor, choice, period, code or None, offered, notices)


def _only(given: QueryDict, offered: tuple[PeriodChoice, ...], usual: PeriodChoice) -> None:
    """A period that another page offers becomes the usual one here."""
    text = given.get("period", "")
    if text in set(PeriodChoice) and PeriodChoice(text) not in offered:
        given["period"] = str(usual)
