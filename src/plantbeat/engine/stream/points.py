"""What a source said at an instant, put in order."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

Said = TypeVar("Said", str, int | Fraction)


class Point(NamedTuple, Generic[Said]):
    """One value said by one source.

    at_us   device time, microseconds since 1970-01-01 UTC
    order   the source's own order (its sequence number, the row of a file); it decides between values of one
            instant. Because it travels with the value, the order of delivery makes no difference.
    value   the state's name, or the reading of a counter
    fact    what the point opens to: the fact's lsn, or the row of the file
    """

    at_us: int
    order: int
    value: Said
    fact: int | None = None


def in_order(points: Iterable[Point[Said]]) -> list[Point[Said]]:
    """The points by (time, the source's order), without exact repeats of (time, value); the first one stays.

    Gateways repeat the last-known values after each reconnect and each file opens with a snapshot: a repeat
    says nothing new. Any permutation and any duplication of the same points gives the same list.
    """
    ordered: list[Point[Said]] = []
    said_now: set[Said] = set()
    now_us: int | None = None
    for point in sorted(points, key=_place):
        if point.at_us != now_us:
            now_us = point.at_us
            said_now.clear()
        if point.value not in said_now:
            said_now.add(point.value)
            ordered.append(point)
    return ordered


def _place(point: Point[Said]) -> tuple[int, int, Said, int]:
    return point.at_us, point.order, point.value, -1 if point.fact is None else point.fact
