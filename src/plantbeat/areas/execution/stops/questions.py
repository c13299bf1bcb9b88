"""What can be asked about stops: the story of one, and the longest of a period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import msgspec

from plantbeat.areas.execution.andon.questions import calls_between
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.hours.answers import BoardRow
from plantbeat.areas.execution.hours.questions import boards_of
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.questions import stop_parts_at, stops_of_lines
from plantbeat.areas.execution.records.stop import Stop as StopRecord
from plantbeat.areas.execution.stops.answers import (
    ActionOfStop,
    CallOfStop,
    HourOfStop,
    ScrapNearby,
    StopStory,
    TopStop,
)
from plantbeat.areas.execution.stops.links import actions_of
from plantbeat.areas.execution.stops.places import line_of, place_of, record_within
from plantbeat.engine.hours import GapPart, apportioned
from plantbeat.engine.oee import State
from plantbeat.facts.questions import facts_in_force
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.feeds import feeds
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.facts.views.tables import FactInterval
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

UNPLANNED = frozenset({State.own_stop, State.starved, State.blocked})
"""Stops that nobody planned; minor stops are too short to be one by one."""

AFTER_US = 10 * 60_000_000
"""Scrap of the first minutes after a stop is told with it."""

WEEK_US = 7 * 86_400_000_000
DAY_US = 86_400_000_000


def stop_story(site: Site, code: str, at_us: int, by: Actor) -> StopStory:
    """Everything that belongs to the stop of a line or machine that goes on at an instant.

    The stop of a line's bottleneck is the line's own. Raises `Refused` for a code that is none.
    """
    floor = Floor(site, by)
    place = place_of(floor, code, at_us)
    line = line_of(floor, place)
    parts = stop_parts_at(site, place.code, at_us, by)
    found = next((part for part in parts if part.start_us <= at_us < part.end_us), None)
    if found is None:
        record = record_within(floor, place, at_us, at_us + 1)
        return StopStory(
            place.code, line.code if line else "", at_us, None, *_identity(record),
            actions=actions_of([_reference(record)], by).get(_reference(record), ()),
        )  # fmt: skip
    record = record_within(floor, place, parts[0].start_us, parts[-1].end_us)
    number, reference, note = _identity(record)
    return StopStory(
        place.code, line.code if line else "", at_us, found, number, reference, note,
        calls=tuple(_calls(floor, place, line, parts)),
        hours=tuple(_hours(floor, place, found)),
        scrap=tuple(_scrap(floor, line or place, found)),
        actions=actions_of([reference], by).get(reference, ()),
        facts=tuple(found.facts), parts=tuple(parts),
    )  # fmt: skip


def _identity(record: StopRecord | None) -> tuple[str, str, str]:
    return (record.number, _reference(record), record.note) if record is not None else ("", "", "")


def _reference(record: StopRecord | None) -> str:
    return f"{StopRecord.type_code()}:{record.pk}" if record is not None else ""


# --- the hours of a stop ---


@dataclass(frozen=True, slots=True)
class _Piece:
    """Time of a stop within one hour of a shift."""

    row: BoardRow
    shift_id: int
    us: int
    stop_us: int


def _hours(floor: Floor, place: FactAsset, stop: Stop) -> Iterator[HourOfStop]:
    """The time a stop took of each hour, which adds up to its duration, and the pieces it cost.

    The pieces are those the hour board puts down to the state and reason of the stop; where several stops of
    an hour have the same, they share them by time.
    """
    is_line = place.level == AssetLevel.line
    shifts = readings.shifts_between(floor.site.pk, stop.start_us, stop.end_us)
    for shift in floor.shifts_of(place, shifts, floor.rules.day_at(stop.start_us)):
        board = boards_of(floor, [place], shift)[0]
        pieces = [
            piece
            for piece in readings.intervals_between([place.pk], shift.start_us, shift.end_us)
            if piece.shift_id == shift.pk and STATE_NAMED[piece.state] is stop.state
            and piece.reason == (stop.reason.code if stop.reason else None)
        ]  # fmt: skip
        for row in board.rows:
            inside = [(piece, _overlap(piece, row)) for piece in pieces]
            own_us = sum(us for piece, us in inside if _within(piece, stop))
            if own_us:
                yield HourOfStop(
                    row.start_us, row.end_us, own_us,
                    _share(row, stop, inside) if is_line and row.gap is not None else None, shift.pk,
                )  # fmt: skip


def _share(row: BoardRow, stop: Stop, inside: Sequence[tuple[FactInterval, int]]) -> int:
    """Pieces of an hour's part that this stop has to itself; the stops of the part add up to it exactly."""
    code = stop.reason.code if stop.reason else None
    whole = sum(
        one.pieces
        for one in row.reasons
        if one.part is GapPart.stop and one.state is stop.state
        and (one.reason.code if one.reason else None) == code
    )  # fmt: skip
    groups: list[list[int]] = []
    mine = 0
    for piece, us in inside:
        if not us:
            continue
        if piece.begins or not groups or piece.start_us == stop.start_us:
            groups.append([0])
        groups[-1][0] += us
        if _within(piece, stop):
            mine = len(groups) - 1
    total = sum(group[0] for group in groups)
    return apportioned([Fraction(whole * group[0], total) for group in groups], whole)[mine] if total else 0


