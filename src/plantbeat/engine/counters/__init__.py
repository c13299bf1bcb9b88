"""Cumulative counters: from raw readings to what was made."""

from plantbeat.engine.counters.advance import (
    PLAIN_COUNTER,
    UNREAD,
    Advance,
    CounterRule,
    CounterState,
    Step,
    counter_advance,
    reading_advance,
)
from plantbeat.engine.counters.readings import Reading, counter_reading

__all__ = [
    "PLAIN_COUNTER",
    "UNREAD",
    "Advance",
    "CounterRule",
    "CounterState",
    "Reading",
    "Step",
    "counter_advance",
    "counter_reading",
    "reading_advance",
]
