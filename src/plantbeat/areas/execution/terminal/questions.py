"""What a line's terminal shows: order, state, the shift's pieces, the stops that wait for a reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.andon.ladder import Category, categories
from plantbeat.areas.execution.andon.questions import CallNow, open_calls
from plantbeat.areas.execution.answers import LineNow, Stop
from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import PLACES
from plantbeat.areas.execution.terminal.settings import (
    Buttons,
    PackSizes,
    ReasonPlace,
    Terminal,
    counted_by_machine,
    machine_that_stops,
    pack_sizes,
    reason_places,
    terminal_of,
)
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.engine.oee import State
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

SHOWN_STOPS = 6
REVIEW_DAYS = 28
REVIEW_EVERY = timedelta(days=7)
_UNPLANNED = frozenset({State.own_stop, State.starved, State.blocked})


@dataclass(frozen=True, slots=True)
class Explained:
    """Unplanned stop time of the shift, and how much of it has a reason, in µs; micro-stops left out."""

    explained_us: int
    whole_us: int

    @property
    def percent(self) -> int | None:
        """The share; None while the line has not stood."""
        return 100 * self.explained_us // self.whole_us if self.whole_us else None


@dataclass(frozen=True, slots=True)
class TerminalNow:
    """One terminal as it is drawn."""

    line: LineNow
    at_us: int
    terminal: Terminal
    machine_counts: bool
    sizes: PackSizes
    places: list[ReasonPlace]
    buttons: Buttons | None
    stops: list[Stop]
    explained: Explained
    help: list[Category]
    calls: list[CallNow]


def terminal_now(site: Site, code: str, by: Actor) -> TerminalNow:
    """The terminal of a line. Raises `Refused` for a code that is none."""
    now, at_us = questions.line_now(site, code, by), clock.now_us()
    places, buttons = reason_places(site, code, by, machine_that_stops(site, code, at_us, by))
    stops, explained = list[Stop](), Explained(0, 0)
    shift = readings.shift_with_id(site.pk, now.shift.id) if now.shift else None
    if shift is not None:
        period = Period.of_shift(shift)
        of_shift = questions.stops(site, code, period, by)
        stops = sorted((one for one in of_shift if one.state in _UNPLANNED), key=_waits_first)[:SHOWN_STOPS]
        explained = _explained(of_shift)
    return TerminalNow(
        line=now,
        at_us=at_us,
        terminal=terminal_of(site, code, by),
        machine_counts=counted_by_machine(site, code, at_us, by),
        sizes=pack_sizes(site, now.item, by),
        places=places,
        buttons=buttons,
        stops=stops,
        explained=explained,
        help=categories(site),
        calls=[call for call in open_calls(site, by, lines=frozenset({code})) if not call.is_test],
    )


def _waits_first(stop: Stop) -> tuple[bool, int]:
    return not waits(stop), -stop.start_us


def waits(stop: Stop) -> bool:
    """True for a stop that has no reason and whose state does not say it, as starved and blocked do."""
    return stop.reason is None and stop.state is State.own_stop


def _explained(stops: list[Stop]) -> Explained:
    unplanned = [stop for stop in stops if stop.state in _UNPLANNED]
    known = sum(stop.duration_us for stop in unplanned if not waits(stop))
    return Explained(known, sum(stop.duration_us for stop in unplanned))


@dataclass(frozen=True, slots=True)
class PlaceProposed:
    """A place of the buttons in the review: what is there, how often it was given, what would fit better."""

    place: int
    reason: DowntimeReason | None
    stops: int
    us: int
    proposed: DowntimeReason | None
    proposed_stops: int = 0


@dataclass(frozen=True, slots=True)
class ButtonReview:
    """What the weekly review of the buttons of a line, or of one of its machines, shows.

    shared  the machine has none of its own: these are its line's, and saving makes them its own
    """

    places: list[PlaceProposed]
    offered: list[DowntimeReason]
    record: Buttons | None
    due: bool
    shared: bool = False
    days: int = REVIEW_DAYS


def button_review(site: Site, code: str, by: Actor, machine: str = "") -> ButtonReview:
    """Places with how often each reason was given in four weeks, and proposals for those nobody used.

    With a machine: how often it was given there. A reason in use keeps its place. The places of reasons that
    were never given, and empty ones, are offered to the reasons given most that have no button.
    """
    rules = rules_of(site.pk)
    today = rules.day_at(clock.now_us())
    period = Period.of_days(today - timedelta(days=REVIEW_DAYS), today)
    bridge = questions.loss_bridge(site, machine or code, period, by)
    given: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for one in bridge.reasons:
        if one.reason is not None:
            given[one.reason.code][0] += one.stops
            given[one.reason.code][1] += one.us
    places, record = reason_places(site, code, by, machine)
    shared = bool(machine) and not isinstance(record, MachineButtons)
    offered = questions.reasons_offered(site, by)
    placed = {one.place: one.reason for one in places}
    there = {reason.code for reason in placed.values() if reason is not None}
    missing = [one for one in offered if one.code not in there and given[one.code][0]]
    missing.sort(key=lambda one: (-given[one.code][0], one.code))
    rows = []
    for place in range(1, PLACES + 1):
        reason = placed.get(place)
        stops, us = given[reason.code] if reason is not None else (0, 0)
        better = missing.pop(0) if missing and not stops else None
        more = given[better.code][0] if better is not None else 0
        rows.append(PlaceProposed(place, reason, stops, us, better, more))
    reviewed_us = record.reviewed_us if record is not None else None
    weekly_us = REVIEW_EVERY // timedelta(microseconds=1)
    due = not shared and (reviewed_us is None or clock.now_us() - reviewed_us > weekly_us)
    return ButtonReview(rows, offered, record, due, shared)
