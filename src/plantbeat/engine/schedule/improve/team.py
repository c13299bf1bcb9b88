"""Several searches at once, which tell each other their best from time to time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, Protocol

CHUNK_S = 0.02
"""Longest time between two looks at the stopwatch, about."""
EXCHANGES = 8
"""Times the searches compare their best within a budget of seconds."""


class Searcher(Protocol):
    """One search that can stop and go on; what it tries depends on its seed and its moves alone."""

    @property
    def best(self) -> int:
        """The objective of the best found so far."""
        ...

    @property
    def moves(self) -> int:
        """Moves tried so far."""
        ...

    @property
    def exhausted(self) -> bool:
        """Whether further moves promise nothing."""
        ...

    def advance(self, limit: int) -> None:
        """Go on until `limit` moves in all are tried (never more), or the bound is reached."""
        ...

    def told(self) -> Any:
        """The best found so far, as another search can take it over."""
        ...

    def take_over(self, told: Any) -> None:
        """Go on from another search's best."""
        ...


class _Board:
    """The best of all searches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._best: tuple[int, Any] | None = None

    def compare(self, search: Searcher) -> None:
        """Put up what a search has found; if another one's is better, the search goes on from there."""
        with self._lock:
            if self._best is None or search.best < self._best[0]:
                self._best = search.best, search.told()
            elif search.best > self._best[0]:
                search.take_over(self._best[1])


def _run_for_moves(search: Searcher, bound: int, moves: int) -> None:
    while not search.exhausted and search.best > bound:
        before = search.moves
        search.advance(moves)
        if search.moves == before:
            return


def _run_until(search: Searcher, bound: int, until: float, board: _Board) -> None:
    chunk, now = 64, perf_counter()
    pause = (until - now) / EXCHANGES
    exchange = now + pause
    while now < until and not search.exhausted and search.best > bound:
        before = search.moves
        search.advance(before + chunk)
        begun, now = now, perf_counter()
        if search.moves == before or now - begun < CHUNK_S / 2:
            chunk *= 2
        elif now - begun > CHUNK_S and chunk > 1:
            chunk //= 2
        if now >= exchange:
            board.compare(search)
            exchange = now + pause


def run_team(
    make: Callable[[int], Searcher], size: int, bound: int, moves: int | None, until: float | None
) -> tuple[Any, int]:
    """What the best of several searches tells, and the moves of all; `make` is given the search's number.

    With a budget of moves there is one search. All stop when one reaches the bound or time is up.
    """
    if until is None:
        search = make(0)
        _run_for_moves(search, bound, moves or 0)
        return search.told(), search.moves
    board, team = _Board(), [make(number) for number in range(size)]
    if size == 1:
        _run_until(team[0], bound, until, board)
    else:
        with ThreadPoolExecutor(size) as pool:
            list(pool.map(lambda search: _run_until(search, bound, until, board), team))
    best = min(team, key=lambda search: search.best)
    return best.told(), sum(search.moves for search in team)
