"""The summary of an event table: every row is counted, once, as figures or as quarantine."""

import random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.stream import (
    ClockRule,
    CounterTotal,
    EventRow,
    QuarantineReason,
    StateTime,
    day_start_us,
    event_summary,
    iso_utc,
    utc_us,
)

MINUTE_US = 60_000_000


def row(time, value, key="execution", file_date=""):
    return EventRow(f"2026-05-04T{time}Z", key, value, file_date)


def test_time_and_intervals_by_state_leave_the_open_one_out():
    rows = [row("06:00", "ACTIVE"), row("06:30", "READY"), row("06:40", "ACTIVE"), row("07:00", "READY")]
    summary = event_summary(rows, state_key="execution")
    assert summary.rows == 4
    assert summary.quarantined == {}
    assert summary.states == {"ACTIVE": StateTime(50 * MINUTE_US, 2), "READY": StateTime(10 * MINUTE_US, 1)}
    assert summary.keys == {"execution": 4}


def test_repeats_are_dropped_but_a_state_said_again_later_is_an_interval_of_its_own():
    rows = [row("06:00", "ACTIVE"), row("06:30", "ACTIVE"), row("06:00", "ACTIVE"), row("07:00", "READY")]
    summary = event_summary(rows, state_key="execution")
    assert summary.rows == 4
    assert summary.quarantined == {}
    assert summary.states == {"ACTIVE": StateTime(60 * MINUTE_US, 2)}


def test_rows_of_one_instant_stand_in_the_order_of_the_file():
    rows = [row("07:00", "READY"), row("06:00", "ACTIVE"), row("06:00", "STOPPED")]
    summary = event_summary(rows, state_key="execution")
    assert summary.states == {"ACTIVE": StateTime(0, 1), "STOPPED": StateTime(60 * MINUTE_US, 1)}


def test_digits_below_a_microsecond_do_not_make_two_rows_of_one():
    rows = [row("06:00:00.1234561", "ACTIVE"), row("06:00:00.1234569", "ACTIVE"), row("06:01", "READY")]
    assert event_summary(rows, state_key="execution").states["ACTIVE"].intervals == 1


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (None, QuarantineReason.MALFORMED_ROW),
        (row("06:10", "READY", key=""), QuarantineReason.NO_KEY),
        (row("06:10", " "), QuarantineReason.NO_STATE),
        (EventRow("04.05.2026 06:10", "execution", "READY"), QuarantineReason.BAD_TIMESTAMP),
        (EventRow("", "execution", "READY"), QuarantineReason.BAD_TIMESTAMP),
        (row("06:10", "READY", file_date="yesterday"), QuarantineReason.BAD_FILE_DATE),
        (row("06:10", "READY", file_date="20261301"), QuarantineReason.BAD_FILE_DATE),
        (EventRow("2002-01-01T04:11:02.7968750Z", "execution", "READY"), QuarantineReason.CLOCK_TOO_EARLY),
        (row("06:10", "READY", file_date="20260501"), QuarantineReason.CLOCK_AHEAD),
    ],
)
def test_a_row_that_cannot_be_believed_is_counted_by_reason_and_left_out(bad, reason):
    good = [row("06:00", "ACTIVE"), row("07:00", "READY")]
    summary = event_summary([good[0], bad, good[1]], state_key="execution")
    assert summary.rows == 3
    assert summary.quarantined == {reason: 1}
    assert summary.states == event_summary(good, state_key="execution").states


def test_48_hours_count_from_the_start_of_the_file_date():
    at_limit = EventRow("2026-05-03T00:00:00.000000Z", "execution", "ACTIVE", "20260501")
    beyond = EventRow("2026-05-03T00:00:00.000001Z", "execution", "READY", "2026-05-01")
    summary = event_summary([at_limit, beyond], state_key="execution")
    assert summary.quarantined == {QuarantineReason.CLOCK_AHEAD: 1}


