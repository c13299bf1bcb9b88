"""Calendars cut: spans taken out, and time before a minute closed but where work lies that stays."""

from __future__ import annotations

from collections.abc import Iterable

from plantbeat.engine.calendars.worktime import FOREVER, merged
from plantbeat.engine.schedule.coupled.meets import met

Span = tuple[int, int]


def without(spans: list[Span], closed: Iterable[Span]) -> list[Span]:
    """Open spans with others taken out; the last minute of all where nothing is left, as a calendar needs
    one.
    """
    begin, kept = -FOREVER, list[Span]()
    for opening, closing in merged(closed):
        if begin < opening:
            kept.append((begin, opening))
        begin = max(begin, closing)
    if begin < FOREVER:
        kept.append((begin, FOREVER))
    return met(spans, kept) or [(FOREVER - 1, FOREVER)]


def open_from(spans: list[Span], minute: int, taken: Iterable[Span]) -> list[Span]:
    """Open spans from a minute on, and before it only where they are taken."""
    return met(spans, merged([*taken, (minute, FOREVER)])) or [(FOREVER - 1, FOREVER)]
