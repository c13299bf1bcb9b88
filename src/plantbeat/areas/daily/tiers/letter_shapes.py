"""Letters as calendars: a month of days in the shape of S, Q, D, C or M."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

SHAPES: Mapping[str, Sequence[str]] = {
    "S": (" XXXX ", "XX  XX", "XX    ", "XXX   ", " XXXX ", "   XXX", "    XX", "XX  XX", "XXXXX "),
    "Q": (" XXXX ", "XX  XX", "XX  XX", "XX  XX", "XX  XX", "XX XXX", " XXXX ", "    XX"),
    "D": ("XXXX  ", "XX XX ", "XX  XX", "XX  XX", "XX  XX", "XX  XX", "XX XX ", "XXX   "),
    "C": (" XXXX ", "XX  XX", "XXX   ", "XXX   ", "XXX   ", "XXX   ", "XXX   ", "XX  XX", " XXXX "),
    "M": ("XX   XX", "XXX XXX", "XXXXXXX", "XX X XX", "XX X XX", "XX   XX"),
}
"""Thirty-one boxes each, read like a page: from the left, from the top."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a day stands in its letter, in boxes from the upper left."""

    day: date
    column: int
    row: int


def boxes(letter: str, month: date) -> list[Box]:
    """The days of the month that holds a day, each with its place in the letter."""
    first = month.replace(day=1)
    places = [(c, r) for r, row in enumerate(SHAPES[letter]) for c, mark in enumerate(row) if mark == "X"]
    days = (last_day(month) - first).days + 1
    return [Box(first + timedelta(days=n), column, row) for n, (column, row) in enumerate(places[:days])]


def last_day(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def size(letter: str) -> tuple[int, int]:
    """Columns and rows of a letter."""
    return len(SHAPES[letter][0]), len(SHAPES[letter])
