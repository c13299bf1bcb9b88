"""Yield and scrap. A piece enters the produced quantity once, at its first pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from statistics import NormalDist

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class Pieces:
    """Pieces of a step or a line over any cut; add them to roll up.

    `good`, `scrap` and `rework` are first-pass results, `recovered` and `scrapped_after_rework` later ones.
    Set-up pieces are not in here.
    """

    good: int = 0
    scrap: int = 0
    rework: int = 0
    recovered: int = 0
    scrapped_after_rework: int = 0

    @property
    def produced(self) -> int:
        """Pieces that entered, each once."""
        return self.good + self.scrap + self.rework

    def __add__(self, other: Pieces) -> Pieces:
        return Pieces(
            self.good + other.good,
            self.scrap + other.scrap,
            self.rework + other.rework,
            self.recovered + other.recovered,
            self.scrapped_after_rework + other.scrapped_after_rework,
        )


@dataclass(frozen=True, slots=True)
class Opportunities:
    """Defects found on `units` units, each with `per_unit` declared opportunities for a defect."""

    defects: int
    units: int
    per_unit: int

    def __post_init__(self) -> None:
        if min(self.defects, self.units) < 0 or self.per_unit < 1:
            raise ValueError(
                f"{self.defects} defects on {self.units} units with {self.per_unit} opportunities each: "
                "counts must be 0 or more and opportunities per unit at least 1"
            )


@dataclass(frozen=True, slots=True)
class SigmaLevel:
    """A sigma level and whether the customary 1.5 sigma shift was added to it."""

    value: float
    shift_included: bool


def first_pass_yield(pieces: Pieces) -> Ratio:
    """Good first time / pieces entering; a touch-up at the station is a fail.

    Unit: %. Direction: higher is better. Source: ISO 22400-2:2014, first pass yield = GP / IP.
    Page: docs/reference/kpi/first_pass_yield.md
    """
    return Ratio(pieces.good, pieces.produced, Unit.percent)


def rolled_throughput_yield(steps: Iterable[Pieces]) -> Ratio:
    """Product of the first-pass yields of the steps along the routing.

    Unit: %. Direction: higher is better. Source: Six Sigma practice (rolled throughput yield); the steps are
    ISO 22400-2:2014 first pass yields.
    Page: docs/reference/kpi/rolled_throughput_yield.md
    """
    yields = [first_pass_yield(step) for step in steps]
    if not yields:
        return Ratio(0, 0, Unit.percent)
    return Ratio(prod(r.numerator for r in yields), prod(r.denominator for r in yields), Unit.percent)


def scrap_percent(pieces: Pieces) -> Ratio:
    """Pieces scrapped, at the first pass or after rework / pieces produced.

    Unit: %. Direction: lower is better. Source: ISO 22400-2:2014, scrap ratio = SQ / PQ.
    Page: docs/reference/kpi/scrap_percent.md
    """
    return Ratio(pieces.scrap + pieces.scrapped_after_rework, pieces.produced, Unit.percent)


def dpmo(found: Iterable[Opportunities]) -> Ratio:
    """Defects per million opportunities: sum of defects / sum of units × opportunities per unit.

    Unit: per million. Direction: lower is better. Source: Six Sigma practice; with one opportunity per unit
    and each unit counted once it is defective parts per million.
    Page: docs/reference/kpi/dpmo.md
    """
    rows = list(found)
    return Ratio(
        sum(row.defects for row in rows), sum(row.units * row.per_unit for row in rows), Unit.per_million
    )


def sigma_level(defects: Ratio, *, shift_included: bool = False) -> SigmaLevel | None:
    """Sigma level of a `dpmo` ratio: the standard normal quantile of its yield, plus 1.5 if `shift_included`.

    None without data, and when no opportunity or every opportunity is a defect: the level is not finite.
    """
    rate = defects.fraction
    if rate is None or not 0 < rate < 1:
        return None
    return SigmaLevel(-NormalDist().inv_cdf(float(rate)) + (1.5 if shift_included else 0.0), shift_included)
