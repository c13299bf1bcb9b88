"""Demo data of the gallery. Seeded, so that two renderings are the same."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Berlin"
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE


def us(*civil: int) -> int:
    """Microseconds UTC of a civil time in the demo's zone."""
    return int(datetime(*civil, tzinfo=ZoneInfo(ZONE)).timestamp()) * SECOND  # type: ignore[arg-type, misc]


def seeded(seed: int) -> random.Random:
    """The same numbers at every rendering."""
    return random.Random(seed)  # noqa: S311


NOW_US = us(2026, 3, 11, 14, 3, 16)
MOMENTS = [
    ("start_up", "06:30", "Start-up"),
    ("tune_up", "08:00", "Tune-up"),
    ("gemba", "10:00", "Gemba"),
    ("sync", "12:30", "Sync"),
    ("people", "14:00", "People"),
    ("results", "15:30", "Results"),
    ("handoff", "17:00", "Handoff"),
]
STOPS = [
    ("own_stop", "Jam at the infeed", 6),
    ("own_stop", "Label film torn", 11),
    ("own_stop", "Filler valve 7 leaks", 24),
    ("starved", "No bottles from the blower", 5),
    ("blocked", "Palletiser full", 7),
    ("slow", "Speed held for viscosity", 18),
    ("setup", "Change to 0.5 l", 32),
]


def frame() -> dict[str, Any]:
    """What base.html needs on every page."""
    return {
        "moments": [
            {
                "code": code,
                "time": time,
                "label": label,
                "url": f"/{code}/",
                "active": code == "gemba",
                "at_us": us(2026, 3, 11, *(int(part) for part in time.split(":"))),
            }
            for code, time, label in MOMENTS
        ],
        "site": {"code": "BRN", "name": "Braunfels plant", "zone": ZONE},
        "sites": [
            {"code": "BRN", "name": "Braunfels plant", "url": "?site=BRN"},
            {"code": "KRN", "name": "Kronach plant", "url": "?site=KRN"},
        ],
        "user_label": "M. Okafor",
        "account_links": [{"label": "My settings", "url": "/me/", "icon": "settings"}],
        "sign_out_url": "/sign-out/",
        "search_url": "/search/",
        "live_topic": "line/L1",
        "request_id": "req-7f3a91c2",
        "version": "0.1.0",
        "now_us": NOW_US,
        "printed": datetime.fromtimestamp(NOW_US / 1_000_000, ZoneInfo(ZONE)),
        "at_home": False,
    }


def tiles() -> list[dict[str, Any]]:
    """Six KPI tiles: every status, one stale, one without a value."""
    oee = {
        "name": "OEE",
        "url": "/facts/oee/",
        "unit": "%",
        "period": "this shift",
        "at_us": NOW_US - 4 * SECOND,
    }
    return [
        {
            **oee,
            "value": "81.3",
            "status": "watch",
            "word": "Below target",
            "target": "target ≥ 85 %",
            "coverage": "96 % covered",
            "spark": "84,86,85.2,83,82.4,84.9,86.1,80.2,79.5,81.3",
            "spark_target": "85",
            "stale_after": 30,
            "live_key": "line-1.oee",
        },
        {
            "name": "First-pass yield",
            "url": "/facts/fpy/",
            "value": "98.6",
            "unit": "%",
            "status": "good",
            "word": "On target",
            "period": "this shift",
            "n": "4,120",
            "interval": "98.2 – 98.9",
            "target": "target ≥ 98 %",
            "spark": "97.9,98.2,98.4,98.1,98.7,98.8,98.6",
            "spark_low": "97.2,97.6,97.9,97.6,98.2,98.4,98.2",
            "spark_high": "98.4,98.7,98.8,98.5,99.0,99.1,98.9",
            "at_us": NOW_US - 40 * SECOND,
            "stale_after": 600,
        },
        {
            "name": "Unplanned downtime",
            "url": "/facts/downtime/",
            "value": "74",
            "unit": "min",
            "status": "act",
            "word": "Act: filler valve 7",
            "period": "this shift",
            "n": "5 stops",
            "target": "target ≤ 30 min",
            "spark": "12,18,9,26,31,22,74",
            "spark_target": "30",
            "at_us": NOW_US - 12 * SECOND,
            "stale_after": 60,
        },
        {
            "name": "Attendance, late shift",
            "url": "/facts/attendance/",
            "status": "none",
            "word": "Not taken",
            "reason": "not taken yet; the plan uses the expected 94 %",
            "at_us": NOW_US - 3 * MINUTE,
        },
        {
            "name": "Throughput",
            "url": "/facts/throughput/",
            "value": "11,840",
            "unit": "pieces",
            "status": "good",
            "word": "On plan",
            "period": "since 06:00",
            "target": "plan 11,600",
            "spark": "1480,1510,1495,,1460,1490,1502,1478",
            "at_us": NOW_US - 25 * MINUTE,
            "stale_after": 60,
            "live_key": "line-2.throughput",
        },
        {
            "name": "Days since last recordable",
            "url": "/facts/days/",
            "value": "212",
            "unit": "days",
            "status": "good",
            "word": "No new case",
            "period": "to date",
            "at_us": NOW_US - 2 * HOUR,
        },
    ]


