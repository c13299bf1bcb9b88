"""What a shift of the site came to, in one review: losses, lines, stops, scrap, hours below plan."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.areas.execution.answers import LossBridge, LossOfReason
from plantbeat.areas.execution.hours.answers import HourBelowPlan
from plantbeat.areas.execution.hours.questions import hours_below_plan
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.losses.answers import Unusual
from plantbeat.areas.execution.losses.questions import unusual
from plantbeat.areas.execution.questions import LOST
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.execution.stops.answers import TopStop
from plantbeat.areas.execution.stops.questions import top_stops
from plantbeat.engine.oee import Elements
from plantbeat.engine.oee.formulas import OeeResult, oee_result, six_big_losses
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class LineOfShift:
    """What a line made in a shift."""

    line: str
    name: str
    good: int
    scrap: int
    oee: OeeResult


@dataclass(frozen=True, slots=True)
class ScrapOfShift:
    """Pieces a line scrapped for one defect (None: nobody named it), of all it produced in the shift."""

    line: str
    defect: str | None
    pieces: int
    produced: int

    @property
    def percent(self) -> float:
        """Share of the pieces the line produced."""
        return 100 * self.pieces / self.produced if self.produced else 0.0


@dataclass(frozen=True, slots=True)
class ShiftReview:
    """A shift of the whole site; `worst_hours` are those furthest below their plan."""

    shift: SiteShift
    bridge: LossBridge
    lines: list[LineOfShift]
    stops: list[TopStop]
    scrap: list[ScrapOfShift]
    worst_hours: list[HourBelowPlan]
    hours_below: int


def shift_review(site: Site, shift: SiteShift, by: Actor, *, n: int = 3) -> ShiftReview:
    """The review of a shift; a number of queries that does not grow with the lines.

    Raises `Refused` without a role at the site.
    """
    floor = Floor(site, by)
    hours = [
        hour
        for pk, lines in shift.ids.items()
        for hour in hours_below_plan(site, pk, by, lines=lines)
    ]  # fmt: skip
    hours.sort(key=lambda one: (-one.gap, one.start_us, one.line))
    return ShiftReview(
        shift, _bridge(floor, shift), _lines(floor, shift), stops_of_shift(site, shift, by, n=n),
        _scrap(floor, shift)[:n], hours[:n], len(hours),
    )  # fmt: skip


def stops_of_shift(site: Site, shift: SiteShift, by: Actor, *, n: int = 3) -> list[TopStop]:
    """The longest unplanned stops of a shift over all its lines."""
    found: list[TopStop] = []
    for pk, lines in shift.ids.items():
        row = readings.shift_with_id(site.pk, pk)
        if row is not None:
            found += top_stops(site, Period.of_shift(row), by, n, lines)
    return sorted(found, key=lambda one: (-one.duration_us, one.start_us, one.line))[:n]


def _asked(floor: Floor, shift: SiteShift, cuts: list[Cut | str]) -> CubeQuestion:
    lines = [floor.rules.line_ids[code] for code in shift.lines]
    return CubeQuestion(floor.rules, lines, shift.period, cuts, {Cut.shift: shift.name})


def _bridge(floor: Floor, shift: SiteShift) -> LossBridge:
    sums = cube_sums(_asked(floor, shift, [Cut.reason]))
    elements = Elements.of(cell for cells in sums.values() for cell in cells)
    limit = floor.rules.site_rule(shift.day).coverage_limit_percent
    reasons = [
        LossOfReason(cell.state, floor.reason(keys[0], shift.day), cell.us, cell.starts)
        for keys, cells in sums.items()
        for cell in cells
        if cell.state in LOST and (cell.us or cell.starts)
    ]
    reasons.sort(key=lambda one: (-one.us, one.state, one.reason.code if one.reason else ""))
    return LossBridge(six_big_losses(elements), elements, oee_result(elements, limit), reasons)


def _lines(floor: Floor, shift: SiteShift) -> list[LineOfShift]:
    limit = floor.rules.site_rule(shift.day).coverage_limit_percent
    found = []
    for (line,), cells in cube_sums(_asked(floor, shift, [Cut.line])).items():
        elements, asset = Elements.of(cells), floor.rules.assets[line]
        found.append(
            LineOfShift(asset.code, asset.name, elements.good, elements.scrap, oee_result(elements, limit))
        )
    return sorted(found, key=lambda one: one.line)


def _scrap(floor: Floor, shift: SiteShift) -> list[ScrapOfShift]:
    sums = cube_sums(_asked(floor, shift, [Cut.line, Cut.defect]))
    produced: dict[int, int] = {}
    for (line, _defect), cells in sums.items():
        produced[line] = produced.get(line, 0) + Elements.of(cells).produced
    found = [
        ScrapOfShift(floor.rules.assets[line].code, defect, pieces, produced[line])
        for (line, defect), cells in sums.items()
        if (pieces := Elements.of(cells).scrap)
    ]
    return sorted(found, key=lambda one: (-one.pieces, one.line, one.defect or ""))


def unusual_in_shift(site: Site, shift: SiteShift, by: Actor) -> list[Unusual]:
    """What differed from usual in a shift over all its lines: broken limits, then the most surprising."""
    found: list[Unusual] = []
    for pk, lines in shift.ids.items():
        row = readings.shift_with_id(site.pk, pk)
        if row is not None:
            found += unusual(site, Period.of_shift(row), by, lines=lines)
    return sorted(found, key=lambda one: (not one.is_limit, -one.bits, one.line, one.key))
