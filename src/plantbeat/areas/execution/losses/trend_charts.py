"""Trends as charts and as the tables behind them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution.losses import wording
from plantbeat.areas.execution.losses.answers import RateTrend
from plantbeat.engine.signals.level_change import LevelChange
from plantbeat.engine.signals.rate_change import rate

SHOWN_ROWS = 100


def level_spec(
    name: str, times_us: Sequence[int], values: Sequence[float], change: LevelChange | None,
    limit: tuple[str, float] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Single values over time as points, with the level before and after a change and their intervals."""
    shown = [round(value, 1) for value in values]
    series: list[dict[str, Any]] = [{"name": name, "values": shown, "points": True}]
    if change is not None:
        sides = [change.before if place < change.place else change.after for place in range(len(values))]
        series.append(
            {
                "name": _("now %(n)s") % {"n": wording.number(change.after.middle)},
                "values": [round(side.middle, 1) for side in sides],
                "low": [None if side.low is None else round(side.low, 1) for side in sides],
                "high": [None if side.high is None else round(side.high, 1) for side in sides],
                "n": [side.n for side in sides],
            }
        )
    spec: dict[str, Any] = {
        "kind": "step",
        "unit": _("min"),
        "decimals": 1,
        "min": 0,
        "x": {"kind": "time", "values_us": list(times_us)},
        "series": series,
    }
    if limit is not None:
        spec["targets"] = [{"name": limit[0], "value": limit[1]}]
    return spec


def level_table(
    times: Sequence[str], names: Sequence[str], values: Sequence[float], name: str
) -> dict[str, Any]:
    """The same values, the latest first."""
    rows = [
        [time, text, number_format(round(value, 1), decimal_pos=1)]
        for time, text, value in zip(times, names, values, strict=True)
    ]
    return {
        "heads": [_("Begin"), name, _("Minutes")],
        "rows": rows[::-1][:SHOWN_ROWS],
        "in_all": len(rows),
        "more": len(rows) > SHOWN_ROWS,
    }


def rate_spec(trend: RateTrend) -> dict[str, Any]:
    """A rate week by week with its interval; before a change its level is named as a line."""
    spread = trend.change.spread if trend.change is not None else 1.0
    rates = [rate(week.events, week.exposure, spread) if week.exposure > 0 else None for week in trend.weeks]

    def shown(value: float) -> float:
        return round(value / trend.per, 3)

    spec: dict[str, Any] = {
        "kind": "line",
        "unit": trend.unit,
        "decimals": 2,
        "min": 0,
        "x": {"kind": "category", "values": [week.first.isoformat()[5:] for week in trend.weeks]},
        "series": [
            {
                "name": trend.label,
                "values": [shown(one.value) if one else None for one in rates],
                "low": [shown(one.low) if one else None for one in rates],
                "high": [shown(one.high) if one else None for one in rates],
                "n": [week.events for week in trend.weeks],
            }
        ],
    }
    if trend.change is not None:
        spec["targets"] = [{"name": _("before"), "value": shown(trend.change.before.value)}]
    return spec


def rate_table(trend: RateTrend) -> dict[str, Any]:
    """The weeks with events, rate and how likely so many are at the rate of the weeks before."""
    return {
        "heads": [_("Week from"), _("Number"), trend.unit, _("Chance of as many by the weeks before")],
        "rows": [
            [
                week.first.isoformat(),
                number_format(week.events, force_grouping=True),
                "–" if week.rate is None else wording.fine(week.rate / trend.per),
                "–" if chance is None else wording.percent(chance),
            ]
            for week, chance in reversed(list(zip(trend.weeks, trend.week_chances(), strict=True)))
        ],
        "in_all": len(trend.weeks),
        "more": False,
    }
