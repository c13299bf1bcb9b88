"""What the demo plant's people have set up for the day and written down: staffing needs, hazards, huddles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from plantbeat.areas.people.records.person import Person
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.safety.records.hazard import Hazard, HazardKind, Potential
from plantbeat.areas.safety.records.huddle import Huddle
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US
from plantbeat.shell.demo.stories import people_needed

BY = Actor.system("demo plant")
REPORTERS, FIXER = Actor.system("demo operators"), Actor.system("demo maintenance")
HAZARD_A_DAY, FIXED_WITHIN_DAYS, STILL_OPEN = 0.6, 6, 0.12

SEEN = (
    ("Guard of the infeed belt open while running", HazardKind.condition, Potential.serious),
    ("Floor wet in front of the filler", HazardKind.condition, Potential.low),
    ("Pallet stands in the escape route", HazardKind.condition, Potential.serious),
    ("Forklift drove through the walkway", HazardKind.behaviour, Potential.fatal),
    ("Sharp edge at the reject tray", HazardKind.condition, Potential.low),
    ("Safety glasses not worn while clearing a jam", HazardKind.behaviour, Potential.serious),
    ("Hose across the walkway", HazardKind.condition, Potential.low),
    ("Light barrier of the palletiser bridged", HazardKind.behaviour, Potential.fatal),
)
MEASURES = ("Repaired and checked", "Removed", "Marked and fenced", "Talked to the crew")


def set_up_the_day(site: Site, built_us: int, seed: str, today: date, days: int) -> None:
    """Staffing needs of every line, and the hazards and huddles of the days before."""
    lines = list(visible(Line, BY).filter(site=site).order_by("code"))
    act_many(StaffingNeed, "create", BY, list(_needs(site, lines)))
    _report_hazards(site, lines, built_us, seed, days)
    act_many(Huddle, "create", BY, list(_huddles(site, seed, today, days)))


def _needs(site: Site, lines: list[Line]) -> Iterator[dict[str, Any]]:
    """A line needs two thirds of its smallest crew: the others are on leave, in training or helping out."""
    for line in lines:
        crews: dict[int | None, int] = {}
        for crew in visible(Person, BY).filter(site=site, home_line=line).values_list("crew", flat=True):
            crews[crew] = crews.get(crew, 0) + 1
        if crews:
            yield {"site": site, "line": line, "people": people_needed(min(crews.values()))}


def _report_hazards(site: Site, lines: list[Line], built_us: int, seed: str, days: int) -> None:
    reported: list[tuple[dict[str, Any], Chance, int]] = []
    for ago in range(days, 0, -1):
        chance = Chance.of(seed, "hazards", ago)
        if not chance.happens(HAZARD_A_DAY):
            continue
        what, kind, potential = SEEN[chance.between(0, len(SEEN) - 1)]
        at_us = built_us - ago * DAY_US + chance.between(0, 23) * HOUR_US
        row = {
            "site": site, "what": what, "kind": kind, "potential": potential, "reported_us": at_us,
            "line": lines[chance.between(0, len(lines) - 1)],
        }  # fmt: skip
        reported.append((row, chance, ago))
    made = act_many(Hazard, "create", REPORTERS, [row for row, _chance, _ago in reported])
    for hazard, (_row, chance, ago) in zip(made, reported, strict=True):
        if ago <= FIXED_WITHIN_DAYS or chance.happens(STILL_OPEN):
            continue
        measure = MEASURES[chance.between(0, len(MEASURES) - 1)]
        with clock.at(hazard.reported_us + chance.between(3, 24 * FIXED_WITHIN_DAYS) * HOUR_US):
            act(act(hazard, "fix", FIXER, {"measure": measure}), "confirm", BY)


def _huddles(site: Site, seed: str, today: date, days: int) -> Iterator[dict[str, Any]]:
    for ago in range(days, 0, -1):
        chance = Chance.of(seed, "huddle", ago)
        for shift in ("early", "late", "night"):
            if chance.happens(0.9):
                topic = SEEN[chance.between(0, len(SEEN) - 1)][0]
                day = today - timedelta(days=ago)
                yield {
                    "site": site,
                    "day": day,
                    "shift": shift,
                    "topic": topic,
                    "attended": chance.between(14, 40),
                }
