"""The changeovers of a line over time, and when their level changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from plantbeat.areas.execution.losses.answers import ChangeoverTrend, Setup
from plantbeat.areas.execution.losses.looking import Looking, opened
from plantbeat.engine.oee import State
from plantbeat.engine.signals.level_change import level, level_change
from plantbeat.facts.views.loss_readings import pieces_in_state
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

MINUTE_US = 60_000_000
_EARLIER = timedelta(days=7)
"""So far before the first day the item that was made before is looked for."""


def changeover_trend(site: Site, line: str, first: date, last: date, by: Actor) -> ChangeoverTrend:
    """Every changeover of a line from one day to another in minutes, and the change of level they show.

    Set-ups that go on are left out, and set-ups for the item that was made before: they are no changeovers.
    """
    return changeover_trends(Looking(site, by, Period.of_days(first, last), [line]))[0]


def changeover_trends(looking: Looking) -> list[ChangeoverTrend]:
    """As `changeover_trend`, for every line of a look, by code; one query."""
    lines = looking.lines()
    setups = setups_of(looking, [line.pk for line in lines], looking.period)
    return [_trend(looking, line.pk, setups[line.pk]) for line in lines]


def _trend(looking: Looking, line: int, setups: list[Setup]) -> ChangeoverTrend:
    changeovers = [one for one in setups if one.is_changeover]
    minutes = [one.us / MINUTE_US for one in changeovers]
    change = level_change(minutes)
    return ChangeoverTrend(
        looking.code_of(line), looking.first, looking.last, changeovers, level(minutes) if minutes else None,
        change, changeovers[change.place].start_us if change else None,
        opened(MeasureCode.loss_setup, looking.scope(line), looking.period, {}, facts=False),
    )  # fmt: skip


def setups_of(looking: Looking, assets: Collection[int], period: Period) -> dict[int, list[Setup]]:
    """Set-ups of lines that have ended in a period, by line and start; one query.

    Parts of a set-up that a break, midnight or the end of a shift has cut are one set-up, as in the list of
    stops; its time leaves the break out.
    """
    rules = looking.floor.rules
    start_us = rules.midnight_us(period.first)
    end_us = rules.midnight_us(period.last + timedelta(days=1))
    since_us = rules.midnight_us(period.first - _EARLIER)
    found: dict[int, list[Setup]] = defaultdict(list)
    for piece in pieces_in_state(assets, State.setup, since_us, end_us):
        known, took_us = found[piece.asset], piece.end_us - piece.start_us
        if known and not piece.begins and known[-1].item == piece.product:
            known[-1].end_us = piece.end_us
            known[-1].us += took_us
        else:
            before = known[-1].item if known else None
            known.append(Setup(piece.start_us, piece.end_us, took_us, before, piece.product, piece.order))
        if piece.lsn is not None and piece.lsn not in known[-1].lsns:
            known[-1].lsns.append(piece.lsn)
    open_us = looking.floor.now_us - MINUTE_US
    return defaultdict(
        list, {asset: list(_within(setups, start_us, open_us)) for asset, setups in found.items()}
    )


def _within(setups: Iterable[Setup], start_us: int, open_us: int) -> Iterable[Setup]:
    """Set-ups that began in the period and are over: one that touches the present may still go on."""
    return (one for one in setups if one.start_us >= start_us and one.end_us < open_us)