def _within(piece: FactInterval, stop: Stop) -> bool:
    return stop.start_us <= piece.start_us < stop.end_us


def _overlap(piece: FactInterval, row: BoardRow) -> int:
    return max(0, min(piece.end_us, row.end_us) - max(piece.start_us, row.start_us))


# --- calls for help ---


def _calls(
    floor: Floor, place: FactAsset, line: FactAsset | None, parts: Sequence[Stop]
) -> Iterator[CallOfStop]:
    """Calls about the place of a stop that were open while it stood."""
    start_us, end_us = parts[0].start_us, parts[-1].end_us
    codes = {place.code} | ({line.code} if line is not None else set())
    if place.level == AssetLevel.line:
        codes |= {floor.rules.assets[one].code for one in floor.rules.machines_of.get(place.pk, ())}
    until_us = floor.now_us + 1 if parts[-1].open else end_us
    for call in calls_between(floor.site, start_us - WEEK_US, until_us, floor.by, lines=frozenset(codes)):
        over_us = call.resolved_us
        if not call.is_test and call.asset in codes and (over_us is None or over_us > start_us):
            yield CallOfStop(
                call.number, call.asset, call.category_name, call.state_word, call.raised_us,
                call.acknowledged_us, call.arrived_us, over_us, over_us is None, call.reference, call.id,
            )  # fmt: skip


# --- scrap around a stop ---


def _scrap(floor: Floor, place: FactAsset, stop: Stop) -> Iterator[ScrapNearby]:
    """Scrapped pieces told during a stop or in the first minutes after it, with the defect."""
    day = floor.rules.day_at(stop.start_us)
    sources = {place.pk, *feeds(floor.rules, place.pk, day), *floor.rules.machines_of.get(place.pk, ())}
    until_us = stop.end_us + (0 if stop.open else AFTER_US)
    rows = facts_in_force(floor.by).filter(
        asset__in=sources, t_us__gte=stop.start_us, t_us__lt=until_us, kind__in=("scrap", "count")
    )
    for fact in rows.order_by("t_us", "lsn"):
        body = msgspec.json.decode(fact.body)
        pieces = body.get("quantity", 0) if fact.kind == "scrap" else body.get("scrap", 0)
        if pieces:
            asset = floor.rules.assets[fact.asset_id]
            yield ScrapNearby(
                fact.t_us, asset.code, pieces, body.get("reason") or "", fact.lsn, fact.t_us >= stop.end_us
            )


# --- the longest of a period ---


def top_stops(
    site: Site, period: Period, by: Actor, n: int = 3, lines: Iterable[str] | None = None
) -> list[TopStop]:
    """The longest unplanned stops of lines in a period, with how often the like happened in seven days."""
    floor = Floor(site, by)
    wanted = None if lines is None else set(lines)
    places = [line for line in floor.lines() if wanted is None or line.code in wanted]
    found: list[tuple[FactAsset, Stop]] = [
        (place, stop)
        for place, stops in stops_of_lines(floor, places, period).items()
        for stop in stops
        if stop.state in UNPLANNED
    ]
    found.sort(key=lambda one: (-one[1].duration_us, one[1].start_us, one[0].code))
    longest = found[:n]
    records = {id(stop): _record_of(floor, place, stop) for place, stop in longest}
    actions = actions_of([_reference(records[id(stop)]) for _place, stop in longest], by)
    week = _week_before(floor, longest)
    return [_top(place, stop, records[id(stop)], actions, week[place.pk]) for place, stop in longest]


def _record_of(floor: Floor, place: FactAsset, stop: Stop) -> StopRecord | None:
    parts = stop_parts_at(floor.site, place.code, stop.start_us, floor.by) or [stop]
    return record_within(floor, place, parts[0].start_us, parts[-1].end_us)


def _week_before(floor: Floor, longest: Sequence[tuple[FactAsset, Stop]]) -> dict[int, list[Stop]]:
    """Stops of the places from seven days before the first of the stops on; one query."""
    known: dict[int, list[Stop]] = defaultdict(list)
    if longest:
        first_us = min(stop.end_us for _place, stop in longest) - WEEK_US
        last_us = max(stop.end_us for _place, stop in longest)
        first, last = floor.rules.day_at(first_us), floor.rules.day_at(last_us - 1)
        places = {place.pk: place for place, _stop in longest}
        period = Period.of_days(first, max(first, last))
        for place, stops in stops_of_lines(floor, list(places.values()), period).items():
            known[place.pk] = stops
    return known


def _top(
    place: FactAsset, stop: Stop, record: StopRecord | None, actions: Mapping[str, tuple[ActionOfStop, ...]],
    week: Sequence[Stop],
) -> TopStop:  # fmt: skip
    code = stop.reason.code if stop.reason else None
    like = [
        one
        for one in week
        if one.state is stop.state and (one.reason.code if one.reason else None) == code
        and stop.end_us - WEEK_US <= one.start_us <= stop.start_us
    ]  # fmt: skip
    number, reference, _note = _identity(record)
    return TopStop(
        place.code, stop.state, stop.reason, stop.start_us, stop.end_us, stop.duration_us, stop.open,
        stop.order, len(like), sum(one.duration_us for one in like), number, reference,
        tuple(one for one in actions.get(reference, ()) if one.is_open), tuple(stop.facts),
    )  # fmt: skip
