"""The boards on the walls of the demo plant: lines and hours, the plant, its start-up, last week, calls."""

from __future__ import annotations

from typing import Any

from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.execution.records.wall_board import BoardKind, WallBoard
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo import catalogue

BY = Actor.system("demo plant")


def make_wall_boards(site: Site) -> int:
    """Make the boards, also of the tier boards that are there; how many there are."""
    lines = visible(Line, BY).filter(site=site, code__in=catalogue.CENTRE_OF_LINE).order_by("code")
    rows: list[dict[str, Any]] = [
        {"code": f"{line.code}-HOURS", "name": f"Hours of {line.name}", "kind": BoardKind.hours, "line": line}
        for line in lines
    ]
    rows += [{"code": line.code, "name": line.name, "kind": BoardKind.line, "line": line} for line in lines]
    rows += [
        {"code": "PLANT", "name": "Plant", "kind": BoardKind.plant, "screen_cm": 166},
        {"code": "START-UP", "name": "Start-up", "kind": BoardKind.start_up, "screen_cm": 166},
        {"code": "WEEK", "name": "Last week", "kind": BoardKind.week, "screen_cm": 166},
        {"code": "MONTH", "name": "Last month", "kind": BoardKind.month, "screen_cm": 166},
        {"code": "CALLS", "name": "Calls for help", "kind": BoardKind.andon, "screen_cm": 166},
    ]
    rows += [
        {
            "code": f"TIER-{one.code}", "name": one.name, "kind": BoardKind.tier, "screen_cm": 166,
            "tier_board": f"{TierBoard.type_code()}:{one.pk}",
        }
        for one in visible(TierBoard, BY).filter(site=site, tier=3)
    ]  # fmt: skip
    return len(act_many(WallBoard, "create", BY, [{"site": site, **row} for row in rows]))
