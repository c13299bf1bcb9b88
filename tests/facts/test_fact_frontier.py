"""The numbers of a source: what has arrived, and up to where all of it."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from plantbeat.facts.frontier import Frontier

numbers = st.lists(st.integers(1, 60), max_size=120)


def test_numbers_in_order_move_the_frontier():
    frontier = Frontier()
    assert [frontier.take(seq) for seq in (1, 2, 3)] == [True, True, True]
    assert (frontier.up_to, frontier.ahead, frontier.highest) == (3, [], 3)


def test_a_gap_holds_the_frontier_until_it_is_filled():
    frontier = Frontier()
    for seq in (1, 2, 5, 4, 7):
        frontier.take(seq)
    assert (frontier.up_to, frontier.ahead, frontier.highest) == (2, [(4, 5), (7, 7)], 7)
    frontier.take(3)
    assert (frontier.up_to, frontier.ahead) == (5, [(7, 7)])
    assert frontier.first_missing == 6


def test_a_number_is_taken_once():
    frontier = Frontier(3, [(6, 8)])
    assert [frontier.take(seq) for seq in (1, 3, 6, 7, 8)] == [False] * 5
    assert 0 not in frontier
    assert "7" not in frontier


def test_what_is_taken_on_a_copy_is_not_taken_here():
    frontier = Frontier(1, [(5, 5)])
    copy = frontier.copy()
    copy.take(2)
    copy.take(6)
    assert frontier == Frontier(1, [(5, 5)])


@given(numbers)
def test_the_frontier_is_the_longest_run_from_one_and_the_spans_are_the_rest(arrived):
    frontier, seen = Frontier(), set()
    for seq in arrived:
        assert frontier.take(seq) == (seq not in seen)
        seen.add(seq)
    run = next(n for n in range(62) if n + 1 not in seen)
    assert frontier.up_to == run
    assert {s for first, last in frontier.ahead for s in range(first, last + 1)} == {
        s for s in seen if s > run
    }
    for (_, last), (first, _) in zip(frontier.ahead, frontier.ahead[1:], strict=False):
        assert first > last + 1
    assert all(first <= last for first, last in frontier.ahead)
    assert [seq in frontier for seq in range(1, 62)] == [seq in seen for seq in range(1, 62)]
    assert frontier.highest == max(seen, default=0)


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(arrived, dice: random.Random):
    shuffled = arrived[:]
    dice.shuffle(shuffled)
    one, other = Frontier(), Frontier()
    for seq in arrived:
        one.take(seq)
    for seq in shuffled:
        other.take(seq)
    assert one == other


@given(numbers)
def test_a_stored_frontier_reads_back_the_same(arrived):
    frontier = Frontier()
    for seq in arrived:
        frontier.take(seq)
    assert Frontier.of(frontier.up_to, frontier.spans_text()) == frontier
