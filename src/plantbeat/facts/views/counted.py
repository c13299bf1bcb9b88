"""Elements that are counted one by one: events with what they can be cut by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

import msgspec

from plantbeat.facts.views.catalogue import Ask
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.kept_days import Wanted, kept_by_day
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.readings import shifts_between
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import answered_once
from plantbeat.facts.views.scopes import Place
from plantbeat.facts.views.shifts import worked_by, working
from plantbeat.facts.views.tables import FactEvent

_COLUMNS = ("asset_id", "t_us", "kind", "body", "lsn")
_LONGEST_US = 48 * 3_600_000_000
"""No shift is longer."""
_ONE_DAY = timedelta(days=1)


class Counted(NamedTuple):
    """One element and the part of each cut it belongs to."""

    element: Any
    parts: Mapping[Cut, Key]


def grouped(ask: Ask, counted: Iterable[Counted]) -> dict[Key, tuple[Any, ...]]:
    """Elements by the key of the cut, narrowed as asked; without a cut there is always one part."""
    found: dict[Key, list[Any]] = defaultdict(list)
    if ask.cut is None:
        found[None] = []
    for one in counted:
        if narrowed(ask, one.parts):
            found[one.parts.get(ask.cut) if ask.cut is not None else None].append(one.element)
    return {key: tuple(elements) for key, elements in found.items()}


def narrowed(ask: Ask, parts: Mapping[Cut, Key]) -> bool:
    """True for what lies in every part that the question is narrowed to."""
    return all(str(parts.get(cut)) == str(value) for cut, value in ask.where.items())


@dataclass(frozen=True, slots=True)
class Event:
    """A kept fact with its body read and its shift and production day looked up."""

    asset: int
    t_us: int
    kind: str
    said: Mapping[str, Any]
    lsn: int
    shift: FactShift | None

    def day(self, rules: SiteRules) -> date:
        """Its production day; outside all shifts the local day."""
        return self.shift.owner_day if self.shift else rules.day_at(self.t_us)

    def parts(self, ask: Ask) -> dict[Cut, Key]:
        """What the event can be cut by."""
        line = ask.rules.line_of(self.asset)
        return {
            Cut.line: line,
            Cut.machine: self.asset if line != self.asset else None,
            Cut.shift: self.shift.shift if self.shift else None,
            Cut.crew: self.shift.crew if self.shift else None,
            Cut.day: self.day(ask.rules).isoformat(),
            Cut.order: self.said.get("order"),
        }


def shifts_of(ask: Ask) -> list[FactShift]:
    """Shifts of all patterns of the site around the period; one query, and one for all who ask in a page."""
    site_id, (start_us, end_us) = ask.rules.site_id, ask.period.bounds_us(ask.rules)
    asked = "shifts", site_id, start_us, end_us
    return list(answered_once(asked, lambda: shifts_between(site_id, start_us, end_us)))


def events_of(ask: Ask, kinds: Sequence[str], shifts: Iterable[FactShift]) -> list[Event]:
    """Kept facts of the scope whose production day (or shift) lies in the period; one query."""
    start_us, end_us = ask.period.bounds_us(ask.rules)
    rows = FactEvent.objects.filter(
        asset__in=ask.place.everyone, kind__in=kinds, t_us__gte=start_us, t_us__lt=end_us
    )
    known = sorted(shifts, key=lambda shift: shift.start_us)
    by_place: dict[tuple[str, int | None], tuple[list[FactShift], list[int]]] = {}
    found = []
    patterns: dict[tuple[int, date], str] = {}
    for asset, t_us, kind, body, lsn in rows.order_by("t_us", "lsn").values_list(*_COLUMNS):
        read = asset, ask.rules.day_at(t_us)
        if read not in patterns:
            patterns[read] = ask.rules.reading(*read).pattern
        place = patterns[read], ask.rules.line_of(asset)
        if place not in by_place:
            theirs = worked_by(known, *place)
            by_place[place] = theirs, [shift.start_us for shift in theirs]
        theirs, begins = by_place[place]
        around = slice(bisect_left(begins, t_us - _LONGEST_US), bisect_right(begins, t_us))
        worked = working(theirs[around], t_us)
        event = Event(asset, t_us, kind, msgspec.json.decode(body), lsn, worked[0] if worked else None)
        if _within(ask, event):
            found.append(event)
    return found


def events_at_hand(ask: Ask, kinds: Sequence[str]) -> list[Event]:
    """As `events_of`, with the days that are over from memory: for kinds that are told some times a shift."""
    asked, days = set(ask.place.everyone), Period.of_days(ask.period.first, ask.period.last)
    found = [one for one in _of_site(ask, kinds, days) if one.asset in asked]
    # What is kept lies by its production day; only a shift is less than the days it was asked for.
    return found if ask.period.shift_id is None else [one for one in found if _within(ask, one)]


def events_between(ask: Ask, kinds: Sequence[str], start_us: int, end_us: int) -> list[Event]:
    """Kept facts about all assets of the site in [start, end), in order of time; from memory likewise."""
    first, last = ask.rules.day_at(start_us) - _ONE_DAY, ask.rules.day_at(end_us) + _ONE_DAY
    found = _of_site(ask, kinds, Period.of_days(first, last))
    return [one for one in found if start_us <= one.t_us < end_us]


def _of_site(ask: Ask, kinds: Sequence[str], days: Period) -> list[Event]:
    """Kept facts about all assets of the site on production days, in order of time."""
    whole = sorted(ask.rules.assets)

    def read(period: Period) -> dict[date, tuple[Event, ...]]:
        of_site = replace(ask, period=period, place=Place((), (), tuple(whole)))
        found: dict[date, list[Event]] = defaultdict(list)
        for event in events_of(of_site, kinds, shifts_of(of_site)):
            found[event.day(ask.rules)].append(event)
        return {day: tuple(events) for day, events in found.items()}

    nothing: tuple[Event, ...] = ()
    kept = kept_by_day(Wanted(ask.rules, whole, days), ("events", *kinds), read, nothing)
    found = [event for events in kept.values() for event in events]
    return sorted(found, key=lambda event: (event.t_us, event.lsn))


def kept_between(
    assets: Collection[int], kinds: Sequence[str], start_us: int, end_us: int
) -> list[tuple[int, int, str, str, int]]:
    """Kept facts of assets in a time as (asset, time, kind, body, lsn), in order of time; one query."""
    rows = FactEvent.objects.filter(asset__in=assets, kind__in=kinds, t_us__gte=start_us, t_us__lt=end_us)
    return list(rows.order_by("t_us", "lsn").values_list(*_COLUMNS))


def _within(ask: Ask, event: Event) -> bool:
    if ask.period.shift_id is not None:
        return event.shift is not None and event.shift.pk == ask.period.shift_id
    return ask.period.first <= event.day(ask.rules) <= ask.period.last
