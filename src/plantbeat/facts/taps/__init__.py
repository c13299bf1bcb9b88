"""Taps: what operators did on tablets, done exactly once however often it is sent.

A tablet numbers its taps from 1 without holes and keeps them until the plant has answered. Here each
number gets one outcome, in the transaction that does it; the same number again is told that outcome.
An area says what a kind of tap does with `@tap("count", by=FLOOR)`.
"""

from plantbeat.facts.taps.registry import TapIn, TapKind, tap

__all__ = ["TapIn", "TapKind", "tap"]
