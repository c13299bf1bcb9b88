"""Whether the clock of a row can be believed.

Only two things are impossible: a time before the plant's data can begin (a controller that lost its battery
says 2002), and a time well after the row was received. A row that is merely old (a stale snapshot, a
store-and-forward backlog, a late file) or that steps backwards is real data and is kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.engine.stream.reasons import QuarantineReason
from plantbeat.engine.stream.times import HOUR_US, day_start_us, iso_utc


@dataclass(frozen=True, slots=True)
class ClockRule:
    """Earliest instant accepted (default 2010-01-01T00:00Z) and the lead accepted over the receipt (48 h)."""

    not_before_us: int = day_start_us("2010-01-01")
    ahead_us: int = 48 * HOUR_US


DEFAULT_CLOCK_RULE = ClockRule()


def clock_fault(
    at_us: int, received_us: int | None, rule: ClockRule = DEFAULT_CLOCK_RULE
) -> QuarantineReason | None:
    """Why the device time `at_us` is impossible, or None when it is to be believed.

    `received_us` is the receipt instant of a live fact. For a row of a file that names its day it is the
    start of that day: 48 h from there leave the whole day and a further 24 h, more than any time zone needs.
    None judges only the earliest date. Exactly at either limit is believed.
    """
    if at_us < rule.not_before_us:
        return QuarantineReason.CLOCK_TOO_EARLY
    if received_us is not None and at_us - received_us > rule.ahead_us:
        return QuarantineReason.CLOCK_AHEAD
    return None


def clock_fault_sentence(
    at_us: int, received_us: int | None, rule: ClockRule = DEFAULT_CLOCK_RULE
) -> str | None:
    """The same judgement as one sentence with its figures, for the quarantine page; None when believed."""
    fault = clock_fault(at_us, received_us, rule)
    said = f"The device clock says {iso_utc(at_us)}"
    if fault is QuarantineReason.CLOCK_TOO_EARLY:
        return f"{said}, before the earliest accepted {iso_utc(rule.not_before_us)}."
    if fault is QuarantineReason.CLOCK_AHEAD and received_us is not None:
        lead_h = (at_us - received_us) / HOUR_US
        limit_h = rule.ahead_us / HOUR_US
        return f"{said}, {lead_h:.1f} h after receipt at {iso_utc(received_us)}; allowed is {limit_h:g} h."
    return None
