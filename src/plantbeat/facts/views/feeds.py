"""Whose facts an asset-day is computed from.

A machine: its own facts, and the orders of its line. A line: its own, the time of its bottleneck and the
pieces of its counting point.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.facts.views.rules import SiteRules

Kinds = frozenset[str]
STATES: Kinds = frozenset({"state", "heartbeat", "reading", "gap"})
REASONS: Kinds = frozenset({"reason"})
SETUPS: Kinds = frozenset({"setup_start", "setup_end"})
ORDERS: Kinds = frozenset({"order_start", "order_end", "first_piece_ok"})
COUNTS: Kinds = frozenset({"counter", "count", "scrap", "rework"})
TIME: Kinds = STATES | REASONS | SETUPS | ORDERS
ALL: Kinds = TIME | COUNTS

SIGNS: Kinds = frozenset({"state", "heartbeat", "reading", "counter", "count"})
"""Kinds that show that the asset's own source is alive; the others are said by people."""

Feeds = dict[int, Kinds]
"""The kinds of facts that count, by the asset they are about; none for an asset that is not in it."""


def feeds(rules: SiteRules, asset_id: int, day: date) -> Feeds:
    """Assets whose facts a day of an asset is computed from, and which kinds of them."""
    if rules.assets[asset_id].level != AssetLevel.line:
        line_id = rules.line_of(asset_id)
        return {asset_id: ALL} if line_id is None else {line_id: ORDERS, asset_id: ALL}
    counted, timed = rules.points_of(asset_id, day)
    tapped = rules.reading(asset_id, day).source is not LineSource.connected
    found: Feeds = {asset_id: ALL if tapped or timed is None else ALL - STATES}
    if timed is not None:
        found[timed] = TIME
    if counted is not None:
        found[counted] = found.get(counted, frozenset()) | COUNTS
    return found


def fed_by(rules: SiteRules, asset_id: int, days: Iterable[date]) -> set[int]:
    """Other assets whose days are computed from facts of this one, on any of the days."""
    if rules.assets[asset_id].level == AssetLevel.line:
        return set(rules.machines_of.get(asset_id, ()))
    line_id = rules.line_of(asset_id)
    lines = set(rules.lines) | ({line_id} if line_id is not None else set())
    return {
        line
        for line in lines
        if line != asset_id and any(asset_id in feeds(rules, line, day) for day in days)
    }


def timing_asset(rules: SiteRules, asset_id: int, day: date) -> int:
    """The asset whose ideal cycles hold: the machine itself, of a line its bottleneck."""
    if rules.assets[asset_id].level != AssetLevel.line:
        return asset_id
    return rules.points_of(asset_id, day)[1] or asset_id
