"""Only impossible clocks are refused; old and backward rows are real data."""

import pytest

from plantbeat.engine.stream import ClockRule, QuarantineReason, clock_fault, clock_fault_sentence, utc_us

RECEIVED = utc_us("2017-05-01T00:00:00Z")
HOUR_US = 3_600_000_000


def test_a_clock_that_lost_its_battery_is_too_early():
    assert clock_fault(utc_us("2002-01-01T04:11:02.796Z"), RECEIVED) is QuarantineReason.CLOCK_TOO_EARLY


def test_the_earliest_date_itself_is_believed():
    limit = utc_us("2010-01-01T00:00:00Z")
    assert clock_fault(limit, RECEIVED) is None
    assert clock_fault(limit - 1, RECEIVED) is QuarantineReason.CLOCK_TOO_EARLY


def test_exactly_48_hours_ahead_is_believed_and_a_microsecond_more_is_not():
    assert clock_fault(RECEIVED + 48 * HOUR_US, RECEIVED) is None
    assert clock_fault(RECEIVED + 48 * HOUR_US + 1, RECEIVED) is QuarantineReason.CLOCK_AHEAD


@pytest.mark.parametrize("age_h", [1, 48, 24 * 400, 24 * 365 * 7])
def test_a_merely_old_row_is_believed_however_late_it_comes(age_h):
    assert clock_fault(RECEIVED - age_h * HOUR_US, RECEIVED) is None


def test_without_a_receipt_only_the_earliest_date_is_judged():
    assert clock_fault(RECEIVED + 10_000 * HOUR_US, None) is None
    assert clock_fault(0, None) is QuarantineReason.CLOCK_TOO_EARLY


def test_both_limits_can_be_declared():
    rule = ClockRule(not_before_us=RECEIVED, ahead_us=HOUR_US)
    assert clock_fault(RECEIVED - 1, RECEIVED, rule) is QuarantineReason.CLOCK_TOO_EARLY
    assert clock_fault(RECEIVED + HOUR_US + 1, RECEIVED, rule) is QuarantineReason.CLOCK_AHEAD


def test_the_sentence_names_what_the_clock_said_and_what_is_accepted():
    early = clock_fault_sentence(utc_us("2002-01-01T04:11:02Z"), RECEIVED)
    assert early is not None
    assert "2002-01-01T04:11:02" in early
    assert "2010-01-01" in early
    ahead = clock_fault_sentence(RECEIVED + 50 * HOUR_US, RECEIVED)
    assert ahead is not None
    assert "50.0 h" in ahead
    assert "48 h" in ahead
    assert clock_fault_sentence(RECEIVED, RECEIVED) is None


def test_every_reason_has_a_code_and_a_sentence():
    assert len(QuarantineReason) == 7
    for reason in QuarantineReason:
        assert reason.value == reason.value.lower()
        assert reason.sentence.endswith(".")
