"""A line: counted at its declared counting point, timed at its bottleneck, never a sum of machines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from plantbeat.engine.oee.cube import CubeRow
from plantbeat.engine.oee.elements import Elements
from plantbeat.engine.oee.inputs import DayFacts
from plantbeat.engine.oee.states import State

_FROM_BOTTLENECK = frozenset({*(f"{state.value}_us" for state in State), "stops", "micro_stops"})


def line_day(counting_point: DayFacts, bottleneck: DayFacts) -> DayFacts:
    """The day of a line as one asset: counts of the counting point, everything else of the bottleneck.

    The ideal cycles are the bottleneck's, so that performance compares like with like. Passing this to
    `cube.asset_day` is the exact way: rows, hours and losses then belong to the line.

    Raises:
        ValueError: the two days are not the same day.
    """
    if (counting_point.start_us, counting_point.end_us) != (bottleneck.start_us, bottleneck.end_us):
        raise ValueError(
            f"counting point day {counting_point.start_us}-{counting_point.end_us} µs and bottleneck day "
            f"{bottleneck.start_us}-{bottleneck.end_us} µs must be the same day"
        )
    return replace(bottleneck, counts=counting_point.counts)


def line_elements(counting_point: Iterable[CubeRow], bottleneck: Iterable[CubeRow]) -> Elements:
    """Elements of a line from rows already cubed: pieces of the one, time of the other.

    The counting point's rows must have been cubed with the bottleneck's ideal cycles.
    """
    counted, timed = Elements.of(counting_point), Elements.of(bottleneck)
    return Elements(
        **{
            field.name: getattr(timed if field.name in _FROM_BOTTLENECK else counted, field.name)
            for field in fields(Elements)
        }
    )
