"""Machines that stop again and again for one reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from plantbeat.areas.execution.answers import Reason
from plantbeat.areas.execution.losses.answers import Repeat
from plantbeat.areas.execution.losses.blocks import LineBlocks, exposed, hours, line_blocks, stop_blocks
from plantbeat.areas.execution.losses.day_sums import Counted
from plantbeat.areas.execution.losses.looking import MOST_FACTS, Looking
from plantbeat.engine.oee import State
from plantbeat.engine.signals.surprise import Surprise, count_surprise, named_first
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.loss_readings import Piece, pieces_in_state
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

LEAST_TIMES = 3
"""A machine and reason that stopped so often in the period repeats."""
NOT_A_CAUSE = frozenset({"UNKNOWN"})
"""Codes that say that nobody knows: two of them need not be the same thing."""

Stops = dict[tuple[int, str], dict[int, Counted]]


def repeats(site: Site, period: Period, by: Actor, *, lines: Sequence[str] | None = None) -> list[Repeat]:
    """Machines that stopped for the same reason three times or more in a period, the most surprising first.

    Own stops only: short stops and stops without a reason say nothing of a cause. Each is compared with the
    same machine and reason in the comparable times before; `stands_out` tells those that are more than chance
    explains.
    """
    looking = Looking(site, by, period, lines)
    known = looking.lines()
    return repeats_in(
        looking,
        line_blocks(looking, [line.pk for line in known]),
        stop_blocks(looking, looking.machines(known)),
    )


def stop_surprises(looking: Looking, of_lines: LineBlocks, stops: Stops) -> dict[tuple[int, str], Surprise]:
    """How surprising the number of stops of each machine for each reason is, by planned busy hours."""
    rules, found = looking.floor.rules, {}
    for (machine, code), of in stops.items():
        blocks = of_lines.at(rules.line_of(machine))
        if code is None or 0 not in blocks:
            continue
        before = [(of[b].starts if b in of else 0, hours(blocks[b])) for b in exposed(blocks)]
        now = of[0].starts if 0 in of else 0
        surprise = count_surprise(now, hours(blocks[0]), before)
        if surprise is not None:
            found[machine, code] = surprise
    return found


def repeats_in(looking: Looking, of_lines: LineBlocks, stops: Stops) -> list[Repeat]:
    """As `repeats`, for a look whose sums are at hand."""
    surprises = stop_surprises(looking, of_lines, stops)
    named = {id(one) for one in named_first(surprises.values())}
    often = [
        (key, of[0])
        for key, of in stops.items()
        if 0 in of and of[0].starts >= LEAST_TIMES and key[1] is not None and key[1] not in NOT_A_CAUSE
    ]
    happened = _happened(looking, {machine for (machine, _code), _now in often})
    found = []
    for (machine, code), now in often:
        surprise = surprises.get((machine, code))
        one = _repeat(looking, machine, code, now, surprise, happened.get((machine, code), []))
        found.append(replace(one, stands_out=id(surprise) in named) if surprise is not None else one)
    return sorted(found, key=lambda one: (one.chance, -one.us, one.machine))


def _repeat(
    looking: Looking, machine: int, code: str, now: Counted, surprise: Surprise | None, stops: list[Piece]
) -> Repeat:
    rules = looking.floor.rules
    asset, line = rules.assets[machine], rules.line_of(machine)
    reason = looking.floor.reason(code, looking.last) or Reason(code, "", "")
    known = surprise or Surprise(now.starts, 0.0, 0, 1.0, lambda: (0.0, 0.0))
    said = (lsn for stop in stops for lsn in (stop.lsn, stop.reason_lsn) if lsn is not None)
    return Repeat(
        rules.assets[line].code if line is not None else asset.code, asset.code, asset.name, reason,
        now.starts, now.us, tuple(stop.start_us for stop in stops),
        known.usual, known.low, known.high, known.n, known.chance, False, looking.asked,
        looking.opened(
            MeasureCode.unplanned_downtime_percent, looking.scope(machine), {Cut.reason: code}
        ),
        tuple(said)[:MOST_FACTS],
    )  # fmt: skip


def _happened(looking: Looking, machines: set[int]) -> dict[tuple[int, str], list[Piece]]:
    """The stops that began in the time looked at, by machine and reason; one query."""
    rules = looking.floor.rules
    start_us = rules.midnight_us(looking.first - timedelta(days=1))
    end_us = rules.midnight_us(looking.last + timedelta(days=2))
    found: dict[tuple[int, str], list[Piece]] = defaultdict(list)
    for piece in pieces_in_state(machines, State.own_stop, start_us, end_us):
        day = piece.owner_day or rules.day_at(piece.start_us)
        in_shift = not looking.shift or piece.shift == looking.shift
        if piece.begins and piece.reason and in_shift and looking.first <= day <= looking.last:
            found[piece.asset, piece.reason].append(piece)
    return found
