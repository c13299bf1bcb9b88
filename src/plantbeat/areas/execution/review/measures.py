"""Measures of one shift of the site against their targets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.wording import shown, status_word
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.execution.targets import Targets, status_of
from plantbeat.facts.views.catalogue import Figure, measure_named, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class MeasureOfShift:
    """A measure of a shift: value, target and status in words, and where it opens."""

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
) -> dict[MeasureCode, MeasureOfShift]:
    """Measures of the site in a shift. A target of the site holds for its shifts too.

    Raises `Refused` without a role at the site.
    """
    scope, targets = Scope.site(site.pk), Targets(site.pk, shift.day, by)
    found = {}
    for code in codes:
        measure = measure_named(code)
        cut_by_shift = Cut.shift in measure.cuts
        where = {Cut.shift: shift.name} if cut_by_shift else None
        figure = values(code, scope, shift.period, by, where=where)[0].figure
        target = targets.of(code.value, scope)
        status = status_of(figure.value, target, measure.direction)
        more = {"where": f"shift:{shift.name}"} if cut_by_shift else {}
        found[code] = MeasureOfShift(
            code, measure.name, figure, shown(figure.value, measure.unit) if figure.value is not None else "",
            measure.unit, status.value, status_word(figure, status.value, has_target=target is not None),
            shown(float(target.value), measure.unit) if target is not None else "",
            address_in_shift(code, scope, shift, **more),
        )  # fmt: skip
    return found


def address_in_shift(code: MeasureCode, scope: Scope, shift: SiteShift, **more: str) -> str:
    """The page of a measure for the production day of a shift, narrowed to it where that is asked for."""
    day = shift.day.isoformat()
    return kpi_address(code, scope, period="custom", **{"from": day, "to": day}, **more)
