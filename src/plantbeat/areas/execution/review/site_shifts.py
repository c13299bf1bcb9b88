"""The shifts of a site: those of all its patterns that share a production day and a name are one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plantbeat.areas.execution.lookups import Floor
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

LOOK_BACK_US = 14 * 86_400_000_000
LOOK_AHEAD_US = 21 * 86_400_000_000


@dataclass(frozen=True, slots=True)
class SiteShift:
    """Shifts of one name and production day, from the first begin to the last end.

    `ids` are those of the shift calendar, by the codes of the lines that work them; a line works one.
    """

    day: date
    name: str
    crews: tuple[str, ...]
    start_us: int
    end_us: int
    ids: dict[int, tuple[str, ...]]

    @property
    def lines(self) -> tuple[str, ...]:
        """Codes of the lines that work it."""
        return tuple(sorted(line for lines in self.ids.values() for line in lines))

    @property
    def period(self) -> Period:
        """The production day; measures narrow it by the name of the shift."""
        return Period.of_day(self.day)

    def id_of(self, line: str) -> int | None:
        """The shift a line works."""
        return next((pk for pk, lines in self.ids.items() if line in lines), None)


@dataclass(frozen=True, slots=True)
class ShiftsAround:
    """The shift going on at an instant, the one before and the next; None where there is none near."""

    last: SiteShift | None
    now: SiteShift | None
    following: SiteShift | None

    @property
    def at_hand(self) -> SiteShift | None:
        """The shift that is prepared: the one going on, else the next."""
        return self.now or self.following


def shifts_around(site: Site, at_us: int, by: Actor) -> ShiftsAround:
    """The shifts of a site around an instant; two weeks back, three weeks ahead; one query for the shifts.

    Raises `Refused` without a role at the site.
    """
    floor = Floor(site, by)
    rows = readings.shifts_between(site.pk, at_us - LOOK_BACK_US, at_us + LOOK_AHEAD_US)
    found = _site_shifts(floor, _near(rows, at_us))
    past = [one for one in found if one.end_us <= at_us]
    present = [one for one in found if one.start_us <= at_us < one.end_us]
    ahead = [one for one in found if one.start_us > at_us]
    return ShiftsAround(
        max(past, key=lambda one: (one.end_us, one.start_us), default=None),
        max(present, key=lambda one: (one.start_us, one.end_us), default=None),
        min(ahead, key=lambda one: (one.start_us, one.end_us), default=None),
    )


def _near(rows: list[FactShift], at_us: int) -> list[FactShift]:
    """The few days that hold the last, the present and the next shift."""
    ended = max((row.end_us for row in rows if row.end_us <= at_us), default=at_us)
    begins = min((row.start_us for row in rows if row.start_us > at_us), default=at_us)
    around = 2 * 86_400_000_000
    return [row for row in rows if row.end_us > ended - around and row.start_us < begins + around]


def _site_shifts(floor: Floor, rows: Iterable[FactShift]) -> list[SiteShift]:
    groups: dict[tuple[date, str], dict[int, tuple[FactShift, list[str]]]] = defaultdict(dict)
    lines = floor.lines()
    for row in rows:
        worked = [line.code for line in lines if floor.shifts_of(line, [row], row.owner_day)]
        if worked:
            groups[row.owner_day, row.shift][row.pk] = row, worked
    return [
        SiteShift(
            day,
            name,
            tuple(sorted({row.crew for row, _lines in group.values()})),
            min(row.start_us for row, _lines in group.values()),
            max(row.end_us for row, _lines in group.values()),
            {pk: tuple(codes) for pk, (_row, codes) in group.items()},
        )
        for (day, name), group in groups.items()
    ]
