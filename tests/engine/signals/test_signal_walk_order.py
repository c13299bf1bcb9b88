"""Which place comes first on a walk."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.signals.walk_order import (
    MOST_NEW,
    MOST_SURPRISE,
    MOST_UNSEEN,
    PlaceSigns,
    place_score,
    walk_order,
)


def test_places_with_more_to_see_come_first_and_say_why() -> None:
    order = walk_order(
        [
            PlaceSigns("L1", unseen_days=1.0),
            PlaceSigns("L2", surprise_bits=12.0, repeats=1, unseen_days=0.5),
            PlaceSigns("L3", unseen_days=None, new_people=1),
        ]
    )
    assert [one.code for one in order] == ["L2", "L3", "L1"]
    assert (order[0].surprise, order[0].repeats) == (3.0, 2.0)
    assert order[1].unseen == MOST_UNSEEN, "nobody was ever recorded there"
    assert order[0].points == order[0].surprise + order[0].repeats + order[0].unseen


def test_places_alike_come_by_their_code() -> None:
    alike = [PlaceSigns("B", unseen_days=0.0), PlaceSigns("A", unseen_days=0.0)]
    assert [one.code for one in walk_order(alike)] == ["A", "B"]


@given(
    bits=st.floats(0, 1e6),
    repeats=st.integers(0, 99),
    days=st.none() | st.floats(0, 1e4),
    new=st.integers(0, 50),
)
def test_no_part_outgrows_its_limit(bits: float, repeats: int, days: float | None, new: int) -> None:
    one = place_score(PlaceSigns("L1", bits, repeats, days, new))
    assert 0 <= one.surprise <= MOST_SURPRISE
    assert 0 <= one.repeats <= 6
    assert 0 <= one.unseen <= MOST_UNSEEN
    assert 0 <= one.new_people <= MOST_NEW
