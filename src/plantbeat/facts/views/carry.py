"""What one day of an asset hands to the next: all that its own facts do not say."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import msgspec

from plantbeat.engine.counters import UNREAD, CounterState, Reading
from plantbeat.engine.oee import State

MOST_OPEN_ORDERS = 20
"""Orders that were begun and never ended; beyond this the oldest are taken to have left."""


class Told(NamedTuple):
    """The last state said: its word, since when, when the asset was last heard, by what fact, and why."""

    word: str
    since_us: int
    heard_us: int
    asset: int
    lsn: int | None
    reason: str | None


class Ended(NamedTuple):
    """A span of canonical state that touches the end of the day, from its own beginning."""

    start_us: int
    end_us: int
    state: str
    reason: str | None


class OpenReason(NamedTuple):
    """A reason given to a stop that goes on, without an end."""

    t_us: int
    reason: str
    lsn: int


class OpenSetup(NamedTuple):
    """A set-up that goes on, with the order and item it is for."""

    start_us: int
    order: str | None
    item: str | None
    lsn: int


class OpenOrder(NamedTuple):
    """An order in force; `approved_us` is its first-piece approval, None while there is none."""

    start_us: int
    order: str
    item: str | None
    approved_us: int | None


class CounterCarry(NamedTuple):
    """Where a counter stands: its state, and the part of a piece it has not yet made whole."""

    settled: str | None
    low: str | None
    rest: str


class Carry(msgspec.Struct, omit_defaults=True, frozen=True):
    """The state of an asset at an instant, as far as later facts do not say it anew.

    `ended` are the spans that touch the instant: the last one, and of a stop all that belong to it.
    `ordered`: orders have been heard of for this asset, so time without one is "no order".
    `counted_us`: the last count, for hourly counts that do not say when they begin.
    """

    told: Told | None = None
    ended: tuple[Ended, ...] = ()
    reasons: tuple[OpenReason, ...] = ()
    setup: OpenSetup | None = None
    orders: tuple[OpenOrder, ...] = ()
    ordered: bool = False
    counters: dict[str, CounterCarry] = msgspec.field(default_factory=dict)
    counted_us: int | None = None

    def text(self) -> str:
        """The carry as it is stored, one spelling for one content."""
        return msgspec.json.encode(self, order="sorted").decode()

    @property
    def stops(self) -> bool:
        """True if a stop is going on, whose length only the next day can tell."""
        return bool(self.ended) and self.ended[-1].state == State.own_stop


NOTHING = Carry()
read_carry = msgspec.json.Decoder(Carry).decode


def counter_state(carried: CounterCarry) -> CounterState:
    """The counter's state as the engine takes it."""
    return CounterState(_reading(carried.settled), _reading(carried.low)) if carried.settled else UNREAD


def counter_carry(state: CounterState, rest: Fraction) -> CounterCarry:
    """The counter's state as it is stored."""
    return CounterCarry(_text(state.settled), _text(state.low), str(rest))


def _reading(text: str | None) -> Reading | None:
    if text is None:
        return None
    value = Fraction(text)
    return int(value) if value.denominator == 1 else value


def _text(reading: Reading | None) -> str | None:
    return None if reading is None else str(Fraction(reading))
