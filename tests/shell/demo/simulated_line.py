"""A filling line and a single machine without a database, for tests of the simulation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

from plantbeat.shell.demo.campaigns import PastOrders
from plantbeat.shell.demo.line_character import line_plan, machine_plan
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, Job, LinePlan, Open, Period, Temper, Told
from plantbeat.shell.demo.line_simulation import LineSimulation

MONDAY_US = 1_794_222_000_000_000
"""2026-11-09T11:00:00Z: a Monday, 05:00 in Chicago."""
WEEK_US = 7 * DAY_US


def open_for(days: float) -> list[Period]:
    """Open without a break from a week before MONDAY_US to more than so many days after it."""
    return [Period(MONDAY_US - WEEK_US, MONDAY_US + round((days + 1) * DAY_US), Open.work)]


def shifts(days: int) -> list[Period]:
    """Sixteen hours of work a day with half an hour of break, and two hours of maintenance every day."""
    periods = [Period(MONDAY_US - WEEK_US, MONDAY_US, Open.closed)]
    for day in range(days):
        at = MONDAY_US + day * DAY_US
        for hours, kind in (
            (2, Open.upkeep),
            (6, Open.work),
            (0.5, Open.closed),
            (7.5, Open.work),
            (8, Open.closed),
        ):
            periods.append(Period(at, at + round(hours * HOUR_US), kind))
            at = periods[-1].end_us
    return [*periods, Period(at, at + WEEK_US, Open.closed)]


def plan(
    line: str = "L1", seed: str = "test", periods: list[Period] | None = None, **more: object
) -> LinePlan:
    """A line of the demo plant; CNC2 stands for itself."""
    made = periods or open_for(60)
    if line.startswith("CNC"):
        return machine_plan(line, seed, made)
    return replace(line_plan(line, seed, made, MONDAY_US), starts=[], **more)


def calm(line: str = "L1", **more: object) -> LinePlan:
    """A line on which nothing goes wrong, at one constant speed."""
    known = plan(line)
    stations = tuple(replace(station, troubles=(NEVER,)) for station in known.stations)
    return plan(line, stations=stations, tempers=(Temper(0, slow=0.1),), **{"creeps": (), **more})


NEVER = replace(line_plan("L1", "", open_for(1), 0).stations[0].troubles[0], every_us=10**15)


def told_by(line: LinePlan, days: float = 2, end_us: int | None = None) -> list[Told]:
    """What is told of a line from MONDAY_US on."""
    until_us = MONDAY_US + round(days * DAY_US)
    return LineSimulation.begun(line, MONDAY_US).run(until_us, PastOrders(line, MONDAY_US, end_us, 1))


class OneJob:
    """One order, and no other."""

    def __init__(self, quantity: int = 5_000, item: str = "DISH-500", family: str = "lemon") -> None:
        self.jobs = [Job("WO-1", item, family, quantity, 0.6)]

    def next_job(self, _at_us: int) -> Job | None:
        return self.jobs.pop() if self.jobs else None


def of_kind(told: Iterable[Told], kind: str, asset: str = "") -> list[Told]:
    """Facts of one kind, of one asset if it is named."""
    return [one for one in told if one.kind == kind and asset in ("", one.asset)]


def stretches(told: Iterable[Told], asset: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, word) of the states of a station, the last, open one left out."""
    for before, after in pairwise(of_kind(told, "state", asset)):
        yield before.t_us, after.t_us, str(before.body["state"])


def time_in(told: Iterable[Told], asset: str) -> dict[str, int]:
    """µs by state of a station."""
    found: dict[str, int] = defaultdict(int)
    for start_us, end_us, word in stretches(told, asset):
        found[word] += end_us - start_us
    return found


def pieces(told: Iterable[Told], asset: str, outcome: str = "") -> int:
    """Pieces counted at a station: of one outcome, or all."""
    names = [outcome] if outcome else ["good", "scrap", "rework"]
    counts = [one.body for one in of_kind(told, "count", asset)]
    scrap = [{"scrap": one.body["quantity"]} for one in of_kind(told, "scrap", asset)]
    return sum(int(str(body.get(name, 0))) for body in (*counts, *scrap) for name in names)
