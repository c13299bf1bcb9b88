"""Leader standard work of the demo plant, and how it was kept in the last weeks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plantbeat.areas.daily.records.routine import Cadence, Routine, RoutineMark
from plantbeat.areas.daily.routines.occurring import BACK_DAYS, occurrences
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.writing import writing
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import HOUR_US

BY = Actor.system("demo plant")
TOLD_DAYS = 42
WHY_NOT = ("A stop came first", "Absent", "Meeting took longer", "No cover on the line")

ROUTINES: tuple[tuple[str, str, Role, Cadence, int, int, str, float], ...] = (
    ("TIER1", "Lead the tier 1 meeting", Role.line_lead, Cadence.daily, 1, 10, "/tiers/", 0.94),
    ("HOURS", "Look at the hour board with the crew", Role.line_lead, Cadence.shift, 1, 10, "/hours/", 0.85),
    ("5SLINE", "5S round of the line", Role.line_lead, Cadence.weekly, 2, 20, "", 0.7),
    ("HANDOVER", "Walk the lines, then sign in", Role.supervisor, Cadence.shift, 1, 20, "/overview/", 0.9),
    ("REDS", "Check that no red is silent", Role.supervisor, Cadence.daily, 1, 10, "/tiers/", 0.8),
    ("COACH", "Coach one line lead at the board", Role.supervisor, Cadence.weekly, 3, 30, "", 0.6),
    ("GEMBA", "Gemba walk", Role.manager, Cadence.daily, 1, 30, "/gemba/", 0.8),
    ("LATE", "Go through the overdue actions", Role.manager, Cadence.weekly, 1, 20, "/actions/", 0.9),
    ("BOWLER", "Read the month with the staff", Role.manager, Cadence.monthly, 3, 60, "/reports/", 0.95),
    ("SPARES", "Check the critical spares", Role.maintenance, Cadence.weekly, 1, 30, "", 0.85),
    ("HAZARDS", "Each hazard has an owner", Role.ehs, Cadence.daily, 1, 10, "/r/safety/hazards/", 0.9),
)  # fmt: skip
"""Code, what, who, how often, on which working day, minutes, page; how often it was done."""


def make_routines(site: Site) -> int:
    """Make the routines of every role; how many there are."""
    rows = [
        {
            "site": site, "code": code, "name": name, "role": role, "cadence": cadence,
            "on_working_day": day, "minutes": minutes, "page": page,
        }
        for code, name, role, cadence, day, minutes, page, _kept in ROUTINES
    ]  # fmt: skip
    return len(act_many(Routine, "create", BY, rows))


@rules_read_once()
def tell_routines(site: Site, built_us: int, seed: str, days: int) -> None:
    """Mark what came round in the last weeks; once only.

    The worker of the plant may have made the occurrences of the last days already: those nobody has marked
    yet are made anew with the others.
    """
    today = clock.from_us(built_us).astimezone(ZoneInfo(site.zone)).date()
    made = visible(RoutineMark, BY).filter(site=site)
    if made.filter(day__lt=today - timedelta(days=BACK_DAYS)).exists():
        return
    chance = Chance.of(seed, "routines")
    kept = {code: share for code, *_rest, share in ROUTINES}
    rows: list[dict[str, Any]] = []
    for row in occurrences(site, today - timedelta(days=min(days, TOLD_DAYS)), today):
        if row["day"] == today:
            rows.append(row)
        elif chance.happens(kept[row["routine"].code]):
            rows.append(row | {"state": "done", "marked_us": _evening_us(row["day"], chance)})
        elif chance.happens(0.7):
            reason = WHY_NOT[chance.between(0, len(WHY_NOT) - 1)]
            marked_us = _evening_us(row["day"], chance)
            rows.append(row | {"state": "not_done", "reason": reason, "marked_us": marked_us})
        else:
            rows.append(row)
    unmarked = made.filter(state=RoutineMark.State.due, day__lte=today)
    with writing():
        act_many(RoutineMark, "remove", BY, [{"id": pk} for pk in unmarked.values_list("pk", flat=True)])
        known = set(made.values_list("routine", "person", "occurrence"))
        act_many(RoutineMark, "create", BY, [row for row in rows if _key(row) not in known])


def _key(row: dict[str, Any]) -> tuple[int, int, str]:
    return (row["routine"].pk, row["person"].pk, row["occurrence"])


def _evening_us(day: Any, chance: Chance) -> int:
    midnight_us = (day - clock.EPOCH.date()).days * 24 * HOUR_US
    return int(midnight_us + chance.between(13, 22) * HOUR_US)
