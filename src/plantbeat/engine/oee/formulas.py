"""OEE, its three factors, its losses and its coverage: one division each over summed elements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from plantbeat.engine.kpi.downtime import DownTime
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.engine.oee.elements import Elements

COVERAGE_LIMIT_PERCENT = 80
"""Share of planned busy time that must be covered by data, unless the site says otherwise."""


class Remark(StrEnum):
    """What a reader must know beside an OEE."""

    no_planned_time = "no planned busy time in this cut"
    withheld = "withheld: too little of the planned time is covered by data"
    not_yet_explained = "time with counts only: the gap is not yet explained"
    performance_above_100 = "performance above 100 %: check the ideal time"
    ideal_missing = "pieces without an ideal time earn nothing: add the ideal time"
    made_outside_planned_time = "pieces were counted outside planned busy time"


def availability(elements: Elements) -> Ratio:
    """Actual production time / planned busy time.

    Unit: %. Direction: higher is better. Source: ISO 22400-2:2014, availability = APT / PBT.
    Page: docs/reference/kpi/availability.md
    """
    return Ratio(elements.apt_us, elements.pbt_us, Unit.percent)


def performance(elements: Elements) -> Ratio:
    """Ideal time of all pieces / actual production time; never capped.

    Unit: %. Direction: higher is better. Source: ISO 22400-2:2014, effectiveness = PRI × PQ / APT.
    Page: docs/reference/kpi/performance.md
    """
    return Ratio(elements.ideal_all_us, elements.apt_us, Unit.percent)


def quality(elements: Elements) -> Ratio:
    """Ideal time of good pieces / ideal time of all pieces.

    Unit: %. Direction: higher is better. Source: ISO 22400-2:2014, quality ratio = GQ / PQ, weighted by the
    ideal time so that products add up.
    Page: docs/reference/kpi/quality.md
    """
    return Ratio(elements.ideal_good_us, elements.ideal_all_us, Unit.percent)


def oee(elements: Elements) -> Ratio:
    """Ideal time of good pieces / planned busy time, which is availability × performance × quality exactly.

    Unit: %. Direction: higher is better. Source: ISO 22400-2:2014, OEE index; SMRP 2.1.1.
    Page: docs/reference/kpi/oee.md
    """
    return Ratio(elements.ideal_good_us, elements.pbt_us, Unit.percent)


def coverage(elements: Elements) -> Ratio:
    """Planned busy time of which something is known / planned busy time.

    Unit: %. Direction: higher is better. Source: site practice; ISO 22400-2:2014 knows no missing data.
    Page: docs/reference/kpi/coverage.md
    """
    return Ratio(elements.covered_us, elements.pbt_us, Unit.percent)


@dataclass(frozen=True, slots=True)
class SixBigLosses:
    """Where the planned busy time went, in µs: the losses and the ideal time of good pieces add up to it.

    Starved and blocked stand apart from the asset's own minor stops; no data and not yet explained are no
    loss of a known kind. `reduced_speed_us` is negative when pieces came faster than their ideal time, and
    `not_yet_explained_us` when counts beat it; both say that the ideal time is wrong. `rework_us` and
    `scrap_us` are the fifth loss, `start_up_us` the sixth.
    """

    breakdowns_us: int
    setup_us: int
    minor_stops_us: int
    starved_us: int
    blocked_us: int
    reduced_speed_us: int
    scrap_us: int
    rework_us: int
    start_up_us: int
    no_data_us: int
    not_yet_explained_us: int
    ideal_good_us: int

    @property
    def pbt_us(self) -> int:
        return (
            self.breakdowns_us
            + self.setup_us
            + self.minor_stops_us
            + self.starved_us
            + self.blocked_us
            + self.reduced_speed_us
            + self.scrap_us
            + self.rework_us
            + self.start_up_us
            + self.no_data_us
            + self.not_yet_explained_us
            + self.ideal_good_us
        )

    @property
    def faster_than_ideal(self) -> bool:
        return self.reduced_speed_us < 0 or self.not_yet_explained_us < 0


def six_big_losses(elements: Elements) -> SixBigLosses:
    """The bridge from planned busy time down to the ideal time of good pieces.

    Unit: µs, shown as hours or as percent of planned busy time. Direction: lower is better. Source: Nakajima,
    Introduction to TPM (1988).
    Page: docs/reference/kpi/six_big_losses.md
    """
    explained_us = elements.ideal_all_us - elements.ideal_unexplained_us
    return SixBigLosses(
        breakdowns_us=elements.own_stop_us,
        setup_us=elements.setup_us,
        minor_stops_us=elements.micro_stop_us,
        starved_us=elements.starved_us,
        blocked_us=elements.blocked_us,
        reduced_speed_us=elements.apt_us - explained_us,
        scrap_us=elements.ideal_scrap_us,
        rework_us=elements.ideal_all_us
        - elements.ideal_good_us
        - elements.ideal_scrap_us
        - elements.ideal_setup_us,
        start_up_us=elements.ideal_setup_us,
        no_data_us=elements.no_data_us,
        not_yet_explained_us=elements.unexplained_us - elements.ideal_unexplained_us,
        ideal_good_us=elements.ideal_good_us,
    )


@dataclass(frozen=True, slots=True)
class OeeResult:
    """OEE as it may be shown. None where a figure is withheld or not known, never 0 in its place."""

    oee: Ratio | None
    availability: Ratio | None
    performance: Ratio | None
    quality: Ratio | None
    coverage: Ratio
    remarks: tuple[Remark, ...]


def oee_result(elements: Elements, coverage_limit_percent: int = COVERAGE_LIMIT_PERCENT) -> OeeResult:
    """OEE with its factors, the coverage beside it, and what a reader must know.

    Below the coverage limit all four are withheld. While some planned time is not yet explained (hourly
    counts only) there is an OEE but no factors.
    """
    remarks: list[Remark] = []
    withheld = elements.covered_us * 100 < elements.pbt_us * coverage_limit_percent
    factored = not withheld and not elements.unexplained_us
    if elements.pbt_us == 0:
        remarks.append(Remark.no_planned_time)
    if withheld:
        remarks.append(Remark.withheld)
    if elements.unexplained_us:
        remarks.append(Remark.not_yet_explained)
    if six_big_losses(elements).faster_than_ideal:
        remarks.append(Remark.performance_above_100)
    if elements.without_ideal:
        remarks.append(Remark.ideal_missing)
    if elements.produced_outside_pbt:
        remarks.append(Remark.made_outside_planned_time)
    return OeeResult(
        oee=None if withheld else oee(elements),
        availability=availability(elements) if factored else None,
        performance=performance(elements) if factored else None,
        quality=quality(elements) if factored else None,
        coverage=coverage(elements),
        remarks=tuple(remarks),
    )


def down_time(elements: Elements) -> DownTime:
    """What `kpi.downtime.unplanned_downtime_percent` takes."""
    return DownTime(elements.own_stop_us, elements.micro_stop_us, elements.pbt_us)
