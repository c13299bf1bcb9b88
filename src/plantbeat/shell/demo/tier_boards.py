"""The tier boards of the demo plant: lines, areas, site; what their letters are judged by, who meets when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import time
from decimal import Decimal
from typing import Any

from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.measure_codes import MeasureCode as M
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act

BY = Actor.system("demo plant")
NEAR_MISSES = "Accidents and near misses"
Judged = Sequence[tuple[str, str]]
"""Letters with a measure each; a name that is no measure is written down."""

OF_FILLING: Judged = (
    ("S", NEAR_MISSES), ("Q", M.scrap_percent), ("D", M.schedule_adherence_quantity),
    ("C", M.unplanned_downtime_percent), ("M", M.attendance),
)  # fmt: skip
OF_CELL: Judged = (
    ("S", NEAR_MISSES), ("Q", M.scrap_percent), ("D", M.performance), ("C", M.unplanned_downtime_percent),
    ("M", M.attendance),
)  # fmt: skip
OF_AREA: Judged = (
    ("S", NEAR_MISSES), ("Q", M.scrap_percent), ("D", M.schedule_adherence_quantity), ("C", M.oee),
    ("M", M.attendance),
)  # fmt: skip
OF_MACHINING: Judged = tuple((letter, M.performance if letter == "D" else item) for letter, item in OF_AREA)
OF_SITE: Judged = (
    ("S", NEAR_MISSES), ("Q", M.first_pass_yield),
    ("D", M.schedule_adherence_quantity), ("D", M.otd), ("C", M.oee), ("M", M.attendance),
)  # fmt: skip
AGENDA = (
    ("Who is here", 1, "attendance"), ("Safety and reds", 4, "reds"), ("Letters", 2, "letters"),
    ("What we ask above", 2, "escalations"), ("Who does what until when", 3, "actions"), ("Close", 1, "end"),
)  # fmt: skip


def make_boards(site: Site) -> int:
    """Make the boards from the top down; how many there are."""
    people = list(visible(Person, BY).filter(site=site).select_related("home_line").order_by("number"))
    staff = [one for one in people if one.job not in ("Operator", "Line lead", "Supervisor")]
    supervisors = [one for one in people if one.job == "Supervisor"]
    lines = list(visible(Line, BY).filter(site=site).select_related("area").order_by("code"))
    top = _board(site, {"code": "SITE", "name": "Plant", "tier": 3, "meets_at": time(8, 30)}, OF_SITE,
                 [one for one in staff if one.job != "Analyst"] + supervisors[:2])  # fmt: skip
    areas: dict[int, TierBoard] = {}
    for place, area in enumerate(visible(Area, BY).filter(site=site).order_by("code")):
        row = {"code": area.code, "name": area.name, "tier": 2, "area": area, "above": top}
        leads = [one for one in people if _leads(one, {line.pk for line in lines if line.area_id == area.pk})]
        members = [*supervisors[place::2], *leads[:4], *staff[1:4]]
        areas[area.pk] = _board(
            site, row | {"meets_at": time(7, 15)}, OF_AREA if area.code == "FILL" else OF_MACHINING, members
        )
    for line in lines:
        row = {"code": line.code, "name": line.name, "line": line, "above": areas.get(line.area_id or 0)}
        leads = [one for one in people if _leads(one, {line.pk})]
        crew = [one for one in people if one.home_line_id == line.pk and one.job == "Operator"]
        judged = OF_CELL if line.code == "CELL" else OF_FILLING
        _board(site, row, judged, [*leads[:3], *crew[:4], staff[3]], AGENDA)
    return 1 + len(areas) + len(lines)


def _leads(one: Person, lines: set[int]) -> bool:
    return one.job == "Line lead" and one.home_line_id in lines


def _board(
    site: Site,
    row: Mapping[str, Any],
    judged: Judged,
    members: Sequence[Person],
    agenda: Sequence[tuple[str, int, str]] = (),
) -> TierBoard:
    lines = {
        "measures": list(_measures(judged)),
        "agenda": [
            {"place": place, "name": name, "minutes": minutes, "shows": part}
            for place, (name, minutes, part) in enumerate(agenda, 1)
        ],
        "members": [{"person": one} for one in dict.fromkeys(members)],
    }
    return act(TierBoard, "create", BY, {"site": site, "led_by": members[0], **row, **lines})


def _measures(judged: Judged) -> Iterator[dict[str, Any]]:
    for place, (letter, item) in enumerate(judged, 1):
        row: dict[str, Any] = {"place": place, "letter": letter}
        if item in set(M):
            yield row | {"measure": item}
        else:
            yield row | {"written": item, "target": Decimal(0), "watch": Decimal(1)}
