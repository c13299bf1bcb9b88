"""Writes the demo plant's master data through the one write path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, time
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.bill_of_materials import BillOfMaterials
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.setup_matrix import SetupMatrix
from plantbeat.areas.plant.records.shift_pattern import Rotation, ShiftPattern
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.record import Record
from plantbeat.shell.demo import catalogue, names
from plantbeat.shell.demo.targets import make_targets

M = TypeVar("M", bound=Record)
BY = Actor.system("demo plant")
SECOND_US = 1_000_000
MINUTE_US = 60 * SECOND_US
PEOPLE = 180
STAFF = ("Planner", "Quality engineer", "Maintenance planner", "EHS coordinator", "Analyst", "Plant IT")


def build(today: date) -> Site:
    """Make the demo plant's site with everything that is known before the first fact."""
    site = act(Site, "create", BY, catalogue.SITE)
    lines = _lines(site, today)
    centres = _by_code(_make(WorkCentre, site, ({"code": c, "name": n} for c, n in catalogue.WORK_CENTRES)))
    machines = _machines(site, lines, centres)
    _close_lines(lines, machines)
    items = _items(site)
    _products(site, items, centres, machines, today)
    _setups(site, centres)
    _reasons(site)
    years = {today.year - 1, today.year, today.year + 1}
    _make(
        Holiday,
        site,
        (
            {"day": date.fromisoformat(f"{y}-{d}"), "name": n}
            for y in sorted(years)
            for d, n in catalogue.HOLIDAYS
        ),
    )
    _people(site, lines)
    make_targets(site, lines, today)
    return site


def _make(model: type[M], site: Site, rows: Iterable[dict[str, Any]]) -> list[M]:
    return act_many(model, "create", BY, [{"site": site, **row} for row in rows])


def _by_code(records: list[M]) -> dict[str, M]:
    return {record.code: record for record in records}  # type: ignore[attr-defined]


def _lines(site: Site, today: date) -> dict[str, Line]:
    areas = _by_code(_make(Area, site, ({"code": c, "name": n} for c, n in catalogue.AREAS)))
    anchor = date(today.year - 1, 1, 1)
    names_and_times = [
        ("early", time(6), time(14)),
        ("late", time(14), time(22)),
        ("night", time(22), time(6)),
    ]

    def shifts(breaks: Callable[[int], str]) -> list[dict[str, Any]]:
        return [
            {"place": p, "name": n, "start": s, "end": e, "breaks": breaks(s.hour)}
            for p, (n, s, e) in enumerate(names_and_times, 1)
        ]

    def meal(start: int) -> str:
        hour = (start + 4) % 24
        return f"{hour:02d}:00-{hour:02d}:30"

    patterns = {}
    for code, name, rotation, breaks in (
        ("WEEK3", "Three shifts, Monday to Friday", Rotation.week, meal),
        ("CONT", "Around the clock, continental", Rotation.continental, lambda _start: ""),
    ):
        data = {"site": site, "code": code, "name": name, "rotation": rotation, "anchor": anchor}
        crews = "A B C D" if rotation == Rotation.continental else "E F G"
        patterns[code] = act(ShiftPattern, "create", BY, {**data, "crews": crews, "shifts": shifts(breaks)})
    return _by_code(
        _make(
            Line,
            site,
            (
                {
                    "code": code,
                    "name": name,
                    "area": areas[area],
                    "shift_pattern": patterns[pattern],
                    "source": LineSource.taps if code == catalogue.TAPPED_LINE else LineSource.connected,
                }
                for code, name, area, pattern in catalogue.LINES
            ),
        )
    )


def _machines(site: Site, lines: dict[str, Line], centres: dict[str, WorkCentre]) -> dict[str, Machine]:
    rows = []
    for code, line in lines.items():
        if code == "CELL":
            continue
        for position, (suffix, name, machine_class) in enumerate(catalogue.STATIONS, 1):
            centre = centres[catalogue.CENTRE_OF_LINE[code]] if suffix == catalogue.BOTTLENECK else None
            rows.append(
                {
                    "code": f"{code}-{suffix}",
                    "name": f"{name} {code[1:]}",
                    "line": line,
                    "work_centre": centre,
                    "machine_class": machine_class,
                    "position": position,
                }
            )
    for position, (code, name, centre_code) in enumerate(catalogue.MACHINING, 1):
        cell = {"line": lines["CELL"], "work_centre": centres[centre_code], "machine_class": "machine tool"}
        rows.append({"code": code, "name": name, "position": position, **cell})
    return _by_code(_make(Machine, site, rows))


def _close_lines(lines: dict[str, Line], machines: dict[str, Machine]) -> None:
    for code, line in lines.items():
        if code == "CELL":
            counting = bottleneck = machines[catalogue.CELL_SHOWN_BY]
        else:
            counting = machines[f"{code}-{catalogue.COUNTING_POINT}"]
            bottleneck = machines[f"{code}-{catalogue.BOTTLENECK}"]
        act(line, "edit", BY, {"counting_point": counting, "bottleneck": bottleneck, "first_piece": True})


