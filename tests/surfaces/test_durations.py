"""Durations as people say them."""

from __future__ import annotations

import pytest

from plantbeat.surfaces.templatetags.records import duration, minutes

S, MIN, H = 1_000_000, 60_000_000, 3_600_000_000


@pytest.mark.parametrize(
    ("us", "said"),
    [
        (0, "0 s"),
        (38 * S, "38 s"),
        (12 * MIN, "12 min"),
        (7 * MIN + 30 * S, "7.5 min"),
        (59 * MIN + 29 * S, "59.5 min"),
        (59 * MIN + 45 * S, "1 h 0 min"),
        (30 * H + 43 * MIN + 10 * S, "30 h 43 min"),
        (1234 * H, "1,234 h 0 min"),
        (-(5 * MIN), "−5 min"),
    ],
)
def test_a_duration_is_said_in_hours_and_minutes(us, said):
    assert duration(us) == said


def test_so_many_minutes_are_said_the_same_way():
    assert minutes(1843) == "30 h 43 min"
    assert minutes(20) == "20 min"
    assert minutes(0) == "0 min"
