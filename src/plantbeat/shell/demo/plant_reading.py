"""The demo plant as its records say it is: hours, maintenance, crews and machines for the simulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.shift_calendars import SiteCalendars, Span, working_spans
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.line_character import line_plan, machine_plan
from plantbeat.shell.demo.line_plan import Open, Period
from plantbeat.shell.demo.machine_streams import RECORDINGS, MachineStream
from plantbeat.shell.demo.people_simulation import Roster
from plantbeat.shell.demo.plant_simulation import CELL, PlantPlan

BY = Actor.system("demo plant")
SIMULATED_MACHINES = ("CNC2", "CNC3", "CNC5")
HISTORY_DAYS = 90
AHEAD = timedelta(days=400)
START = time(6)

UPKEEP: dict[str, tuple[int, time, float]] = {
    "L1": (1, time(8), 2.5),
    "L2": (2, time(8), 2.5),
    "L3": (3, time(14), 2.0),
    "L4": (1, time(6), 2.0),
    "L5": (4, time(14), 2.0),
    "CELL": (2, time(6), 2.0),
}
"""Weekly planned maintenance: weekday (Monday is 0), begin in civil time, hours."""


def demo_site() -> Site | None:
    """The demo plant, if it has been made."""
    return visible(Site, BY).filter(code=catalogue.SITE["code"]).first()


def plant_plan(site: Site, built_us: int, seed: str, now_us: int) -> PlantPlan:
    """Everything the simulation needs, with calendars from before the history to `AHEAD` of now."""
    zone = ZoneInfo(site.zone)
    first = clock.from_us(built_us).astimezone(zone).date() - timedelta(days=HISTORY_DAYS + 10)
    last = clock.from_us(now_us).astimezone(zone).date() + AHEAD
    lines = {
        line.code: line
        for line in visible(Line, BY).filter(site=site).select_related("site", "shift_pattern")
    }
    periods = {code: list(_periods(line, zone, first, last)) for code, line in lines.items()}
    return PlantPlan(
        seed=seed,
        built_us=built_us,
        lines={code: line_plan(code, seed, periods[code], built_us) for code in catalogue.CENTRE_OF_LINE},
        machines={code: machine_plan(code, seed, periods[CELL]) for code in SIMULATED_MACHINES},
        streams=[MachineStream(one, week_end_us(built_us, zone)) for one in RECORDINGS],
        rosters=sorted(_rosters(site, lines.values(), first, last)),
    )


def week_start_us(at_us: int, zone: ZoneInfo) -> int:
    """Begin of the working week that holds an instant: Monday's early shift."""
    local = clock.from_us(at_us).astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    start = datetime.combine(monday, START, zone)
    if start > local:
        start = datetime.combine(monday - timedelta(days=7), START, zone)
    return clock.to_us(start)


def week_end_us(at_us: int, zone: ZoneInfo) -> int:
    """End of the working week that holds an instant."""
    local = clock.from_us(week_start_us(at_us, zone)).astimezone(zone)
    return clock.to_us(datetime.combine(local.date() + timedelta(days=7), START, zone))


def _periods(line: Line, zone: ZoneInfo, first: date, last: date) -> Iterator[Period]:
    """Open and closed time of a line without gaps; maintenance cuts into open time."""
    calendar = SiteCalendars(line.site).calendar(line)
    spans = working_spans(calendar, first, last) if calendar else []
    upkeep = list(_upkeep(line.code, zone, first, last))
    at_us = clock.to_us(datetime.combine(first - timedelta(days=7), START, zone))
    for begin, end, kind in _cut(spans, upkeep):
        if begin > at_us:
            yield Period(at_us, begin, Open.closed)
        yield Period(begin, end, kind)
        at_us = end
    yield Period(at_us, at_us + 10 * 366 * 86_400_000_000, Open.closed)


def _cut(spans: Iterable[Span], upkeep: list[Span]) -> Iterator[tuple[int, int, Open]]:
    for begin, end in spans:
        at_us = begin
        for stop, resume in upkeep:
            stop, resume = max(stop, begin), min(resume, end)
            if stop < resume:
                if stop > at_us:
                    yield at_us, stop, Open.work
                yield stop, resume, Open.upkeep
                at_us = resume
        if at_us < end:
            yield at_us, end, Open.work


def _upkeep(line: str, zone: ZoneInfo, first: date, last: date) -> Iterator[Span]:
    weekday, begin, hours = UPKEEP[line]
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    while day <= last:
        start_us = clock.to_us(datetime.combine(day, begin, zone))
        yield start_us, start_us + round(hours * 3_600_000_000)
        day += timedelta(days=7)


def _rosters(site: Site, lines: Iterable[Line], first: date, last: date) -> Iterator[Roster]:
    from plantbeat.engine.calendars import shift_instances

    homes = visible(Person, BY).filter(site=site, crew__isnull=False)
    people = Counter(homes.values_list("home_line__code", "crew__letter"))
    for line in lines:
        calendar = SiteCalendars(line.site).calendar(line)
        for shift in shift_instances(calendar, first, last) if calendar else ():
            yield Roster(shift.start_us, line.code, shift.crew, people[line.code, shift.crew], shift.shift)
