"""Reading the outbox: nothing is missed though ids become visible out of order; old messages go."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.facts.live.progress import DAY_US, Progress, prune
from plantbeat.kernel import clock
from plantbeat.kernel.outbox import Outbox


@given(st.permutations(range(1, 25)), st.lists(st.integers(0, 23), max_size=10))
def test_every_id_is_taken_exactly_once_in_whatever_order_transactions_commit(
    commits: list[int], looks: list[int]
) -> None:
    progress, taken, visible = Progress(0), [], set()
    for place, one in enumerate(commits):
        visible.add(one)
        if place in looks:
            taken += progress.take(sorted(i for i in visible if i > progress.low), now_s=0)
    taken += progress.take(sorted(i for i in visible if i > progress.low), now_s=1)
    assert sorted(taken) == sorted(commits)
    assert (progress.low, progress.high) == (24, 24)


def test_an_id_that_never_comes_is_given_up_after_a_while() -> None:
    progress = Progress(0, patience_s=30)
    assert progress.take([1, 3, 4], now_s=0) == [1, 3, 4]
    assert progress.low == 1
    assert progress.take([3, 4, 6], now_s=29) == [6]
    assert progress.low == 1
    progress.take([3, 4, 6], now_s=31)
    assert progress.low == 4, "2 was rolled back; 5 is waited for on its own account"
    progress.take([6], now_s=62)
    progress.take([6], now_s=93)
    assert progress.low == 6


def test_an_id_that_comes_late_but_in_time_is_not_lost() -> None:
    progress = Progress(10)
    assert progress.take([12], now_s=0) == [12]
    assert progress.take([11, 12], now_s=20) == [11]
    assert progress.low == 12


@pytest.fixture
def messages(db: Any) -> list[int]:
    now = clock.now_us()
    rows = [Outbox(at_us=now - age * DAY_US, topic="t") for age in (9, 8, 8, 3, 1, 0)]
    return [row.pk for row in Outbox.objects.bulk_create(rows)]


def left() -> list[int]:
    return list(Outbox.objects.order_by("id").values_list("id", flat=True))


@pytest.mark.parametrize("chunk", [1, 2, 5_000])
def test_messages_older_than_some_days_go_whatever_the_chunk(messages: list[int], chunk: int) -> None:
    assert prune(7, chunk=chunk) == 3
    assert left() == messages[3:]
    assert prune(7, chunk=chunk) == 0


def test_messages_a_reader_still_needs_stay(messages: list[int]) -> None:
    assert prune(7, needed_from=messages[1]) == 1
    assert left() == messages[1:]


def test_an_empty_outbox_is_no_trouble(db: Any) -> None:
    assert prune(7) == 0
