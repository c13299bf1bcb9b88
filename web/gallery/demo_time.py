"""Demo data of the gallery that runs along a time axis: strips of state and bars of a schedule."""

from __future__ import annotations

import random
from typing import Any

from demo import MINUTE, NOW_US, STOPS, seeded, us


def lane(source: random.Random, from_us: int, to_us: int, *, opened: bool = False) -> list[dict[str, Any]]:
    """Spans of one machine from shift start to the end, without gaps or overlaps."""
    spans: list[dict[str, Any]] = []
    at = from_us
    while at < to_us:
        state, reason, minutes = "running", "", source.uniform(4, 70)
        if len(spans) % 2:
            state, reason, typical = source.choice(STOPS)
            minutes = typical * source.uniform(0.3, 1.4)
        end = min(at + int(minutes * MINUTE), to_us)
        spans.append({"state": state, "from_us": at, "to_us": end, "reason": reason, "href": f"/facts/{at}/"})
        at = end
    if opened:
        spans[-1]["to_us"] = None
    return spans


def day_strip(seed: int, year: int, month: int, day: int) -> dict[str, Any]:
    """One local day of one line, from midnight to midnight: 23, 24 or 25 hours."""
    source = seeded(seed)
    start, end = us(year, month, day), us(year, month, day + 1)
    night = lane(source, start, us(year, month, day, 5, 45))
    pause = [
        {
            "state": "off_shift",
            "from_us": night[-1]["to_us"],
            "to_us": us(year, month, day, 6),
            "reason": "Break",
        }
    ]
    work = lane(source, us(year, month, day, 6), end)
    return {"from_us": start, "to_us": end, "lanes": [{"name": "Line 1", "spans": night + pause + work}]}


def today_strip() -> dict[str, Any]:
    """Today until now, with a span still open, a break and an hour without data."""
    source = seeded(5)
    start = us(2026, 3, 11, 6)
    first = lane(source, start, us(2026, 3, 11, 9, 30))
    pause = [
        {
            "state": "off_shift",
            "from_us": us(2026, 3, 11, 9, 30),
            "to_us": us(2026, 3, 11, 9, 45),
            "reason": "Break",
        }
    ]
    gap = [
        {"state": "no_data", "from_us": us(2026, 3, 11, 11), "to_us": us(2026, 3, 11, 11, 40), "reason": ""}
    ]
    service = [
        {
            "state": "planned_stop",
            "from_us": us(2026, 3, 11, 11, 40),
            "to_us": us(2026, 3, 11, 12),
            "reason": "Clean, inspect",
        }
    ]
    middle = lane(source, us(2026, 3, 11, 9, 45), us(2026, 3, 11, 11))
    last = lane(source, us(2026, 3, 11, 12), NOW_US, opened=True)
    shifts = [
        {"name": "Early", "from_us": start, "to_us": us(2026, 3, 11, 14)},
        {"name": "Late", "from_us": us(2026, 3, 11, 14), "to_us": us(2026, 3, 11, 22)},
    ]
    spans = first + pause + middle + gap + service + last
    return {
        "from_us": start,
        "to_us": us(2026, 3, 11, 22),
        "shifts": shifts,
        "lanes": [{"name": "Line 1", "key": "line-1.state", "spans": spans}],
    }


def cell_strip() -> dict[str, Any]:
    """Six machines of a cell over one shift."""
    source = seeded(8)
    start = us(2026, 3, 11, 6)
    names = ["Mazak 01", "Hurco 01", "Mill 3", "Lathe 2", "Washer", "Measuring machine"]
    lanes = [{"name": name, "spans": lane(source, start, NOW_US)} for name in names]
    return {"from_us": start, "to_us": us(2026, 3, 11, 14, 30), "lanes": lanes}


def schedule(machines: int, bars: int) -> dict[str, Any]:
    """A plan of `bars` operations on `machines` machines from this morning on."""
    source = seeded(machines)
    start = us(2026, 3, 11, 6)
    lanes = [
        {"id": i, "name": f"{source.choice(['Filler', 'Mill', 'Packer', 'Lathe'])} {i + 1:02d}"}
        for i in range(machines)
    ]
    plan, ends = [], [start] * machines
    for i in range(bars):
        at = i % machines
        setup = source.choice([0, 0, 12, 25, 40]) * MINUTE
        begin = ends[at] + source.choice([0, 0, 0, 20]) * MINUTE
        end = begin + setup + source.randrange(18, 190) * MINUTE
        ends[at] = end
        late = source.random() < 0.06
        plan.append(
            {
                "id": i,
                "lane": at,
                "from_us": begin,
                "to_us": end,
                "setup_us": setup,
                "label": f"WO-{4700 + i} op 20",
                "done": end < NOW_US,
                "status": "act" if late else "watch" if source.random() < 0.05 else "good",
                "late_us": source.randrange(10, 400) * MINUTE if late else 0,
                "facts": ["Still water 0.5 l", "12,000 pieces"],
                "href": f"/operations/{i}/",
            }
        )
    return {
        "from_us": start,
        "to_us": max(ends),
        "frozen_to_us": us(2026, 3, 11, 22),
        "lanes": lanes,
        "bars": plan,
    }


def strips() -> dict[str, Any]:
    """Strips of state and bars of a schedule."""
    return {
        "today": today_strip(),
        "cell": cell_strip(),
        "short": day_strip(21, 2026, 3, 29),
        "long": day_strip(22, 2026, 10, 25),
        "plan": schedule(12, 260),
        "big": schedule(60, 5000),
    }
