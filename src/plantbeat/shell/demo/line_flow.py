"""How pieces flow through stations in a row with little room between them. Rates are pieces per µs."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

CRUMB = 1e-3
"""Pieces below which a buffer counts as empty, an order as done."""


def rates(able: Sequence[float], levels: Sequence[float], rooms: Sequence[float]) -> list[float]:
    """What each station passes on, when each could do `able`.

    Behind an empty buffer nobody is faster than the station before it, before a full one not faster than the
    station behind it.
    """
    flow, last = list(able), len(able) - 1
    changed = True
    while changed:
        changed = False
        for i in range(last):
            if levels[i] <= 0.0 and flow[i + 1] > flow[i]:
                flow[i + 1] = flow[i]
                changed = True
        for i in range(last - 1, -1, -1):
            if levels[i] >= rooms[i] and flow[i] > flow[i + 1]:
                flow[i] = flow[i + 1]
                changed = True
    return flow


def until_change_us(flow: Sequence[float], levels: Sequence[float], rooms: Sequence[float]) -> int | None:
    """µs until the first buffer runs full or empty; None if none will."""
    first: int | None = None
    for i, level in enumerate(levels):
        gain = flow[i] - flow[i + 1]
        if gain > 0.0 and level < rooms[i]:
            wait = ceil((rooms[i] - level) / gain)
        elif gain < 0.0 and level > 0.0:
            wait = ceil(level / -gain)
        else:
            continue
        if first is None or wait < first:
            first = wait
    return first


def move(levels: list[float], flow: Sequence[float], rooms: Sequence[float], dt_us: int) -> None:
    """Let the pieces flow for a while, in place."""
    for i, room in enumerate(rooms):
        level = levels[i] + (flow[i] - flow[i + 1]) * dt_us
        levels[i] = 0.0 if level < CRUMB else room if level > room - CRUMB else level
