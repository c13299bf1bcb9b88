"""Civil time to UTC, local days and civil hours."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars import (
    hour_slots,
    local_day_at,
    local_day_window,
    local_days,
    utc_us,
    zone_named,
)
from plantbeat.engine.calendars.civil import HOUR_US, MINUTE_US

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Africa/Casablanca",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(1985, 1, 1), date(2035, 12, 31))
# Every date on which one of the zones changes its clock in an unusual way, so that no run misses them.
STRANGE = [
    ("Pacific/Apia", date(2011, 12, 30)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("America/St_Johns", date(2008, 11, 2)),
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
]
strange_days = st.sampled_from(STRANGE).flatmap(
    lambda pair: st.tuples(
        st.just(ZoneInfo(pair[0])), st.integers(-2, 2).map(lambda n: pair[1] + timedelta(days=n))
    )
)
zone_days = st.one_of(st.tuples(zones, days), strange_days)


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", date(2024, 3, 10), 23),
        ("America/New_York", date(2024, 11, 3), 25),
        ("Europe/Berlin", date(2024, 3, 31), 23),
        ("Europe/Berlin", date(2024, 10, 27), 25),
        ("Australia/Lord_Howe", date(2024, 10, 6), 23.5),
        ("Australia/Lord_Howe", date(2024, 4, 7), 24.5),
        ("America/Sao_Paulo", date(2017, 10, 15), 23),
        ("America/Sao_Paulo", date(2018, 2, 17), 25),
        ("Asia/Kolkata", date(2024, 3, 31), 24),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Pacific/Apia", date(2011, 12, 31), 24),
    ],
)
@pytest.mark.requirement("X8", "R023")
def test_a_local_day_has_the_hours_its_clock_really_ran(zone, day, hours):
    assert local_day_window(day, ZoneInfo(zone)).length_us == hours * HOUR_US


def test_a_skipped_civil_time_is_the_first_instant_after_the_gap():
    berlin = ZoneInfo("Europe/Berlin")
    after_gap = utc("2024-03-31T01:00")
    assert utc_us(date(2024, 3, 31), time(2, 0), berlin) == after_gap
    assert utc_us(date(2024, 3, 31), time(2, 59), berlin) == after_gap
    assert utc_us(date(2024, 3, 31), time(3, 0), berlin) == after_gap
    assert utc_us(date(2024, 3, 31), time(3, 1), berlin) == after_gap + MINUTE_US


def test_a_civil_time_shown_twice_is_its_first_showing():
    assert utc_us(date(2024, 11, 3), time(1, 30), ZoneInfo("America/New_York")) == utc("2024-11-03T05:30")


def test_a_date_the_zone_skipped_is_left_out_of_the_local_days():
    apia = ZoneInfo("Pacific/Apia")
    start = local_day_window(date(2011, 12, 29), apia).start_us
    end = local_day_window(date(2011, 12, 31), apia).end_us
    assert [day.day.day for day in local_days(start, end, apia)] == [29, 31]


def test_local_days_are_whole_windows_even_where_the_range_cuts_them():
    berlin = ZoneInfo("Europe/Berlin")
    found = local_days(utc("2024-05-01T10:00"), utc("2024-05-02T22:00"), berlin)
    assert [day.day for day in found] == [date(2024, 5, 1), date(2024, 5, 2)]
    assert found[0].start_us == utc("2024-04-30T22:00")
    assert local_days(5, 5, berlin) == []


def test_the_hour_shown_twice_is_two_slots_and_half_an_hour_of_change_is_a_half_slot():
    new_york = ZoneInfo("America/New_York")
    autumn = hour_slots(local_day_window(date(2024, 11, 3), new_york), new_york)
    assert [slot.hour for slot in autumn[:4]] == [0, 1, 1, 2]
    assert len(autumn) == 25
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    half = hour_slots(local_day_window(date(2024, 4, 7), lord_howe), lord_howe)
    assert [(slot.hour, (slot.end_us - slot.start_us) // MINUTE_US) for slot in half[:4]] == [
        (0, 60),
        (1, 60),
        (1, 30),
        (2, 60),
    ]


def test_hours_of_india_start_at_half_past_in_utc():
    kolkata = ZoneInfo("Asia/Kolkata")
    slots = hour_slots(local_day_window(date(2024, 5, 1), kolkata), kolkata)
    assert {slot.start_us % HOUR_US for slot in slots} == {30 * MINUTE_US}


def test_an_unknown_zone_is_refused_with_an_example():
    with pytest.raises(ValueError, match=r"'Mars/Base' is not an IANA time zone name.*Europe/Berlin"):
        zone_named("Mars/Base")
    assert zone_named("Asia/Kolkata").key == "Asia/Kolkata"


@given(zone_days)
@settings(deadline=None)
def test_days_tile_time_and_hours_tile_the_day(zone_day):
    zone, day = zone_day
    window = local_day_window(day, zone)
    assert window.end_us == local_day_window(day + timedelta(days=1), zone).start_us
    slots = hour_slots(window, zone)
    edges = [slot.start_us for slot in slots] + [window.end_us]
    assert edges[0] == window.start_us
    assert [slot.end_us for slot in slots] == edges[1:]
    assert all(0 < slot.end_us - slot.start_us <= HOUR_US for slot in slots)
    assert hour_slots(window, zone) == slots


@given(zone_days, st.times(), st.times())
@settings(deadline=None)
def test_civil_time_to_instant_never_runs_backwards_and_reads_back(zone_day, one, other):
    zone, day = zone_day
    early, late = sorted((one, other))
    assert utc_us(day, early, zone) <= utc_us(day, late, zone)
    assert utc_us(day, late, zone) <= utc_us(day + timedelta(days=1), time(0), zone)
    instant = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=utc_us(day, late, zone))
    shown = instant.astimezone(zone).replace(tzinfo=None)
    exists = datetime.combine(day, late, tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if exists == datetime.combine(day, late):
        assert shown == exists
    else:
        assert shown > datetime.combine(day, late)


@given(zone_days, st.integers(0, 86_399_999_999))
@settings(deadline=None)
def test_the_day_of_an_instant_is_the_day_whose_window_holds_it(zone_day, into_us):
    zone, day = zone_day
    t_us = local_day_window(day, zone).start_us + into_us
    window = local_day_at(t_us, zone)
    assert window.start_us <= t_us < window.end_us
    assert window == local_day_window(window.day, zone)
