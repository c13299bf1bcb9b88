"""The stop a call for help is about: the one that went on when somebody called, else the next one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from plantbeat.areas.execution.andon.questions import CallNow
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.questions import STOPPED, stop_parts_at
from plantbeat.areas.execution.stops.places import line_of, place_of, record_within
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class StopOfCall:
    """A stop as the page of its call names it; `number` is that of its record, empty without one."""

    place: str
    number: str
    stop: Stop
    us: int


def stop_of_call(site: Site, call: CallNow, by: Actor) -> StopOfCall | None:
    """The stop of the machine or line that called, first of the machine; None where nothing stood."""
    if call.is_test:
        return None
    floor = Floor(site, by)
    named = place_of(floor, call.asset, call.raised_us)
    line = line_of(floor, named)
    for place in dict.fromkeys(filter(None, (named, line))):
        at_us = _stood_at(floor, place, call)
        parts = stop_parts_at(site, place.code, at_us, by) if at_us is not None else []
        if parts:
            record = record_within(floor, place, parts[0].start_us, parts[-1].end_us)
            number = record.number if record is not None else ""
            found = next(part for part in parts if part.start_us <= (at_us or 0) < part.end_us)
            return StopOfCall(place.code, number, found, _whole_us(parts))
    return None


def _whole_us(parts: Iterable[Stop]) -> int:
    return sum(part.duration_us for part in parts)


def _stood_at(floor: Floor, place: FactAsset, call: CallNow) -> int | None:
    """The first instant from the call to its end at which a place stood; computed is what was before now."""
    from_us, until_us = call.raised_us - 1, (call.resolved_us or floor.now_us) + 1
    pieces = readings.intervals_between([place.pk], from_us, until_us)
    stood = (piece for piece in pieces if STATE_NAMED[piece.state] in STOPPED)
    return next((max(piece.start_us, from_us) for piece in stood), None)