def test_a_file_date_may_be_an_instant():
    rows = [EventRow("2026-05-03T13:00Z", "execution", "ACTIVE", "2026-05-01T12:00:00Z")]
    assert event_summary(rows, state_key="execution").quarantined == {QuarantineReason.CLOCK_AHEAD: 1}
    rows = [EventRow("2026-05-03T11:00Z", "execution", "ACTIVE", "2026-05-01T12:00:00Z")]
    assert event_summary(rows, state_key="execution").quarantined == {}


def test_rows_without_a_file_date_are_judged_against_the_receipt():
    rows = [row("06:00", "ACTIVE"), row("07:00", "READY")]
    received_us = utc_us("2026-05-01T00:00Z")
    summary = event_summary(rows, state_key="execution", received_us=received_us)
    assert summary.quarantined == {QuarantineReason.CLOCK_AHEAD: 2}
    assert event_summary(rows, state_key="execution", received_us=received_us + 2 * 86_400_000_000).states


def test_the_earliest_date_can_be_declared():
    rows = [EventRow("2009-05-04T06:00Z", "execution", "A"), EventRow("2009-05-04T07:00Z", "execution", "B")]
    assert event_summary(rows, state_key="execution").states == {}
    rule = ClockRule(not_before_us=day_start_us("2000-01-01"))
    assert event_summary(rows, state_key="execution", clock=rule).states == {
        "A": StateTime(60 * MINUTE_US, 1)
    }


@pytest.mark.requirement("X8")
def test_times_without_offset_are_read_in_the_zone_given_across_the_change_of_clocks():
    rows = [
        EventRow("2026-03-29T01:00:00", "execution", "ACTIVE"),
        EventRow("2026-03-29T04:00:00", "execution", "READY"),
    ]
    local = event_summary(rows, state_key="execution", zone=ZoneInfo("Europe/Berlin"))
    assert local.states["ACTIVE"].length_us == 120 * MINUTE_US
    assert event_summary(rows, state_key="execution").states["ACTIVE"].length_us == 180 * MINUTE_US


def test_a_counter_ignores_values_that_are_no_numbers_and_tells_an_open_drop():
    values = ["UNAVAILABLE", "7", "9.0", "", "12", "0"]
    rows = [row(f"06:0{minute}", value, key="count") for minute, value in enumerate(values)]
    summary = event_summary(
        [*rows, row("06:30", "ACTIVE")], state_key="execution", counter_keys=["count", "none"]
    )
    assert summary.counters == {"count": CounterTotal(5, 4, True), "none": CounterTotal(None, 0, False)}
    assert summary.quarantined == {}


def test_one_key_can_be_state_and_counter():
    rows = [row("06:00", "1"), row("06:30", "2"), row("06:40", "5")]
    summary = event_summary(rows, state_key="execution", counter_keys=["execution"])
    assert summary.counters["execution"].advance == 4
    assert summary.states["1"].intervals == 1


def test_an_empty_table_is_an_empty_summary():
    summary = event_summary([], state_key="execution", counter_keys=["count"])
    assert (summary.rows, summary.quarantined, summary.states, summary.keys) == (0, {}, {}, {})


tables = st.lists(
    st.tuples(st.integers(0, 10_000), st.sampled_from(["ACTIVE", "READY", "STOPPED"])),
    unique_by=lambda pair: pair[0],
    max_size=30,
)


@pytest.mark.requirement("R159")
@settings(max_examples=200)
@given(tables, st.randoms(use_true_random=False))
def test_rows_shuffled_and_repeated_give_the_same_summary(table, chance):
    start_us = utc_us("2026-05-04T06:00Z")
    rows = [EventRow(iso_utc(start_us + at * 1000), "execution", value) for at, value in table]
    shuffled = rows + rows[: chance.randrange(5)]
    random.Random(chance.random()).shuffle(shuffled)
    once, again = event_summary(rows, state_key="execution"), event_summary(shuffled, state_key="execution")
    assert again.states == once.states
    assert again.rows == len(shuffled)
    span_us = (max(at for at, _ in table) - min(at for at, _ in table)) * 1000 if table else 0
    assert sum(time.length_us for time in once.states.values()) == span_us
