"""What the demo plant wants to reach: targets with a date, a value to watch from and somebody who answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.target import Target
from plantbeat.facts.views.measure_codes import MeasureCode as M
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many

BY = Actor.system("demo plant")


class Aim(NamedTuple):
    """A target of a measure; `before` held until this quarter began, if it was another."""

    measure: M
    value: str
    watch: str
    job: str
    before: str = ""


MANAGER, LEAD, PLANNER = "Production manager", "Line lead", "Planner"
QUALITY, MAINTENANCE, SAFETY = "Quality engineer", "Maintenance planner", "EHS coordinator"

OF_SITE = (
    Aim(M.oee, "75", "70", MANAGER, "72"),
    Aim(M.availability, "84", "80", MANAGER, "82"),
    Aim(M.performance, "92", "90", MANAGER),
    Aim(M.quality, "97", "96", QUALITY),
    Aim(M.coverage, "98", "95", MANAGER),
    Aim(M.loss_setup, "4.5", "6", PLANNER, "5.5"),
    Aim(M.first_pass_yield, "98", "97", QUALITY),
    Aim(M.scrap_percent, "1.2", "1.5", QUALITY, "1.4"),
    Aim(M.unplanned_downtime_percent, "6", "8", MAINTENANCE, "7"),
    Aim(M.mtbf, "8", "6.5", MAINTENANCE),
    Aim(M.mttr, "0.33", "0.5", MAINTENANCE),
    Aim(M.takt_attainment, "95", "90", PLANNER),
    Aim(M.schedule_adherence_quantity, "90", "85", PLANNER),
    Aim(M.schedule_adherence_time, "60", "40", PLANNER),
    Aim(M.schedule_adherence_sequence, "95", "90", PLANNER),
    Aim(M.attendance, "96", "94", MANAGER),
    Aim(M.otd, "97", "95", PLANNER),
    Aim(M.hazards_fixed_in_time, "85", "70", SAFETY),
    Aim(M.days_since_last_recordable, "60", "30", SAFETY),
)
OF_AREA = {
    "FILL": (
        Aim(M.oee, "74", "70", MANAGER, "71"),
        Aim(M.scrap_percent, "1.2", "1.5", QUALITY),
        Aim(M.schedule_adherence_quantity, "90", "85", PLANNER),
        Aim(M.attendance, "96", "94", MANAGER),
    ),
    "MACH": (
        Aim(M.oee, "80", "76", MANAGER, "78"),
        Aim(M.scrap_percent, "1.3", "1.7", QUALITY),
        Aim(M.performance, "91", "89", MANAGER),
        Aim(M.attendance, "96", "94", MANAGER),
    ),
}
OF_LINE = (
    Aim(M.oee, "80", "75", LEAD, "77"),
    Aim(M.availability, "87", "83", LEAD, "85"),
    Aim(M.performance, "92", "90", LEAD),
    Aim(M.quality, "97.5", "96.5", LEAD),
    Aim(M.scrap_percent, "1.1", "1.4", LEAD, "1.3"),
    Aim(M.unplanned_downtime_percent, "5", "7", MAINTENANCE),
    Aim(M.mttr, "0.3", "0.5", MAINTENANCE),
    Aim(M.attendance, "96", "94", LEAD),
)
OF_FILLING_LINE = (Aim(M.schedule_adherence_quantity, "92", "88", PLANNER),)
OF_ONE_LINE = {
    "L3": (
        Aim(M.oee, "62", "55", LEAD, "58"),
        Aim(M.availability, "75", "68", LEAD, "72"),
        Aim(M.performance, "88", "85", LEAD),
        Aim(M.quality, "97", "96", LEAD),
        Aim(M.scrap_percent, "1.8", "2.2", LEAD, "2.2"),
        Aim(M.unplanned_downtime_percent, "11", "14", MAINTENANCE),
        Aim(M.mttr, "0.4", "0.6", MAINTENANCE),
        Aim(M.schedule_adherence_quantity, "80", "70", PLANNER),
    ),
    "L4": (Aim(M.oee, "75", "70", LEAD, "72"), Aim(M.availability, "83", "79", LEAD, "81")),
    "L5": (Aim(M.oee, "75", "70", LEAD, "72"), Aim(M.availability, "83", "79", LEAD, "81")),
    "CELL": (Aim(M.availability, "90", "87", LEAD), Aim(M.performance, "91", "89", LEAD)),
}
"""Where a line is known to do better or worse than the others."""


def make_targets(site: Site, lines: Mapping[str, Line], today: date) -> int:
    """Make the targets of the plant, its areas and lines; how many there are."""
    made = act_many(Target, "create", BY, list(_rows(site, lines, today)))
    return len(made)


def aims_of(line: str) -> list[Aim]:
    """The targets of a line by its code: those of every line, but for what is its own."""
    usual = OF_LINE if line == "CELL" else (*OF_LINE, *OF_FILLING_LINE)
    found = {aim.measure: aim for aim in (*usual, *OF_ONE_LINE.get(line, ()))}
    return list(found.values())


def _rows(site: Site, lines: Mapping[str, Line], today: date) -> Iterator[dict[str, Any]]:
    for aim in OF_SITE:
        yield from _dated(aim, {"site": site, "owner": _owner(site, aim)}, today)
    for area in visible(Area, BY).filter(site=site):
        for aim in OF_AREA[area.code]:
            yield from _dated(aim, {"site": site, "area": area, "owner": _owner(site, aim)}, today)
    for code, line in lines.items():
        for aim in aims_of(code):
            yield from _dated(aim, {"site": site, "line": line, "owner": _owner(site, aim, line)}, today)


def _dated(aim: Aim, row: dict[str, Any], today: date) -> Iterator[dict[str, Any]]:
    """The target of this quarter, and the one before it if that was another."""
    begun = date(today.year - 1, 1, 1)
    if aim.before:
        apart = Decimal(aim.value) - Decimal(aim.watch)
        before = {"value": Decimal(aim.before), "watch": Decimal(aim.before) - apart, "valid_from": begun}
        yield {**row, "measure": aim.measure, **before}
        begun = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    values = {"value": Decimal(aim.value), "watch": Decimal(aim.watch)}
    yield {**row, "measure": aim.measure, **values, "valid_from": begun}


def _owner(site: Site, aim: Aim, line: Line | None = None) -> Person:
    """Who has the job; of line leads one whose home is the line."""
    people = visible(Person, BY).filter(site=site, job=aim.job).order_by("number")
    if aim.job == LEAD:
        people = people.filter(home_line=line)
    return people[0]
