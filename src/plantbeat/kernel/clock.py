"""The only clock of the product.

Every process of one installation reads the same clock. The demo plant runs on a clock of its own
(`PLANTBEAT_DEMO_CLOCK="real_us:shown_us:speed"`): at real instant `real_us` it showed `shown_us`, and it
runs `speed` times as fast. A test sets an instant with `at(...)`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_fixed_us: ContextVar[int | None] = ContextVar("fixed_us", default=None)


def real_us() -> int:
    """Microseconds since 1970-01-01 UTC on the machine's own clock."""
    return time.time_ns() // 1000


def now_us() -> int:
    """Microseconds since 1970-01-01 UTC as the installation's clock shows them."""
    fixed = _fixed_us.get()
    if fixed is not None:
        return fixed
    demo = os.environ.get("PLANTBEAT_DEMO_CLOCK")
    if not demo:
        return real_us()
    anchor, shown, speed = (int(part) for part in demo.split(":"))
    return shown + (real_us() - anchor) * speed


def now() -> datetime:
    """The installation's clock as an aware datetime in UTC."""
    return from_us(now_us())


def from_us(value: int) -> datetime:
    """Aware UTC datetime of integer microseconds; exact."""
    return EPOCH + timedelta(microseconds=value)


def to_us(value: datetime) -> int:
    """Integer microseconds of an aware datetime; exact."""
    return (value - EPOCH) // timedelta(microseconds=1)


@contextmanager
def at(value: datetime | int) -> Iterator[None]:
    """Hold the clock at one instant, for stories and tests."""
    token = _fixed_us.set(value if isinstance(value, int) else to_us(value))
    try:
        yield
    finally:
        _fixed_us.reset(token)