def orders() -> list[dict[str, Any]]:
    """Rows of the demo list."""
    source = seeded(3)
    items = [
        "Still water 0.5 l PET",
        "Apple spritzer 1.0 l",
        "Housing B-204, milled",
        "Lemonade 0.33 l can",
        "Flange F-12",
    ]
    states = [
        ("open", "Released"),
        ("waiting", "Waiting for material"),
        ("good", "Running"),
        ("act", "Late"),
        ("done", "Closed"),
    ]
    rows = []
    for i in range(14):
        status, word = states[i % 5]
        rows.append(
            {
                "id": 4700 + i,
                "number": f"WO-{4700 + i}",
                "item": items[source.randrange(5)],
                "status": status,
                "word": word,
                "line": f"Line {1 + i % 6}",
                "quantity": f"{source.randrange(4, 240) * 100:,}",
                "due": f"2026-03-{12 + i % 9:02d}",
                "slack": f"{source.uniform(-9, 40):.1f}",
                "late": status == "act",
            }
        )
    return rows


def days(count: int = 14) -> list[str]:
    """Labels of the last days before the demo's now."""
    return [f"{d} Feb" if d > 25 else f"{d} Mar" for d in [*range(26, 29), *range(1, count - 2)]]


def charts() -> dict[str, Any]:
    """One chart of each kind."""
    source = seeded(11)
    oee = [round(78 + 8 * source.random(), 1) for _ in range(14)]
    oee[5] = None  # type: ignore[call-overload]
    span = [None if v is None else round(1 + 1.5 * source.random(), 1) for v in oee]
    hours = [us(2026, 3, 11, 6) + i * HOUR for i in range(9)]
    return {
        "line": {
            "kind": "line",
            "unit": "%",
            "decimals": 1,
            "x": {"kind": "category", "values": days()},
            "series": [
                {
                    "name": "OEE line 1",
                    "values": oee,
                    "low": [None if v is None else round(v - s, 1) for v, s in zip(oee, span, strict=True)],
                    "high": [None if v is None else round(v + s, 1) for v, s in zip(oee, span, strict=True)],
                    "hrefs": [f"/facts/oee/?day={i}" for i in range(14)],
                }
            ],
            "targets": [{"name": "Target", "value": 85}],
        },
        "step": {
            "kind": "step",
            "unit": "pieces",
            "x": {"kind": "time", "values_us": hours},
            "series": [
                {"name": "Made", "values": [0, 1480, 2990, 4485, 5100, 6560, 8050, 9552, 11030]},
                {"name": "Hour plan", "values": [0, 1500, 3000, 4500, 5500, 7000, 8500, 10000, 11500]},
            ],
        },
        "bar": {
            "kind": "bar",
            "unit": "min",
            "stack": True,
            "x": {"kind": "category", "values": [f"Line {i}" for i in range(1, 7)]},
            "series": [
                {"name": "Own stop", "state": "own_stop", "values": [74, 22, 31, 12, 48, 9]},
                {"name": "Set-up", "state": "setup", "values": [32, 64, 0, 41, 28, 35]},
                {"name": "Starved", "state": "starved", "values": [5, 12, 44, 3, 0, 21]},
                {"name": "Blocked", "state": "blocked", "values": [7, 0, 9, 15, 22, 0]},
            ],
        },
        "pareto": {
            "kind": "pareto",
            "unit": "min",
            "x": {
                "kind": "category",
                "values": [
                    "Filler valve 7 leaks",
                    "Label film torn",
                    "Jam at the infeed",
                    "Capper torque",
                    "Coder not ready",
                    "Other",
                ],
            },
            "series": [{"name": "Unplanned stops", "values": [96, 61, 44, 21, 12, 17]}],
        },
    }


