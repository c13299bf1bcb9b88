"""Two versions side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.versions import PlannedRun, compare

pytestmark = pytest.mark.requirement("R002")

runs = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from([10, 20])),
    st.tuples(st.sampled_from(["M1", "M2"]), st.integers(0, 500), st.integers(0, 30)),
).map(lambda rows: [PlannedRun(o, s, m, t, t + 10, setup) for (o, s), (m, t, setup) in rows.items()])


def lateness(rows, minutes):
    return {one.order: (one.end * 7 + minutes) % 5 * 10 for one in rows}


@given(runs)
def test_a_version_does_not_differ_from_itself(rows):
    late = lateness(rows, 1)
    same = compare(rows, rows, late, late)
    assert (same.moved, same.machine_changed, same.added, same.dropped) == ((), (), (), ())
    assert (same.late_orders, same.late_minutes, same.setups, same.setup_minutes) == (0, 0, 0, 0)
    assert same.unmoved == len(rows)


@given(runs, runs)
def test_there_and_back_cancel_out_and_every_step_is_counted_once(one, other):
    late_one, late_other = lateness(one, 1), lateness(other, 3)
    there, back = compare(one, other, late_one, late_other), compare(other, one, late_other, late_one)
    for name in ("late_orders", "late_minutes", "setups", "setup_minutes"):
        assert getattr(there, name) == -getattr(back, name)
    assert {c.now for c in there.moved} == {c.before for c in back.moved}
    assert (there.added, there.dropped) == (back.dropped, back.added)
    common = {(r.order, r.step) for r in one} & {(r.order, r.step) for r in other}
    assert there.unmoved + len(there.moved) + len(there.machine_changed) == len(common)


def test_a_dropped_late_order_is_dropped_and_not_called_on_time():
    run = PlannedRun("A", 10, "M1", 0, 10, 0)
    found = compare([run], [], {"A": 40}, {})
    assert (found.dropped, found.newly_on_time, found.late_orders) == (("A",), (), -1)
