"""How far a cumulative counter advanced.

Counters are kept raw, as the controller says them; what they advanced is a view. Real ones fall back to zero
for a reading and return (NIST SMS test bed, Hurco01 `Part_Count`: 13 spurious zeros in 93 readings; adding
up every increase gives 40,920 parts, the counter moved by 1,418), restart at an order change, and wrap at
the end of a register. Only what follows a drop tells these apart, so a drop is decided by the first reading
above it.

The rule, with *settled* = the last reading that was believed and *low* = the lowest reading since the drop:

| reading                               | what it is                           | advance                    |
| ------------------------------------- | ------------------------------------ | -------------------------- |
| the first                             | where counting begins                | 0                          |
| no drop open, ≥ settled               | count                                | reading − settled          |
| no drop open, < settled               | a drop: undecided                    | 0 for now                  |
| drop open, ≤ low                      | still undecided; low follows it down | 0 for now                  |
| drop open, ≥ settled                  | glitch: the drop never happened      | reading − settled          |
| drop open, between, forward ≤ largest | wrap (only with a declared modulus)  | forward + reading − low    |
| drop open, between, otherwise         | reset                                | reading − low              |
| below zero, no modulus declared       | an error code, not a reading         | 0, ignored                 |

*forward* is the way from settled to low through the modulus, (low − settled) mod modulus; *largest* is the
largest advance believed between two readings, half the modulus unless declared (the shorter way round, as
serial numbers are compared in RFC 1982, 3.2). With a modulus declared every reading is taken modulo it, so a
signed register reads right. A reset counts from low, because what passed between the restart and the first
reading after it was not seen, unless the value the counter restarts at is declared.

The advance belongs to the instant of the reading that decided it. A drop still open at the end has not been
counted: it is counted, once, when a later reading decides it. Where readings are too sparse to tell, the rule
counts too little rather than too much: a counter that restarted and passed its old level before it was read
again looks like a glitch.

All it remembers is `CounterState`: a day starts from the state after the day before, and equals the same day
cut from the whole history. After late data, recompute from the day it belongs to until a day ends in the
state stored for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from plantbeat.engine.counters.readings import Reading


class Step(StrEnum):
    """What one reading was."""

    START = "start"
    COUNT = "count"
    DROP = "drop"
    GLITCH = "glitch"
    RESET = "reset"
    WRAP = "wrap"
    NOT_A_READING = "not_a_reading"


@dataclass(frozen=True, slots=True)
class CounterRule:
    """What is declared about a counter.

    modulus       readings run from 0 to modulus − 1 and start over (65,536 for a 16-bit register)
    largest_step  largest advance believed when deciding for a wrap; half the modulus if None
    restarts_at   value the counter is known to restart at after a reset; None: count from the low reading

    Raises ValueError for a modulus below 2, a largest step outside 1 to modulus − 1 or without a modulus,
    and a restart below 0.
    """

    modulus: int | None = None
    largest_step: int | None = None
    restarts_at: int | None = None

    def __post_init__(self) -> None:
        if self.modulus is not None and self.modulus < 2:
            raise ValueError(f"modulus is {self.modulus}; allowed is 2 or more")
        if self.largest_step is not None:
            if self.modulus is None:
                raise ValueError("largest_step is for counters with a modulus; declare the modulus too")
            if not 1 <= self.largest_step < self.modulus:
                raise ValueError(f"largest_step is {self.largest_step}; allowed is 1 to {self.modulus - 1}")
        if self.restarts_at is not None and self.restarts_at < 0:
            raise ValueError(f"restarts_at is {self.restarts_at}; allowed is 0 or more")


PLAIN_COUNTER = CounterRule()


@dataclass(frozen=True, slots=True)
class CounterState:
    """All that counting remembers between readings: the last one believed, and the low of an open drop."""

    settled: Reading | None = None
    low: Reading | None = None

    @property
    def undecided(self) -> bool:
        """Whether a drop is open that the next readings must decide."""
        return self.low is not None


UNREAD = CounterState()


class Advance(NamedTuple):
    """What one reading added, and the state after it."""

    amount: Reading
    step: Step
    state: CounterState


def reading_advance(state: CounterState, reading: Reading, rule: CounterRule = PLAIN_COUNTER) -> Advance:
    """Advance of one further reading, by the rule of this module; readings come in order of device time."""
    if rule.modulus is not None:
        reading %= rule.modulus
    elif reading < 0:
        return Advance(0, Step.NOT_A_READING, state)
    settled, low = state.settled, state.low
    if settled is None:
        return Advance(0, Step.START, CounterState(reading))
    if reading >= settled:
        return Advance(reading - settled, Step.COUNT if low is None else Step.GLITCH, CounterState(reading))
    if low is None or reading <= low:
        return Advance(0, Step.DROP, CounterState(settled, reading))
    if rule.modulus is not None:
        forward = (low - settled) % rule.modulus
        if forward <= (rule.modulus // 2 if rule.largest_step is None else rule.largest_step):
            return Advance(forward + reading - low, Step.WRAP, CounterState(reading))
    restart = low if rule.restarts_at is None else min(rule.restarts_at, low)
    return Advance(reading - restart, Step.RESET, CounterState(reading))


def counter_advance(
    readings: Iterable[Reading], rule: CounterRule = PLAIN_COUNTER, state: CounterState = UNREAD
) -> tuple[Reading, CounterState]:
    """Advance over readings in order of device time, and the state to carry on from.

    A drop open at the end is not counted yet.
    """
    total: Reading = 0
    for reading in readings:
        step = reading_advance(state, reading, rule)
        total += step.amount
        state = step.state
    return total, state