def index() -> dict[str, Any]:
    """The gallery's first page."""
    states = [
        "running",
        "slow",
        "setup",
        "planned_stop",
        "own_stop",
        "starved",
        "blocked",
        "no_data",
        "off_shift",
    ]
    words = [
        "Running",
        "Running slow",
        "Set-up",
        "Planned stop",
        "Own stop",
        "Starved",
        "Blocked",
        "No data",
        "Off shift, break",
    ]
    badges = [
        ("good", "On target"),
        ("watch", "Watch"),
        ("act", "Act"),
        ("none", "Not taken"),
        ("open", "Open"),
        ("waiting", "Waiting for evidence"),
        ("done", "Effective"),
        ("bad", "Not effective"),
    ]
    from django.core.paginator import Paginator

    paginator = Paginator(range(214), 14)
    return {
        "page": paginator.page(3),
        "page_range": list(paginator.get_elided_page_range(3)),
        "base_query": "line=1&",
        "tiles": tiles(),
        "orders": orders(),
        "charts": charts(),
        "badges": badges,
        "states": list(zip(states, words, strict=True)),
        "crumbs": [{"label": "Braunfels plant", "url": "/site/"}, {"label": "Lines", "url": "/lines/"}],
        "stop_since_us": NOW_US - 23 * MINUTE,
        "soon_us": NOW_US + 47 * MINUTE,
    }


def forms() -> dict[str, Any]:
    """A form with errors and a conflict, and an editable grid."""
    rows = [
        {"n": i, "op": 10 * (i + 1), "machine": machine, "setup": setup, "run": run, "valid": "2026-03-01"}
        for i, (machine, setup, run) in enumerate(
            [("Mill 3", "25", "1.80"), ("Lathe 2", "40", "2.35"), ("Washer", "5", "0.40")]
        )
    ]
    changes = [
        {
            "label": "Run time",
            "field_id": "run",
            "theirs": "1.95 min",
            "theirs_value": "1.95",
            "mine": "2.10 min",
        }
    ]
    return {
        "rows": rows,
        "machines": ["Mill 3", "Lathe 2", "Washer", "Hurco 01"],
        "changes": changes,
        "who": "P. Lindqvist",
        "when": "13:58",
    }


def operator() -> dict[str, Any]:
    """Reasons an operator taps."""
    return {"reasons": STOPS, "stop_since_us": NOW_US - 4 * MINUTE}


def wall(distance: int, theme: str) -> dict[str, Any]:
    """A board for one distance: five tiles near, three far."""
    some = tiles()
    return {
        "tiles": some[:3] if distance == 10 else some[:5],
        "distance": distance,
        "theme": theme,
        "wall_detail": "Early shift · WO-4702",
    }


def search() -> dict[str, Any]:
    """What the search box answers."""
    results = [
        {
            "url": "/orders/4702/",
            "label": "WO-4702",
            "kind": "Work order",
            "detail": "Housing B-204, milled · late 2.1 h",
        },
        {"url": "/machines/hurco/", "label": "Hurco 01", "kind": "Machine", "detail": "Machining cell"},
        {"url": "/kpi/oee/", "label": "OEE", "kind": "Measure", "detail": ""},
    ]
    return {"results": results, "query": "47"}