def _items(site: Site) -> dict[str, Item]:
    rows: list[dict[str, Any]] = [
        {"code": p.code, "name": p.name, "family": p.family, "standard_cost": Decimal(str(p.cost))}
        | dict(zip(("pack_size", "pallet_size"), catalogue.PACKS.get(p.code, ()), strict=False))
        for p in (*catalogue.PRODUCTS, *catalogue.PARTS)
    ]
    rows += [
        {"code": code, "name": name, "unit": unit, "standard_cost": Decimal(str(cost)), "kind": "bought"}
        for code, name, unit, cost in catalogue.MATERIALS
    ]
    return _by_code(_make(Item, site, rows))


def _products(
    site: Site,
    items: dict[str, Item],
    centres: dict[str, WorkCentre],
    machines: dict[str, Machine],
    today: date,
) -> None:
    ideals = []
    for product in (*catalogue.PRODUCTS, *catalogue.PARTS):
        run_us = round(product.cycle_s * 1.15 * SECOND_US)
        step = {"step": 10, "name": "Fill and pack", "work_centre": centres[product.centre], "run": run_us}
        step |= {"setup_family": product.family, "skill": product.centre.lower(), "crew_size": 4}
        if product in catalogue.PARTS:
            step |= {"name": "Machine", "crew_size": 1}
        act(Routing, "create", BY, {"site": site, "item": items[product.code], "operations": [step]})
        components = [
            {"item": items[code], "quantity": Decimal(str(amount))} for code, amount in product.components
        ]
        act(
            BillOfMaterials,
            "create",
            BY,
            {"site": site, "item": items[product.code], "components": components},
        )
        ideals += [
            {
                "item": items[product.code],
                "machine": machine,
                "valid_from": date(today.year - 1, 1, 1),
                "cycle": round(product.cycle_s * SECOND_US),
            }
            for machine in _machines_for(product.centre, machines)
        ]
    _make(IdealCycle, site, ideals)


def _machines_for(centre: str, machines: dict[str, Machine]) -> list[Machine]:
    """Every machine a product of the work centre passes: a filling line counts at its packer."""
    lines = {line for line, own in catalogue.CENTRE_OF_LINE.items() if own == centre}
    return [
        machine
        for code, machine in machines.items()
        if code.split("-")[0] in lines
        or (machine.work_centre is not None and machine.work_centre.code == centre)
    ]


def _setups(site: Site, centres: dict[str, WorkCentre]) -> None:
    for code, cells in catalogue.CHANGEOVERS.items():
        changeovers = [
            {"from_family": before, "to_family": after, "duration": minutes * MINUTE_US}
            for before, after, minutes in cells
        ]
        act(
            SetupMatrix,
            "create",
            BY,
            {"site": site, "work_centre": centres[code], "changeovers": changeovers},
        )


def _reasons(site: Site) -> None:
    made: dict[str, DowntimeReason] = {}
    for code, name, parent, counts_as, loss in catalogue.REASONS:
        data = {"site": site, "code": code, "name": name, "counts_as": counts_as, "loss": loss}
        made[code] = act(DowntimeReason, "create", BY, {**data, "parent": made.get(parent)})


def _people(site: Site, lines: dict[str, Line]) -> None:
    patterns = {line.shift_pattern.code: line.shift_pattern for line in lines.values() if line.shift_pattern}
    crews = _by_code(
        _make(
            Crew,
            site,
            (
                {"code": letter, "name": f"Crew {letter}", "pattern": patterns[pattern], "letter": letter}
                for pattern, letters in (("CONT", "ABCD"), ("WEEK3", "EFG"))
                for letter in letters
            ),
        )
    )
    chance = Random(3051)  # noqa: S311 (made-up names)
    spoken = iter(names.people(chance, PEOPLE))
    manager = _person(site, next(spoken), 1000, "Production manager")
    for number, job in enumerate(STAFF, 1001):
        _person(site, next(spoken), number, job, reports_to=manager)
    leads: dict[str, Person] = {}
    for number, (letter, crew) in enumerate(crews.items()):
        leads[letter] = _person(
            site,
            next(spoken),
            1010 + number,
            "Supervisor",
            crew=crew,
            reports_to=manager,
            duty=Role.supervisor,
        )
    rows = []
    for number, name in enumerate(spoken):
        letter = "ABCDEFG"[number % 7]
        own = [line for line in lines.values() if (line.code in ("L1", "L2")) == (letter in "ABCD")]
        place = number // 7
        row = {"crew": crews[letter], "reports_to": leads[letter], "home_line": own[place % len(own)]}
        job = "Line lead" if place < len(own) else "Operator"
        duty = Role.line_lead if job == "Line lead" else ""
        rows.append({"number": f"{1100 + number}", "name": name, "job": job, "duty": duty, **row})
    _make(Person, site, rows)


def _person(site: Site, name: str, number: int, job: str, **more: Any) -> Person:
    return act(Person, "create", BY, {"site": site, "number": str(number), "name": name, "job": job, **more})
