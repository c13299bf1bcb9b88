"""Measures whose elements are sums over the asset-hour cube."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plantbeat.engine.kpi.downtime import DownTime, unplanned_downtime_percent
from plantbeat.engine.kpi.pace import throughput
from plantbeat.engine.kpi.pieces import first_pass_yield, scrap_percent
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.engine.oee import Elements, State
from plantbeat.engine.oee.formulas import (
    OeeResult,
    Remark,
    availability,
    coverage,
    down_time,
    oee,
    oee_result,
    performance,
    quality,
    six_big_losses,
)
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.kept_days import Wanted, kept_by_day
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import (
    APT,
    ENTERED,
    IDEAL_ALL,
    IDEAL_GOOD,
    PBT,
    Divides,
    pieces_of,
    time_of,
)
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import answered_once

PLACES = frozenset({Cut.line, Cut.machine, Cut.shift, Cut.crew, Cut.product, Cut.order, Cut.hour, Cut.day})
TIME_KINDS = frozenset({"state", "reason", "setup_start", "setup_end", "gap"})
PIECE_KINDS = frozenset({"count", "counter", "scrap", "rework"})

REMARKS: dict[Remark, str | Promise] = {
    Remark.no_planned_time: _("no planned busy time"),
    Remark.withheld: _("withheld: too little of the planned time is covered by data"),
    Remark.not_yet_explained: _("time with counts only: the gap is not yet explained"),
    Remark.performance_above_100: _("performance above 100 %: check the ideal time"),
    Remark.ideal_missing: _("pieces without an ideal time earn nothing: add the ideal time"),
    Remark.made_outside_planned_time: _("pieces were counted outside planned busy time"),
}


@dataclass(frozen=True, slots=True)
class Sums:
    """Elements of a part of a cut, those of the whole it is a part of, and what was assumed."""

    part: Elements
    whole: Elements
    assumed: bool = False

    def __add__(self, other: Sums) -> Sums:
        return Sums(self.part + other.part, self.whole + other.whole, self.assumed or other.assumed)


def cube_elements(ask: Ask) -> Mapping[Key, Sums]:
    """Sums of the cube by the key of the cut.

    Cut by reason or defect, a part has the losses with that reason, and the whole is what they are lost from.
    """
    found, assumed = answered_once(("elements", *_asked(ask), ask.cut), lambda: _elements(ask)), _assumed(ask)
    if ask.cut in (Cut.reason, Cut.defect):
        whole = sum(found.values(), Elements())
        return {key: Sums(part, whole, assumed) for key, part in found.items() if _is_loss(part)}
    if ask.cut is None:
        found = {None: found.get(None, Elements())}
    return {key: Sums(part, part, assumed) for key, part in found.items()}


def _asked(ask: Ask) -> tuple[Hashable, ...]:
    """What tells one question about the cube from another, whatever measure asks."""
    return ask.rules.site_id, tuple(ask.assets), ask.period, tuple(ask.where.items())


def _elements(ask: Ask) -> Mapping[Key, Elements]:
    if ask.cut is not Cut.day or ask.period.shift_id is not None or ask.where:
        return _summed(ask, ask.period)

    def by_day(period: Period) -> dict[date, Elements | None]:
        return {date.fromisoformat(str(day)): found for day, found in _summed(ask, period).items()}

    nothing: Elements | None = None
    kept = kept_by_day(Wanted(ask.rules, ask.assets, ask.period), "elements", by_day, nothing)
    return {day.isoformat(): found for day, found in kept.items() if found is not None}


def _summed(ask: Ask, period: Period) -> dict[Key, Elements]:
    cuts = [ask.cut] if ask.cut is not None else []
    rows = cube_sums(CubeQuestion(ask.rules, ask.assets, period, cuts, ask.where))
    return {keys[0] if keys else None: Elements.of(cells) for keys, cells in rows.items()}


def _is_loss(part: Elements) -> bool:
    return bool(
        part.own_stop_us + part.micro_stop_us + part.starved_us + part.blocked_us + part.setup_us
        or part.scrap + part.rework + part.scrapped_after_rework
    )


def _assumed(ask: Ask) -> bool:
    """True if an ideal time that nobody measured is in force for a product that was made."""
    rows = [row for asset in _timed(ask) for row in ask.rules.ideal_rows.get(asset, ()) if row.assumed]
    if not rows:
        return False
    products = answered_once(("products", *_asked(ask)), lambda: _products(ask))
    return any(row.product in products and row.valid_from <= ask.period.last for row in rows)


def _products(ask: Ask) -> set[Key]:
    """Products with pieces that earned ideal time."""
    made = cube_sums(CubeQuestion(ask.rules, ask.assets, ask.period, [Cut.product], ask.where))
    return {keys[0] for keys, cells in made.items() if any(cell.ideal_all_us for cell in cells)}


def _timed(ask: Ask) -> set[int]:
    return {timing_asset(ask.rules, asset, ask.period.last) for asset in ask.assets}


def _limit(ask: Ask) -> int:
    return ask.rules.site_rule(ask.period.last).coverage_limit_percent


def _missing(part: str, result: OeeResult, ratio: Ratio) -> str | Promise:
    """Why a factor of OEE has no value; empty if it has one."""
    if Remark.no_planned_time in result.remarks:
        return REMARKS[Remark.no_planned_time]
    if getattr(result, part) is None:
        return REMARKS[Remark.withheld if Remark.withheld in result.remarks else Remark.not_yet_explained]
    return "" if ratio.denominator else _("not enough data")


def _factor(part: str, formula: Callable[[Elements], Ratio]) -> Callable[[Sums, Ask], Figure]:
    """OEE or one of its factors, withheld where too little is known."""

    def figure(sums: Sums, ask: Ask) -> Figure:
        result, ratio = oee_result(sums.part, _limit(ask)), formula(sums.part)
        remarks = tuple(REMARKS[remark] for remark in result.remarks)
        return Figure.of(
            ratio, sums.part.produced, coverage=result.coverage, missing=_missing(part, result, ratio),
            remarks=remarks, assumed=sums.assumed and part != "availability",
        )  # fmt: skip

    return figure


def _loss(bucket: str, n: Callable[[Elements], int]) -> Callable[[Sums, Ask], Figure]:
    """One part of the bridge from planned busy time to good pieces, as a share of it."""

    def figure(sums: Sums, ask: Ask) -> Figure:
        lost_us = getattr(six_big_losses(sums.part), bucket)
        ratio = Ratio(lost_us, sums.whole.pbt_us, Unit.percent)
        by_ideal = bucket in _BY_IDEAL
        return Figure.of(
            ratio, n(sums.part), coverage=coverage(sums.whole), assumed=sums.assumed and by_ideal
        )  # fmt: skip

    return figure


_BY_IDEAL = {"reduced_speed_us", "scrap_us", "rework_us", "start_up_us", "not_yet_explained_us"}


def _coverage(sums: Sums, ask: Ask) -> Figure:
    return Figure.of(coverage(sums.part), sums.part.produced)


def _first_pass_yield(sums: Sums, ask: Ask) -> Figure:
    return Figure.of(first_pass_yield(sums.part.pieces), sums.part.produced, coverage=coverage(sums.part))


def _scrap(sums: Sums, ask: Ask) -> Figure:
    pieces = sums.part.pieces
    scrapped = pieces.scrap + pieces.scrapped_after_rework
    ratio = scrap_percent(pieces)
    if sums.part is not sums.whole:
        ratio = Ratio(scrapped, sums.whole.produced, Unit.percent)
    return Figure.of(ratio, sums.whole.produced, coverage=coverage(sums.whole))


def _unplanned(sums: Sums, ask: Ask) -> Figure:
    lost = down_time(sums.part)
    time = DownTime(lost.own_stop_us, lost.micro_stop_us, sums.whole.pbt_us)
    stops = sums.part.stops + sums.part.micro_stops
    return Figure.of(unplanned_downtime_percent(time), stops, coverage=coverage(sums.whole))


def _throughput(sums: Sums, ask: Ask) -> Figure:
    ratio = throughput(sums.part.good, sums.part.pbt_us)
    return Figure.of(ratio, sums.part.good, coverage=coverage(sums.part))


_ISO = "ISO 22400-2:2014"
_FACTORS = (
    (MeasureCode.oee, "oee", oee, f"{_ISO}, OEE index; SMRP 2.1.1", (IDEAL_GOOD, PBT)),
    (MeasureCode.availability, "availability", availability, f"{_ISO}, availability", (APT, PBT)),
    (MeasureCode.performance, "performance", performance, f"{_ISO}, effectiveness", (IDEAL_ALL, APT)),
    (
        MeasureCode.quality,
        "quality",
        quality,
        f"{_ISO}, quality ratio, by ideal time",
        (IDEAL_GOOD, IDEAL_ALL),
    ),
)


def _stops(elements: Elements) -> int:
    return elements.stops


def _micro_stops(elements: Elements) -> int:
    return elements.micro_stops


def _pieces(elements: Elements) -> int:
    return elements.produced


class _Lost(NamedTuple):
    """A loss: its code, part of the bridge, name, what n counts, cuts, and the states it opens to."""

    code: MeasureCode
    part: str
    name: Promise
    n: Callable[[Elements], int]
    cuts: frozenset[Cut] = PLACES
    states: frozenset[State] | None = None


_BY_REASON, _BY_DEFECT = PLACES | {Cut.reason}, PLACES | {Cut.defect}
_LOSSES = (
    _Lost(
        MeasureCode.loss_breakdowns,
        "breakdowns_us",
        _("lost to breakdowns"),
        _stops,
        _BY_REASON,
        frozenset({State.own_stop}),
    ),
    _Lost(
        MeasureCode.loss_setup,
        "setup_us",
        _("lost to set-up and adjustment"),
        _stops,
        _BY_REASON,
        frozenset({State.setup}),
    ),
    _Lost(
        MeasureCode.loss_minor_stops,
        "minor_stops_us",
        _("lost to minor stops"),
        _micro_stops,
        _BY_REASON,
        frozenset({State.micro_stop}),
    ),
    _Lost(
        MeasureCode.loss_starved, "starved_us", _("starved"), _stops, _BY_REASON, frozenset({State.starved})
    ),
    _Lost(
        MeasureCode.loss_blocked, "blocked_us", _("blocked"), _stops, _BY_REASON, frozenset({State.blocked})
    ),
    _Lost(MeasureCode.loss_reduced_speed, "reduced_speed_us", _("lost to reduced speed"), _pieces),
    _Lost(MeasureCode.loss_scrap, "scrap_us", _("ideal time of scrap"), _pieces, _BY_DEFECT),
    _Lost(MeasureCode.loss_rework, "rework_us", _("ideal time of rework"), _pieces, _BY_DEFECT),
    _Lost(MeasureCode.loss_start_up, "start_up_us", _("ideal time of set-up pieces"), _pieces),
    _Lost(
        MeasureCode.loss_no_data, "no_data_us", _("without data"), _stops, PLACES, frozenset({State.no_data})
    ),
    _Lost(MeasureCode.loss_not_yet_explained, "not_yet_explained_us", _("not yet explained"), _pieces),
)
_KINDS_OF = {
    MeasureCode.loss_setup: frozenset({"state", "reason", "setup_start", "setup_end"}),
    MeasureCode.loss_no_data: frozenset({"state", "gap"}),
}


def _declare(
    code: MeasureCode,
    unit: Unit,
    direction: Direction,
    source: str,
    figure: Callable[[Sums, Ask], Figure],
    divides: Divides,
    *,
    kinds: frozenset[str],
    cuts: frozenset[Cut] = PLACES,
    page: str = "",
    states: frozenset[State] | None = None,
) -> None:
    declare(
        Measure(
            code, str(unit), direction, source, page or str(code), cuts, cube_elements, figure, kinds,
            cells=True, states=states, divides=divides,
        )
    )  # fmt: skip


def declare_cube_measures() -> None:
    """Put all measures over the cube into the catalogue."""
    higher, lower = Direction.higher_is_better, Direction.lower_is_better
    for code, part, formula, source, divides in _FACTORS:
        kinds = TIME_KINDS if part == "availability" else TIME_KINDS | PIECE_KINDS
        _declare(code, Unit.percent, higher, source, _factor(part, formula), divides, kinds=kinds)
    _declare(
        MeasureCode.coverage,
        Unit.percent,
        higher,
        "site practice",
        _coverage,
        (time_of(_("planned busy time covered by data")), PBT),
        kinds=frozenset({"state", "gap"}),
    )
    for lost in _LOSSES:
        kinds = PIECE_KINDS if lost.n is _pieces else _KINDS_OF.get(lost.code, frozenset({"state", "reason"}))
        source = "Nakajima, Introduction to TPM (1988)"
        _declare(
            lost.code, Unit.percent, lower, source, _loss(lost.part, lost.n), (time_of(lost.name), PBT),
            kinds=kinds, cuts=lost.cuts, page="six_big_losses", states=lost.states,
        )  # fmt: skip
    _declare(
        MeasureCode.first_pass_yield, Unit.percent, higher, f"{_ISO}, first pass yield", _first_pass_yield,
        (pieces_of(_("pieces good the first time")), ENTERED), kinds=PIECE_KINDS,
    )  # fmt: skip
    _declare(
        MeasureCode.scrap_percent, Unit.percent, lower, f"{_ISO}, scrap ratio", _scrap,
        (pieces_of(_("pieces scrapped")), ENTERED), kinds=PIECE_KINDS, cuts=PLACES | {Cut.defect},
    )  # fmt: skip
    _declare(
        MeasureCode.unplanned_downtime_percent, Unit.percent, lower, f"SMRP 3.4 over {_ISO}", _unplanned,
        (time_of(_("of unplanned stops")), PBT), kinds=frozenset({"state", "reason"}),
        cuts=PLACES | {Cut.reason}, states=frozenset({State.own_stop, State.micro_stop}),
    )  # fmt: skip
    _declare(
        MeasureCode.throughput, Unit.pieces_per_hour, higher, f"after {_ISO}, throughput rate", _throughput,
        (pieces_of(_("good pieces")), PBT), kinds=PIECE_KINDS,
    )  # fmt: skip
