"""Takt and the mean actual cycle of lines, beside each other (R013)."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.engine.kpi.pace import SHOWN_AS_RATE_BELOW_US, takt_time
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.facts.views.catalogue import question
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.plan_measures import Beat, beats
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class Pace:
    """The customer's beat and the line's own, in one unit: s per piece, or pieces/min when takt < 10 s.

    `actual` has no value while nothing was made. `attainment` = takt / mean actual cycle.
    """

    takt: Ratio
    actual: Ratio
    attainment: Ratio
    due: int
    made: int

    @property
    def unit(self) -> Unit:
        """Unit of both."""
        return self.takt.unit


def paces(site: Site, shift: FactShift, by: Actor) -> dict[str, Pace]:
    """Takt and mean actual cycle of every line whose plan of the shift is frozen, by its code."""
    ask = question(
        MeasureCode.takt_attainment, Scope.site(site.pk), Period.of_shift(shift), by, Cut.line
    )  # fmt: skip
    return {
        ask.rules.assets[line].code: pace_of(found)
        for line, found in _summed(beats(ask)).items()
        if found.demand.pieces_due
    }


def _summed(parts: object) -> dict[int, Beat]:
    sums: dict[int, Beat] = {}
    for line, found in parts.items():  # type: ignore[attr-defined]
        for beat in found:
            sums[line] = sums[line] + beat if line in sums else beat
    return sums


def pace_of(beat: Beat) -> Pace:
    """Both beats in the unit the takt is shown in."""
    demand, made = beat.demand, beat.made
    attainment = Ratio(
        demand.available_us * made.pieces, demand.pieces_due * made.available_us, Unit.percent
    )  # fmt: skip
    if demand.available_us < SHOWN_AS_RATE_BELOW_US * demand.pieces_due:
        takt = Ratio(demand.pieces_due, demand.available_us, Unit.pieces_per_minute)
        actual = Ratio(made.pieces, made.available_us, Unit.pieces_per_minute)
    else:
        takt = takt_time(demand)
        actual = Ratio(made.available_us, made.pieces, Unit.seconds)
    return Pace(takt, actual, attainment, demand.pieces_due, made.pieces)
