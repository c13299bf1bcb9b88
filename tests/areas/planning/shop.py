"""A small shop with two machines, one shift pattern, routings and orders."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from people_of_the_plant import SYSTEM, Plant
from plantbeat.areas.planning.actions import ask_for_schedule
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.setup_matrix import SetupMatrix
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.act import act

MONDAY = datetime(2026, 11, 23, 5, tzinfo=UTC)
MINUTE_US = 60_000_000


class Shop:
    """One line with two fillers that work early and late on weekdays, Chicago time."""

    def __init__(self, plant: Plant) -> None:
        self.site = plant.north
        shifts = [
            {"place": 1, "name": "early", "start": time(6), "end": time(14), "breaks": "10:00-10:30"},
            {"place": 2, "name": "late", "start": time(14), "end": time(22)},
        ]
        pattern = self._make(
            ShiftPattern, code="2S", name="Two shifts", anchor=date(2026, 1, 5), crews="A B", shifts=shifts
        )
        self.line = self._make(Line, code="L1", name="Line 1", shift_pattern=pattern)
        self.centre = self._make(WorkCentre, code="FILL", name="Filling")
        self.machines = [
            self._make(Machine, code=code, name=code, line=self.line, work_centre=self.centre)
            for code in ("F1", "F2")
        ]
        cells = [
            {"from_family": a, "to_family": b, "duration": 45 * MINUTE_US}
            for a, b in (("red", "blue"), ("blue", "red"))
        ]
        self._make(SetupMatrix, work_centre=self.centre, changeovers=cells)
        self.items = {}
        for family in ("red", "blue"):
            item = self._make(Item, code=family.upper(), name=family, family=family)
            step = {"step": 10, "work_centre": self.centre, "run": 2 * 1_000_000, "setup_family": family}
            self._make(Routing, item=item, operations=[step])
            self.items[family] = item

    def _make(self, model, **data):
        return act(model, "create", SYSTEM, {"site": self.site, **data})

    def solved(self, apart_h: int) -> Schedule:
        """A schedule of six orders on both machines, due so many hours apart."""
        for number in range(6):
            self.order("red" if number % 2 else "blue", quantity=3600, due_h=9 + apart_h * number)
        schedule = ask_for_schedule(self.site, SYSTEM, 1)
        solve_schedule(schedule.pk)
        schedule.refresh_from_db()
        return schedule

    def order(self, family: str, quantity: int = 600, due_h: float = 48, **data):
        """A released order."""
        due = MONDAY + timedelta(hours=due_h)
        order = self._make(WorkOrder, item=self.items[family], quantity=quantity, due=due, **data)
        return act(order, "release", SYSTEM)
