"""Measures of one shift of the site, or of a period, against their targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.wording import shown, status_word
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.execution.targets import TargetInForce, Targets, status_of
from plantbeat.facts.views.catalogue import Figure, Measure, measure_named, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class Judged:
    """A measure of the site: value, target and status in words, and where it opens."""

    code: MeasureCode
    name: str
    figure: Figure
    value: str
    unit: str
    status: str
    word: str
    target: str
    url: str


def measures_of_shift(
    site: Site, shift: SiteShift, codes: Iterable[MeasureCode], by: Actor
) -> dict[MeasureCode, Judged]:
    """Measures of the site in a shift. A target of the site holds for its shifts too.

    Raises `Refused` without a role at the site.
    """
    targets, found = Targets(site.pk, shift.day, by), {}
    for code in codes:
        measure = measure_named(code)
        where = {Cut.shift: shift.name} if Cut.shift in measure.cuts else None
        more = {"where": f"shift:{shift.name}"} if where else {}
        url = address_in_shift(code, Scope.site(site.pk), shift, **more)
        found[code] = _judged(site, measure, shift.period, targets, by, where, url)
    return found


def measures_of_period(
    site: Site, period: Period, codes: Iterable[MeasureCode], by: Actor
) -> dict[MeasureCode, Judged]:
    """Measures of the site over production days. Raises `Refused` without a role at the site."""
    scope, targets = Scope.site(site.pk), Targets(site.pk, period.last, by)
    days = {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return {
        code: _judged(
            site, measure_named(code), period, targets, by, None,
            kpi_address(code, scope, period="custom", **days),
        )
        for code in codes
    }  # fmt: skip


def _judged(
    site: Site,
    measure: Measure,
    period: Period,
    targets: Targets,
    by: Actor,
    where: Mapping[Cut, Any] | None,
    url: str,
) -> Judged:
    scope = Scope.site(site.pk)
    figure = values(measure.code, scope, period, by, where=where)[0].figure
    target: TargetInForce | None = targets.of(measure.code.value, scope)
    status = status_of(figure.value, target, measure.direction)
    return Judged(
        measure.code, measure.name, figure,
        shown(figure.value, measure.unit) if figure.value is not None else "",
        measure.unit, status.value, status_word(figure, status.value, has_target=target is not None),
        shown(float(target.value), measure.unit) if target is not None else "", url,
    )  # fmt: skip


def address_in_shift(code: MeasureCode, scope: Scope, shift: SiteShift, **more: str) -> str:
    """The page of a measure for the production day of a shift, narrowed to it where that is asked for."""
    day = shift.day.isoformat()
    return kpi_address(code, scope, period="custom", **{"from": day, "to": day}, **more)
