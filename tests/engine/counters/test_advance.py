"""A counter's advance survives glitches, resets and wraps, and does not depend on where a day is cut."""

from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.counters import (
    UNREAD,
    CounterRule,
    CounterState,
    Step,
    counter_advance,
    reading_advance,
)


def advance(*readings, rule=CounterRule()):  # noqa: B008  (frozen)
    return counter_advance(readings, rule)[0]


def steps(*readings, rule=CounterRule()):  # noqa: B008  (frozen)
    state, found = UNREAD, []
    for reading in readings:
        amount, step, state = reading_advance(state, reading, rule)
        found.append((amount, step))
    return found


def look_ahead_advance(readings, rule):
    """The rule told the other way round: at each drop, look forward for the first reading above the low."""
    readings = [r % rule.modulus for r in readings] if rule.modulus else [r for r in readings if r >= 0]
    total, at = 0, 0
    while at < len(readings) - 1:
        here, ahead = readings[at], at + 1
        low = readings[ahead]
        if low >= here:
            total, at = total + low - here, ahead
            continue
        while ahead < len(readings) and readings[ahead] <= low:
            low, ahead = readings[ahead], ahead + 1
        if ahead == len(readings):
            return total
        decided = readings[ahead]
        if decided >= here:
            total += decided - here
        elif rule.modulus and (low - here) % rule.modulus <= (rule.largest_step or rule.modulus // 2):
            total += (low - here) % rule.modulus + decided - low
        else:
            start = low if rule.restarts_at is None else min(low, rule.restarts_at)
            total += decided - start
        at = ahead
    return total


def test_increases_add_up_from_the_first_reading_on():
    assert steps(10, 10, 14) == [(0, Step.START), (0, Step.COUNT), (4, Step.COUNT)]


def test_a_fall_to_zero_and_back_is_a_glitch():
    assert advance(2379, 0, 2379, 0, 2388) == 9
    assert steps(2379, 0, 2388)[-1] == (9, Step.GLITCH)
    assert advance(2379, 0, 0, 0, 2380) == 1


def test_a_fall_and_a_climb_from_low_is_a_reset_counted_from_the_low_value():
    assert steps(100, 3, 5, 8) == [(0, Step.START), (0, Step.DROP), (2, Step.RESET), (3, Step.COUNT)]
    assert advance(100, 0, 4) == 4
    assert advance(100, 50, 3, 5) == 2


def test_a_declared_restart_counts_what_passed_before_the_first_reading_after_it():
    assert advance(100, 3, 5, rule=CounterRule(restarts_at=0)) == 5
    assert advance(100, 3, 5, rule=CounterRule(restarts_at=4)) == 2


def test_a_drop_is_counted_only_once_it_is_decided():
    total, state = counter_advance([100, 3])
    assert (total, state) == (0, CounterState(settled=100, low=3))
    assert state.undecided
    assert counter_advance([3, 3], state=state) == (0, state)
    assert counter_advance([7], state=state) == (4, CounterState(settled=7))
    assert counter_advance([101], state=state) == (1, CounterState(settled=101))


def test_a_register_that_starts_over_wraps_at_its_modulus():
    rule = CounterRule(modulus=65_536)
    assert advance(65_530, 5, 9, rule=rule) == 15
    assert steps(65_530, 5, 9, rule=rule)[-1] == (15, Step.WRAP)
    assert advance(65_530, 0, 65_531, rule=rule) == 1


def test_with_a_modulus_a_fall_far_from_its_end_is_a_reset():
    assert advance(1000, 0, 4, rule=CounterRule(modulus=65_536)) == 4
    assert advance(40_000, 0, 4, rule=CounterRule(modulus=65_536, largest_step=500)) == 4


def test_a_signed_register_reads_right_with_its_modulus():
    assert advance(32_760, -32_766, -32_760, rule=CounterRule(modulus=65_536)) == 16


def test_a_negative_error_code_is_no_reading():
    assert advance(-1, 100, -1, 103, rule=CounterRule()) == 3
    assert steps(-1) == [(0, Step.NOT_A_READING)]


def test_decimals_are_counted_exactly():
    tenth = Fraction(1, 10)
    assert advance(*(tenth * n for n in range(4))) == Fraction(3, 10)


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"modulus": 1}, "modulus is 1; allowed is 2 or more"),
        ({"largest_step": 5}, "declare the modulus too"),
        ({"modulus": 10, "largest_step": 10}, "allowed is 1 to 9"),
        ({"modulus": 10, "largest_step": 0}, "allowed is 1 to 9"),
        ({"restarts_at": -1}, "allowed is 0 or more"),
    ],
)
def test_a_rule_that_cannot_be_is_refused(declared, sentence):
    with pytest.raises(ValueError, match=sentence):
        CounterRule(**declared)


readings = st.lists(st.integers(-1, 30), max_size=25)
climbing = st.lists(st.integers(0, 50), min_size=1, max_size=30).map(lambda steps: list(accumulate(steps)))
rules = st.sampled_from(
    [
        CounterRule(),
        CounterRule(restarts_at=0),
        CounterRule(modulus=32),
        CounterRule(modulus=32, largest_step=5),
        CounterRule(modulus=32, restarts_at=1),
    ]
)


@settings(max_examples=500)
@given(readings, rules)
def test_one_reading_at_a_time_equals_looking_ahead_over_the_whole_history(values, rule):
    assert counter_advance(values, rule)[0] == look_ahead_advance(values, rule)


@pytest.mark.requirement("R161")
@settings(max_examples=500)
@given(readings, rules, st.lists(st.integers(0, 25), max_size=4))
def test_days_computed_from_the_carried_state_add_up_to_the_whole(values, rule, cuts):
    edges = sorted({0, len(values), *(min(cut, len(values)) for cut in cuts)})
    total, state = 0, UNREAD
    for start, end in pairwise(edges):
        amount, state = counter_advance(values[start:end], rule, state)
        total += amount
    assert (total, state) == counter_advance(values, rule)


@given(climbing, rules.filter(lambda rule: rule.modulus is None))
def test_without_glitches_the_advance_is_the_plain_difference(values, rule):
    assert counter_advance(values, rule)[0] == values[-1] - values[0]


@given(st.data(), climbing)
def test_zeros_thrown_in_between_change_nothing(data, values):
    noisy = [values[0]]
    for value in values[1:]:
        noisy += [0] * data.draw(st.integers(0, 2)) + [value]
    assert counter_advance(noisy)[0] == values[-1] - values[0]


@given(readings, rules)
def test_readings_sent_twice_in_a_row_change_nothing(values, rule):
    twice = [value for value in values for _ in range(2)]
    assert counter_advance(twice, rule) == counter_advance(values, rule)


@given(readings, rules)
def test_no_reading_ever_takes_away(values, rule):
    assert all(amount >= 0 for amount, _ in steps(*values, rule=rule))


@given(st.lists(st.integers(1, 50), min_size=2, max_size=80))
def test_a_wrapping_register_gives_the_true_count_however_often_it_wraps(made):
    true = list(accumulate([0, *made, 1]))
    total, state = counter_advance([count % 1000 for count in true], CounterRule(modulus=1000))
    assert total == true[-1] - (state.undecided and (true[-1] - true[-2]))


@given(st.lists(st.lists(st.integers(1, 9), min_size=12, max_size=20), min_size=1, max_size=5))
def test_a_counter_set_to_zero_at_every_order_adds_up_its_orders(orders):
    values = [reading for made in orders for reading in accumulate([0, *made])]
    assert counter_advance(values)[0] == sum(sum(made) for made in orders)
