"""Measures over hazards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.safety.questions import HazardOnRecord, hazards_known
from plantbeat.engine.kpi.hazards import FIXED_WITHIN, HazardReport, hazards_fixed_in_time
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, grouped, narrowed
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import things_of


def _asked(ask: Ask) -> list[tuple[HazardOnRecord, int | None]]:
    """Hazards of the scope whose seventh day lies in the period, each with the asset of its line."""
    first, last = ask.period.first - FIXED_WITHIN, ask.period.last - FIXED_WITHIN
    from_us, to_us = ask.rules.midnight_us(first), ask.rules.midnight_us(last + timedelta(days=1))
    known = hazards_known(ask.scope.site_id, from_us, to_us, ask.by)
    lines = {asset.ref: asset.pk for asset in ask.rules.assets.values()}
    found = []
    for one in known:
        line = lines.get(f"plant.Line:{one.line}") if one.line is not None else None
        if ask.scope.level == AssetLevel.site or line in ask.place.units:
            found.append((one, line))
    return found


def _hazards(ask: Ask) -> Mapping[Key, tuple[HazardReport, ...]]:
    def report(one: HazardOnRecord) -> HazardReport:
        fixed = ask.rules.day_at(one.fixed_us) if one.fixed_us is not None else None
        return HazardReport(ask.rules.day_at(one.reported_us), fixed)

    return grouped(ask, [Counted(report(one), {Cut.line: line}) for one, line in _asked(ask)])


def _fixed(hazards: tuple[HazardReport, ...], ask: Ask) -> Figure:
    ratio = hazards_fixed_in_time(hazards, ask.period.first, ask.period.last)
    late = ratio.denominator - ratio.numerator
    remarks = (_("%(n)s not fixed in time") % {"n": late},) if late else ()
    missing = "" if hazards else _("no hazard was to be fixed")
    return Figure.of(ratio, len(hazards), missing=missing, remarks=remarks)


def _opened(ask: Ask) -> list[str]:
    return [one.reference for one, line in _asked(ask) if narrowed(ask, {Cut.line: line})]


def declare_hazard_measures() -> None:
    """Put the measures over hazards into the catalogue."""
    declare(
        Measure(
            MeasureCode.hazards_fixed_in_time, str(Unit.percent), Direction.higher_is_better, "site practice",
            "hazards_fixed_in_time", frozenset({Cut.line}), _hazards, _fixed, frozenset(), opens=_opened,
            divides=(
                things_of(gettext_lazy("hazards fixed within seven days")),
                things_of(gettext_lazy("hazards reported seven days before")),
            ),
        )
    )  # fmt: skip
