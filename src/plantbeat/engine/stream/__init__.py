"""From what devices say to time in states: timestamps, believable clocks, intervals, windows, summaries.

Files, live ingestion and the rebuild of a day all pass through here, so they cannot disagree.
"""

from plantbeat.engine.stream.clock import DEFAULT_CLOCK_RULE, ClockRule, clock_fault, clock_fault_sentence
from plantbeat.engine.stream.intervals import NO_DATA, Carry, Interval, state_intervals
from plantbeat.engine.stream.points import Point, in_order
from plantbeat.engine.stream.reasons import QuarantineReason
from plantbeat.engine.stream.summary import CounterTotal, EventRow, EventSummary, event_summary
from plantbeat.engine.stream.times import TimestampError, day_start_us, iso_utc, utc_us
from plantbeat.engine.stream.windows import StateTime, carry_at, cover, joined, merged, time_in_state

__all__ = [
    "DEFAULT_CLOCK_RULE",
    "NO_DATA",
    "Carry",
    "ClockRule",
    "CounterTotal",
    "EventRow",
    "EventSummary",
    "Interval",
    "Point",
    "QuarantineReason",
    "StateTime",
    "TimestampError",
    "carry_at",
    "clock_fault",
    "clock_fault_sentence",
    "cover",
    "day_start_us",
    "event_summary",
    "in_order",
    "iso_utc",
    "joined",
    "merged",
    "state_intervals",
    "time_in_state",
    "utc_us",
]
