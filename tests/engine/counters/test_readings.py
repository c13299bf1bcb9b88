"""What counts as a reading, and its exact value."""

from fractions import Fraction

import pytest

from plantbeat.engine.counters import counter_reading


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2379", 2379),
        (" 2379 ", 2379),
        ("+7", 7),
        ("007", 7),
        ("2379.000", 2379),
        ("-1", -1),
        ("12.5", Fraction(25, 2)),
        ("-0.1", Fraction(-1, 10)),
        ("0.000000001", Fraction(1, 10**9)),
    ],
)
def test_whole_and_decimal_readings_are_exact(text, value):
    reading = counter_reading(text)
    assert reading == value
    assert type(reading) is type(value)


@pytest.mark.parametrize(
    "text",
    ["", " ", "UNAVAILABLE", "nan", "inf", "1e9", "1_000", "1,5", "0x10", ".5", "5.", "--1", "٣", "9" * 19],
)
def test_what_is_no_number_is_no_reading(text):
    assert counter_reading(text) is None
