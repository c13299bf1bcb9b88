"""What a question to a measure is answered with: the value, its parts, how it went over time.

Pages, files and REST show what is computed here, so that they never differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from plantbeat.areas.execution.kpis.asking import KpiQuestion
from plantbeat.areas.execution.kpis.naming import PartNames
from plantbeat.areas.execution.targets import Status, TargetInForce, Targets, status_of
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views import readings
from plantbeat.facts.views.catalogue import Direction, Figure, MeasureValue, values
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.scopes import Scope, place_of

_SHARES = (Cut.reason, Cut.defect)
_WORST_FIRST = (Cut.order, Cut.product)
"""Cuts with too many parts to be read in the order of their names."""


class Agreement(StrEnum):
    """How the parts of a cut stand to the whole."""

    sums = "sums"
    shares = "shares"
    apart = "apart"


@dataclass(frozen=True, slots=True)
class Judged:
    """A value with its target and how it stands to it."""

    label: str
    key: Key
    figure: Figure
    target: TargetInForce | None
    status: Status


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one cut. `numerator` and `denominator` are their sums.

    `agreement`: both sums are those of the whole; or each part is set against the whole, so that numerators
    sum and the denominator is everybody's; or the parts are counted each on its own.
    """

    cut: Cut
    rows: list[Judged]
    numerator: int
    denominator: int
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Course:
    """The value by day, or by hour of one day, in order; a day without a value has a figure without one."""

    cut: Cut
    points: list[Judged]


@dataclass(frozen=True, slots=True)
class KpiAnswer:
    """Everything about one question but its facts. `as_of_us` is how far the places are computed."""

    question: KpiQuestion
    whole: Judged
    parts: Parts | None
    course: Course | None
    as_of_us: int | None


def answer(asked: KpiQuestion, *, course: bool = True) -> KpiAnswer:
    """The value of a question, its parts where it has a cut, and its course where it has one.

    Raises `Refused` without a role at the site, and for a place or cut that there is not.
    """
    known = Targets(asked.site.pk, asked.period.last, asked.by)
    names = PartNames(asked)
    found = _values(asked, None)
    figure = found[0].figure if found else Figure(0, 0, None, 0)
    whole = _judged(asked, known, asked.measure.name, None, figure, asked.scope)
    parts = _parts(asked, asked.cut, known, names, whole) if asked.cut is not None else None
    return KpiAnswer(asked, whole, parts, _course(asked, known, names) if course else None, _as_of(asked))


def _values(asked: KpiQuestion, cut: Cut | None) -> list[MeasureValue]:
    return values(asked.measure.code, asked.scope, asked.period, asked.by, cut, asked.where)


def _judged(
    asked: KpiQuestion, known: Targets, label: str, key: Key, figure: Figure, scope: Scope | None
) -> Judged:
    """A target is one of a whole place: a part of its orders, shifts or hours has none."""
    target = known.of(str(asked.measure.code), scope) if scope is not None and not asked.where else None
    status = status_of(figure.value, target, asked.measure.direction)
    return Judged(label, key, figure, target, status)


def _parts(asked: KpiQuestion, cut: Cut, known: Targets, names: PartNames, whole: Judged) -> Parts:
    found = _values(asked, cut)
    if cut in _SHARES:
        found = sorted((one for one in found if one.figure.numerator), key=lambda one: -one.figure.numerator)
    elif cut in _WORST_FIRST:
        found = sorted(found, key=lambda one: _badness(asked, one))
    labels = names.of(cut, [one.key for one in found])
    rows = [
        _judged(asked, known, labels[one.key], one.key, one.figure, _scope_of(asked, cut, one.key))
        for one in found
    ]
    numerator = sum(one.figure.numerator for one in found)
    denominator = sum(one.figure.denominator for one in found)
    agreement = Agreement.apart
    if cut is Cut.machine and asked.measure.cells:
        return Parts(cut, rows, numerator, denominator, agreement)
    if numerator == whole.figure.numerator:
        if denominator == whole.figure.denominator:
            agreement = Agreement.sums
        elif all(one.figure.denominator == whole.figure.denominator for one in found):
            agreement = Agreement.shares
    return Parts(cut, rows, numerator, denominator, agreement)


def _badness(asked: KpiQuestion, one: MeasureValue) -> tuple[bool, float]:
    """Sorts the worst value first, parts without a value last."""
    sign = 1 if asked.measure.direction is Direction.higher_is_better else -1
    return one.value is None, sign * (one.value or 0.0)


def _scope_of(asked: KpiQuestion, cut: Cut, key: Key) -> Scope | None:
    """The place a part stands for; days and hours of a place are judged by its own target."""
    if cut in (Cut.line, Cut.machine):
        asset = asked.floor.rules.assets.get(key)
        return Scope(asked.site.pk, AssetLevel(asset.level), asset.code) if asset is not None else None
    return asked.scope if cut in (Cut.day, Cut.shift) else None


def _course(asked: KpiQuestion, known: Targets, names: PartNames) -> Course | None:
    cut = Cut.hour if asked.one_day else Cut.day
    if cut not in asked.measure.cuts or cut in asked.where:
        return None
    found = {one.key: one.figure for one in _values(asked, cut)}
    if cut is Cut.day:
        days = _days(asked.period.first, asked.period.last)
        found = {day: found.get(day, Figure(0, 0, None, 0)) for day in days}
    labels = names.of(cut, found)
    scope = asked.scope if cut is Cut.day else None
    points = [_judged(asked, known, labels[key], key, figure, scope) for key, figure in found.items()]
    return Course(cut, points) if any(point.figure.value is not None for point in points) else None


def _days(first: date, last: date) -> list[str]:
    return [(first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1)]


def _as_of(asked: KpiQuestion) -> int | None:
    """How far the least computed of the places is; None if one has never been."""
    rules, today = asked.floor.rules, asked.floor.today
    units = place_of(asked.scope, rules, asked.period.last).units
    days = readings.latest_days(units, today)
    return min((row.until_us for row in days.values()), default=None)
