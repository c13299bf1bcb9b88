"""Due rows: one that always fails holds back no other, is said each time, and rests longer each time."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.areas.due_rows import LONGEST_AGAIN_S, DueRows
from plantbeat.kernel import clock

START_US, SECOND_US = 1_770_000_000_000_000, 1_000_000


def look(rows: DueRows, second: float, broken: set[int], of: range = range(4)) -> list[int]:
    """Which rows were done in one look at them."""
    done: list[int] = []

    def do(row: int) -> bool:
        if row in broken:
            raise ValueError(f"there is no {row}")
        done.append(row)
        return True

    with clock.at(START_US + round(second * SECOND_US)):
        assert rows.each(of, do, key=lambda row: row) == len(done)
    return done


@given(broken=st.sets(st.integers(0, 9)))
def test_every_row_that_can_be_done_is_done_in_the_same_look(broken):
    assert look(DueRows("row", 2), 0, broken, range(10)) == [row for row in range(10) if row not in broken]


def test_a_row_that_fails_is_tried_again_at_a_growing_pace_and_said_each_time(caplog):
    rows, tries = DueRows("rung", 2), []
    for second in range(2_000):
        before = len(caplog.records)
        look(rows, second, {7}, range(7, 8))
        if len(caplog.records) > before:
            tries.append(second)
    assert tries == [0, 2, 6, 14, 30, 62, 126, 254, 510, 1022, 1022 + LONGEST_AGAIN_S]
    first = caplog.records[0]
    assert (first.levelno, first.getMessage()) == (logging.ERROR, "rung 7 failed, 1 in a row; again in 2 s")
    assert "there is no 7" in first.exc_text


def test_a_row_that_is_done_at_last_is_said_and_starts_over(caplog):
    rows = DueRows("rung", 2)
    look(rows, 0, {1})
    assert look(rows, 1, set()) == [0, 2, 3]
    assert look(rows, 2, set()) == [0, 1, 2, 3]
    assert caplog.records[-1].getMessage() == "rung 1: done after it had failed"
    look(rows, 3, {1})
    assert caplog.records[-1].getMessage() == "rung 1 failed, 1 in a row; again in 2 s"


def test_a_database_that_is_away_stops_the_look_and_the_next_one_goes_on_with_the_other_rows():
    rows = DueRows("rung", 2)

    def away(row: int) -> bool:
        if row == 1:
            raise OperationalError("the server closed the connection")
        return True

    with clock.at(START_US):
        with pytest.raises(OperationalError):
            rows.each(range(4), away, key=lambda row: row)
        assert rows.each(range(4), away, key=lambda row: row) == 3
