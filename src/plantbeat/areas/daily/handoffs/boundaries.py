"""Boundaries as a handoff takes them: lines of an area that end a shift at one instant do it together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plantbeat.areas.daily.moments import Boundary, ShiftAt, boundaries
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class HandingOver:
    """The end of a shift of an area (empty: lines that stand in none), with the shift each line worked.

    `next_shift` is empty and `next_start_us` None where no shift is known to take over.
    """

    area: str
    at_us: int
    start_us: int
    shift: str
    production_day: date
    shift_of_line: dict[str, ShiftAt]
    next_shift: str
    next_start_us: int | None
    next_end_us: int | None


def handing_over(site: Site, from_us: int, to_us: int) -> list[HandingOver]:
    """What hands over from an instant to before another, by time, then area."""
    together: dict[tuple[int, str], list[Boundary]] = defaultdict(list)
    for one in boundaries(site, from_us, to_us):
        together[one.at_us, one.area].append(one)
    return [_joined(area, at_us, rows) for (at_us, area), rows in sorted(together.items())]


def handing_over_at(site: Site, area: str, at_us: int) -> HandingOver | None:
    """What hands over in an area at an instant."""
    return next((one for one in handing_over(site, at_us, at_us + 1) if one.area == area), None)


def _joined(area: str, at_us: int, rows: list[Boundary]) -> HandingOver:
    ends = [row.ends for row in rows]
    taking = [row.takes_over for row in rows if row.takes_over is not None]
    return HandingOver(
        area, at_us, min(one.start_us for one in ends), _names(ends), ends[0].day,
        {line: row.ends for row in rows for line in row.lines},
        _names(taking), min((one.start_us for one in taking), default=None),
        max((one.end_us for one in taking), default=None),
    )  # fmt: skip


def _names(shifts: Iterable[ShiftAt]) -> str:
    """Names with their crews, each once: `early (A)`."""
    named = (f"{one.name} ({one.crew})" if one.crew else one.name for one in shifts)
    return ", ".join(dict.fromkeys(named))[:120]
