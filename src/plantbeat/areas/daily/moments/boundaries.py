"""Where one shift of an area hands over to the next that works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel.accounts import Site

LOOK_AHEAD_US = 21 * 86_400_000_000
"""How far ahead the next working shift is looked for: over the longest shutdown that is written out."""


@dataclass(frozen=True, slots=True)
class ShiftAt:
    """A shift of an area as a boundary names it."""

    id: int
    name: str
    crew: str
    day: date
    start_us: int
    end_us: int

    @classmethod
    def of(cls, shift: FactShift) -> ShiftAt:
        """As the calendar has it."""
        return cls(shift.pk, shift.shift, shift.crew, shift.owner_day, shift.start_us, shift.end_us)


@dataclass(frozen=True, slots=True)
class Boundary:
    """The end of a shift in an area, for the lines that work it.

    area        code of the area; empty for lines that stand in none
    area_name   as people call it
    lines       codes of the lines that end this shift together
    ends        the shift that ends at `at_us`
    takes_over  the next shift that works there; holidays and unstaffed shifts are skipped. None where none
                is planned for three weeks
    """

    area: str
    area_name: str
    lines: tuple[str, ...]
    ends: ShiftAt
    takes_over: ShiftAt | None

    @property
    def at_us(self) -> int:
        """The instant of the boundary."""
        return self.ends.end_us

    @property
    def gap_us(self) -> int:
        """Time in which nobody works there between the two; 0 where they touch or overlap."""
        return max(0, self.takes_over.start_us - self.at_us) if self.takes_over else 0


def boundaries(site: Site, from_us: int, to_us: int) -> list[Boundary]:
    """Every end of a shift in ``[from_us, to_us)`` by area, in order of time, then area; two queries at most.

    Lines of an area that work different shift patterns have boundaries of their own. The calendar is no
    secret: whoever asks for more than its times asks for permission there.
    """
    rules = rules_of(site.pk)
    shifts = readings.shifts_between(site.pk, from_us - 1, to_us + LOOK_AHEAD_US)
    found = []
    for (area, worked), lines in _groups(rules, shifts, to_us).items():
        by_id = {shift.pk: shift for shift in shifts}
        row = [by_id[pk] for pk in worked]
        found += [
            Boundary(area, _area_name(rules, area, site), lines, ShiftAt.of(one), _after(row, one))
            for one in row
            if from_us <= one.end_us < to_us
        ]
    return sorted(found, key=lambda one: (one.at_us, one.area, one.lines))


def _groups(
    rules: SiteRules, shifts: Sequence[FactShift], at_us: int
) -> dict[tuple[str, tuple[int, ...]], tuple[str, ...]]:
    """Lines in use by area and the shifts they work: those with the same hand over together."""
    groups: dict[tuple[str, tuple[int, ...]], list[str]] = defaultdict(list)
    day = rules.day_at(at_us)
    for asset in sorted(_lines(rules, at_us), key=lambda asset: asset.code):
        pattern = rules.reading(asset.pk, day).pattern
        worked = tuple(shift.pk for shift in worked_by(shifts, pattern, asset.pk))
        if worked:
            groups[rules.area_of(asset.pk, day), worked].append(asset.code)
    return {place: tuple(lines) for place, lines in groups.items()}


def _lines(rules: SiteRules, at_us: int) -> Iterable[FactAsset]:
    for asset in rules.assets.values():
        if asset.level == AssetLevel.line and (asset.valid_to_us is None or asset.valid_to_us > at_us):
            yield asset


def _after(shifts: Sequence[FactShift], ended: FactShift) -> ShiftAt | None:
    """The first shift that begins after another began and works beyond its end."""
    later = [one for one in shifts if one.start_us > ended.start_us and one.end_us > ended.end_us]
    return ShiftAt.of(min(later, key=lambda one: (one.start_us, one.pk))) if later else None


def _area_name(rules: SiteRules, area: str, site: Site) -> str:
    asset = rules.assets.get(rules.area_ids.get(area, 0))
    return asset.name if asset is not None else site.name
