"""Rough-cut load: placed by need date, nothing lost, nothing counted twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.mrp import Bucket, Step, needs_back_from_due, rough_cut_load

pytestmark = pytest.mark.requirement("R003")

HOUR_US = 3_600_000_000
WEEK_US = 7 * 24 * HOUR_US


def weeks(count: int, **available_h: int) -> list[Bucket]:
    offered = {centre: hours * HOUR_US for centre, hours in available_h.items()}
    return [Bucket(week * WEEK_US, (week + 1) * WEEK_US, offered) for week in range(count)]


def test_each_step_is_needed_as_much_earlier_as_those_after_it_take():
    steps = [Step("CUT", 4 * HOUR_US, queue_us=2 * HOUR_US), Step("WELD", 6 * HOUR_US)]
    cut, weld = needs_back_from_due("WO-1", 100 * HOUR_US, steps)
    assert (weld.centre, weld.by_us) == ("WELD", 100 * HOUR_US)
    assert (cut.centre, cut.by_us) == ("CUT", 92 * HOUR_US)


def test_a_week_with_more_load_than_hours_says_how_much_is_missing():
    needs = [
        need
        for number in range(3)
        for need in needs_back_from_due(f"WO-{number}", WEEK_US // 2, [Step("WELD", 20 * HOUR_US)])
    ]
    table, beyond = rough_cut_load(needs, weeks(2, WELD=40, CUT=40))
    first, second = table["WELD"]
    assert first.utilisation.value == 150
    assert first.short_us == 20 * HOUR_US
    assert first.orders == dict.fromkeys(("WO-0", "WO-1", "WO-2"), 20 * HOUR_US)
    assert (second.load_us, beyond) == (0, [])
    assert [cell.load_us for cell in table["CUT"]] == [0, 0]


def test_what_is_past_due_is_load_of_the_first_week_and_marked():
    table, _ = rough_cut_load(
        needs_back_from_due("WO-1", -HOUR_US, [Step("WELD", HOUR_US)]), weeks(2, WELD=40)
    )
    assert [(cell.load_us, cell.overdue_us) for cell in table["WELD"]] == [(HOUR_US, HOUR_US), (0, 0)]


def test_a_centre_without_hours_has_no_utilisation_but_its_load_is_short():
    table, _ = rough_cut_load(needs_back_from_due("WO-1", HOUR_US, [Step("OVEN", HOUR_US)]), weeks(1))
    assert table["OVEN"][0].utilisation.value is None
    assert table["OVEN"][0].short_us == HOUR_US


def test_buckets_with_a_gap_are_refused():
    with pytest.raises(ValueError, match="gap"):
        rough_cut_load([], [weeks(1)[0], weeks(3)[2]])


orders = st.lists(
    st.tuples(
        st.integers(-2 * WEEK_US, 6 * WEEK_US),
        st.lists(
            st.builds(Step, st.sampled_from("ABC"), st.integers(0, WEEK_US), st.integers(0, WEEK_US)),
            max_size=4,
        ),
    ),
    max_size=12,
)


@given(orders, st.integers(1, 5))
def test_the_load_of_all_weeks_and_beyond_is_the_load_of_the_orders(given_orders, count):
    needs = [
        need
        for number, (due_us, steps) in enumerate(given_orders)
        for need in needs_back_from_due(str(number), due_us, steps)
    ]
    table, beyond = rough_cut_load(needs, weeks(count, A=40))
    for centre in "ABC":
        placed = sum(cell.load_us for cell in table.get(centre, ()))
        later = sum(need.load_us for need in beyond if need.centre == centre)
        assert placed + later == sum(need.load_us for need in needs if need.centre == centre)
    for cells in table.values():
        assert all(sum(cell.orders.values()) == cell.load_us for cell in cells)
        assert all(cell.overdue_us <= cell.load_us for cell in cells)
        assert all(cell.overdue_us == 0 for cell in cells[1:])
