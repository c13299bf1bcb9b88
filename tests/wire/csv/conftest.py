"""A line that works round the clock since 2000, for the history of files."""

from __future__ import annotations

import sys
from datetime import date, time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "facts" / "views"))
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.kernel import clock
from plantbeat.kernel.act import act

LATER = at("2026-03-12", "12:00")


@pytest.fixture
def line():
    with clock.at(LATER):
        made = LineOfMachines()
        whole_day = [{"place": 1, "name": "day", "start": time(0), "end": time(0), "breaks": ""}]
        act(made.pattern, "edit", SYSTEM, {"shifts": whole_day})
        act(made.rule, "edit", SYSTEM, {"valid_from": date(2000, 1, 1)})
        yield made
