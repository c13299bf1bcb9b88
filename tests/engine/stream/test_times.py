"""Timestamps of every shape become integer microseconds, exactly."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.stream import TimestampError, day_start_us, iso_utc, utc_us

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
instants = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29))  # noqa: DTZ001


def exact_us(moment):
    return (moment - EPOCH) // MICROSECOND


@pytest.mark.parametrize(
    ("fraction", "microseconds"),
    [
        ("", 0),
        (".7", 700_000),
        (".79", 790_000),
        (".796", 796_000),
        (".7968", 796_800),
        (".79687", 796_870),
        (".796875", 796_875),
        (".7968759", 796_875),
        (".79687599", 796_875),
        (".796875999", 796_875),
        (",7968750", 796_875),
    ],
)
def test_none_to_nine_fractional_digits_are_read_and_floored(fraction, microseconds):
    assert utc_us(f"2017-05-01T04:11:02{fraction}Z") == 1_493_611_862_000_000 + microseconds


@pytest.mark.parametrize(
    "text",
    [
        "2017-05-01T04:11:00Z",
        "2017-05-01 04:11:00z",
        "2017-05-01t04:11Z",
        "2017-05-01T04:11:00",
        " 2017-05-01T04:11:00.0 ",
        "2017-05-01T06:11:00+02:00",
        "2017-05-01T06:11+02",
        "2017-04-30T23:41:00-0430",
        "20170501T041100Z",
        "20170501T0411",
        "20170501T064100.000+0230",
    ],
)
def test_extended_basic_offset_and_offset_less_forms_of_one_instant_agree(text):
    assert utc_us(text) == 1_493_611_860_000_000


def test_fractions_before_1970_are_floored_towards_the_past():
    assert utc_us("1969-12-31T23:59:59.9999999Z") == -1
    assert utc_us("1969-12-31T23:59:59.0000001Z") == -1_000_000


def test_end_of_day_and_leap_second_are_the_next_midnight():
    midnight = utc_us("2017-01-01T00:00:00Z")
    assert utc_us("2016-12-31T24:00:00Z") == midnight
    assert utc_us("20161231T2400Z") == midnight
    assert utc_us("2016-12-31T23:59:60.25Z") == midnight + 250_000
    assert utc_us("2016-12-31T18:59:60-05:00") == midnight


@pytest.mark.requirement("X8")
def test_a_named_zone_applies_only_to_times_without_an_offset():
    berlin = ZoneInfo("Europe/Berlin")
    assert utc_us("2026-07-01T08:00:00", berlin) == utc_us("2026-07-01T06:00:00Z")
    assert utc_us("2026-01-01T08:00:00", berlin) == utc_us("2026-01-01T07:00:00Z")
    assert utc_us("2026-07-01T08:00:00Z", berlin) == utc_us("2026-07-01T08:00:00Z")


@pytest.mark.requirement("X8")
def test_local_times_at_the_change_of_clocks_take_the_first_and_the_unmoved_reading():
    berlin = ZoneInfo("Europe/Berlin")
    assert utc_us("2026-10-25T02:30:00", berlin) == utc_us("2026-10-25T00:30:00Z")
    assert utc_us("2026-03-29T02:30:00", berlin) == utc_us("2026-03-29T01:30:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UNAVAILABLE",
        "2017-05-01",
        "2017-13-01T00:00:00Z",
        "2017-02-29T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2017-05-01T25:00:00Z",
        "2017-05-01T24:00:01Z",
        "20170501T240000.5Z",
        "2017-05-01T24:30:00Z",
        "2017-05-01T10:60:00Z",
        "2017-05-01T10:15:60Z",
        "2017-05-01T10:15:61Z",
        "2017-05-01T10:15:00.Z",
        "2017-05-01T10:15:00.1234567890Z",
        "2017-05-01T10:15:00+24:00",
        "2017-05-01T10:15:00+01:60",
        "2017-05-01T1:15:00Z",
        "+2017-05-01T10:15:00Z",
        "٢٠١٧-05-01T10:15:00Z",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
    ],
)
def test_anything_else_is_refused_with_a_sentence(text):
    with pytest.raises(TimestampError) as fault:
        utc_us(text)
    assert len(str(fault.value)) > 20


@given(instants, st.integers(-23 * 60 - 59, 23 * 60 + 59), st.integers(0, 999))
def test_any_instant_with_any_offset_and_nine_digits_equals_exact_arithmetic(wall, offset_min, nanoseconds):
    offset = timezone(timedelta(minutes=offset_min))
    moment = wall.replace(tzinfo=offset)
    sign, size = ("-" if offset_min < 0 else "+"), abs(offset_min)
    text = f"{wall.isoformat(timespec='microseconds')}{nanoseconds:03}{sign}{size // 60:02}:{size % 60:02}"
    assert utc_us(text) == exact_us(moment)


@given(instants)
def test_what_is_shown_is_read_back_exactly(moment):
    at_us = exact_us(moment.replace(tzinfo=UTC))
    shown = iso_utc(at_us)
    assert shown.endswith("Z")
    assert len(shown) == 27
    assert utc_us(shown) == at_us


@given(instants, st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"]))
def test_local_wall_times_equal_the_standard_library(wall, name):
    zone = ZoneInfo(name)
    assert utc_us(wall.isoformat(), zone) == exact_us(wall.replace(tzinfo=zone))


def test_a_date_starts_at_midnight_of_its_zone():
    assert day_start_us("20170501") == day_start_us("2017-05-01") == utc_us("2017-05-01T00:00Z")
    assert day_start_us("2026-07-01", ZoneInfo("Europe/Berlin")) == utc_us("2026-06-30T22:00Z")


@pytest.mark.parametrize("text", ["", "2017-0501", "201705-01", "2017-05-32", "01.05.2017", "yesterday"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(TimestampError):
        day_start_us(text)
