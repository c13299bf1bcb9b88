"""Weeks and months of a site in one set of figures, said by the page, the executive sheet and the slide.

Every value is the measure's own over the whole period: elements are summed, then divided once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.daily.tiers.boards import boards_of, measures_of
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.losses.answers import Bar
from plantbeat.areas.execution.losses.questions import pareto
from plantbeat.areas.execution.targets import Status, TargetInForce, Targets, status_of
from plantbeat.areas.improvement.questions import open_actions, settled_actions
from plantbeat.areas.safety.questions import shows_days_since
from plantbeat.facts.views.catalogue import Figure, Measure, measure_named, values
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text

USUAL = (
    MeasureCode.first_pass_yield, MeasureCode.schedule_adherence_quantity, MeasureCode.oee,
    MeasureCode.unplanned_downtime_percent, MeasureCode.attendance, MeasureCode.open_actions_on_time,
)  # fmt: skip
"""What is shown where no board of the site says otherwise."""
LEADS = MeasureCode.hazards_fixed_in_time
MOST_LOSSES = 5
PERIODS = 6


class Span(StrEnum):
    """What one column is."""

    week = "week"
    month = "month"


SPAN_WORDS: dict[Span, Text] = {Span.week: _("By week"), Span.month: _("By month")}


@dataclass(frozen=True, slots=True)
class Column:
    """One measure in one period, judged by the target in force at its end."""

    period: Period
    figure: Figure
    target: TargetInForce | None
    status: Status
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """A measure over the periods, the latest last."""

    measure: Measure
    columns: list[Column]

    @property
    def latest(self) -> Column:
        """The period that is reported."""
        return self.columns[-1]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was followed through in the reported period; answers are those to what was asked in it."""

    actions_open: int
    actions_overdue: int
    actions_closed: int
    asked: int
    answered: int
    answered_late: int
    waiting_late: int
    meetings_held: int
    meetings_planned: int


@dataclass(frozen=True, slots=True)
class Report:
    """One week or month of a site, beside those before it."""

    site: Site
    span: Span
    period: Period
    is_usual: bool
    rows: list[Row]
    counts: Counts
    losses: list[Bar]
    as_of_us: int


def report(site: Site, span: Span, by: Actor, last: date | None = None, count: int = PERIODS) -> Report:
    """The report of the period that holds a day, without one of the last that is over.

    Periods from before anything was measured are left out. Raises `Refused` without a role at the site.
    """
    spans = periods(site, span, last, count)
    codes, is_usual = _codes(site, by)
    targets = {one.last: Targets(site.pk, one.last, by) for one in spans}
    scope, rows = Scope.site(site.pk), []
    for code in codes:
        measure, columns = measure_named(code), []
        for one in spans:
            found = values(code, scope, one, by)
            figure = found[0].figure if found else Figure(0, 0, None, 0)
            target = targets[one.last].of(code, scope)
            status = status_of(figure.value, target, measure.direction)
            days = {"from": one.first.isoformat(), "to": one.last.isoformat()}
            url = kpi_address(code, scope, period="custom", **days)
            columns.append(Column(one, figure, target, status, url))
        rows.append(Row(measure, columns))
    period, measured = spans[-1], _first_measured(rows)
    for row in rows:
        del row.columns[:measured]
    losses = pareto(site, period, by).bars[:MOST_LOSSES]
    return Report(site, span, period, is_usual, rows, _counts(site, period, by), losses, clock.now_us())


def _first_measured(rows: Sequence[Row]) -> int:
    """The place of the first period in which any measure has a value; that of the last if none has."""
    by_period = zip(*(row.columns for row in rows), strict=True)
    measured = [any(one.figure.value is not None for one in columns) for columns in by_period]
    return measured.index(True) if any(measured) else max(len(measured) - 1, 0)


def periods(site: Site, span: Span, last: date | None, count: int) -> list[Period]:
    """Weeks or fiscal periods up to the one that holds a day; without a day, up to the last that is over."""
    rules = rules_of(site.pk)
    make = Period.of_week if span is Span.week else Period.of_fiscal
    latest = make(rules, last or rules.day_at(clock.now_us()))
    if last is None:
        latest = make(rules, latest.first - timedelta(days=1))
    found = [latest]
    while len(found) < count:
        found.append(make(rules, found[-1].first - timedelta(days=1)))
    return found[::-1]


def _codes(site: Site, by: Actor) -> tuple[Sequence[str], bool]:
    """Measures of the board above all others, in its order; the usual ones without such a board.

    What was done about hazards leads; days since the last recordable come last, or not at all where the site
    has switched them off.
    """
    top = [board for board in boards_of(site, by) if board.tier == 3]
    lines = measures_of(top[:1], by)[top[0].pk] if top else []
    codes = [one.measure for one in lines if one.measure]
    chosen = [one for one in codes or USUAL if one not in (LEADS, MeasureCode.days_since_last_recordable)]
    if MeasureCode.days_since_last_recordable in codes and shows_days_since(site, by):
        chosen.append(MeasureCode.days_since_last_recordable)
    return [LEADS, *chosen], not codes


def _counts(site: Site, period: Period, by: Actor) -> Counts:
    rules, now_us = rules_of(site.pk), clock.now_us()
    from_us, to_us = rules.midnight_us(period.first), rules.midnight_us(period.last + timedelta(days=1))
    today, still_open = rules.day_at(now_us), open_actions(site, by)
    asked = list(
        visible(Escalation, by)
        .filter(site=site, raised_us__gte=from_us, raised_us__lt=to_us)
        .values_list("answered_us", "due_us")
    )
    answers = [(given, due or given) for given, due in asked if given is not None]
    waiting = visible(Escalation, by).filter(site=site, state__in=("raised", "accepted"), due_us__lt=now_us)
    held = visible(TierMeeting, by).filter(site=site, day__gte=period.first, day__lte=period.last)
    return Counts(
        still_open.count(),
        still_open.filter(due__lt=today).count(),
        settled_actions(site, from_us, to_us, by).filter(state="closed").count(),
        len(asked),
        len(answers),
        sum(given > due for given, due in answers),
        waiting.count(),
        held.filter(state="ended").count(),
        held.count(),
    )
