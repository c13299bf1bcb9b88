"""Flow lines without passing: what is refused, and what the checker reports."""

import pytest

from plantbeat.engine.calendars.worktime import FOREVER, WorkTime
from plantbeat.engine.schedule import Problem, ProblemError, check


def line(**changes):
    """Two orders on a line of two machines."""
    rows = {
        "release": [0, 0],
        "due": [100, 100],
        "weight": [1, 1],
        "order_ptr": [0, 2, 4],
        "work_centre": [0, 1, 0, 1],
        "mode_ptr": [0, 1, 2, 3, 4],
        "mode_machine": [0, 1, 0, 1],
        "mode_min": [10, 30, 20, 5],
        "machine_work_centre": [0, 1],
        "machine_calendar": [0, 0],
        "machine_line": [0, 0],
        "calendars": WorkTime.of([[(0, FOREVER)]]),
    }
    return Problem(**(rows | changes))


def test_an_order_that_passes_another_is_reported():
    found = check(line(), ([0, 1, 0, 1], [0, 35, 10, 30]))
    assert [violation.kind for violation in found] == ["line"]
    assert str(found) == "order 1 step 2 on machine 1: passes order 0, which ran before it on the line"


def test_orders_in_the_same_sequence_everywhere_are_valid():
    assert check(line(), ([0, 1, 0, 1], [0, 10, 10, 40])).ok


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"machine_line": [0, -1]}, "machine_line; allowed is one line of all machines, or none"),
        ({"mode_machine": [0, 1, 1, 0], "work_centre": [0, 1, 1, 0]}, "order 1: on a line"),
        ({"pin_machine": [0, -1, -1, -1], "pin_start": [0, 0, 0, 0]}, "is pinned or started"),
    ],
)
def test_what_a_line_cannot_have_is_refused(changes, said):
    with pytest.raises(ProblemError, match=said):
        line(**changes)
