"""A line with two machines, shifts round the clock and people on duty, for tests of calls for help."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.facts.views.shifts import ensure
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act

MINUTE_US = 60_000_000
NOON = clock.to_us(datetime(2026, 11, 23, 18, 0, tzinfo=UTC))
"""Monday noon in Chicago."""
DAY = date(2026, 11, 23)


class Floor:
    """Line `L1` with `F1` and `P1`; the crew of its one shift, 06:00 to 18:00, has one of each role."""

    def __init__(self, plant) -> None:
        self.plant, self.site = plant, plant.north
        shifts = [{"place": 1, "name": "day", "start": time(6), "end": time(18)}]
        data = {"code": "D", "name": "Days", "anchor": date(2026, 1, 5), "crews": "A", "shifts": shifts}
        self.pattern = self.make(ShiftPattern, **data)
        self.line = self.make(Line, code="L1", name="Line 1", shift_pattern=self.pattern)
        self.filler = self.make(Machine, code="F1", name="Filler", line=self.line)
        self.packer = self.make(Machine, code="P1", name="Packer", line=self.line)
        act(self.line, "edit", SYSTEM, {"counting_point": self.packer, "bottleneck": self.filler})
        ensure(self.site.pk, DAY, DAY)
        self.crew = self.make(Crew, code="A", letter="A", pattern=self.pattern)
        self.actors: dict[Role, Actor] = {}
        for number, role in enumerate((Role.operator, Role.maintenance, Role.line_lead, Role.supervisor), 1):
            self.person(str(number), role)

    def make(self, model, **data):
        return act(model, "create", SYSTEM, {"site": self.site, **data})

    def person(self, number: str, role: Role, **more) -> Person:
        """Somebody of the crew who signs in with a role."""
        user = self.plant.user(role)
        self.actors[role] = Actor.of(user)
        data = {"number": number, "name": str(role.label), "crew": self.crew, "user": user}
        return self.make(Person, **{**data, **more})

    def remove(self, role: Role) -> None:
        """Nobody is on duty in a role any more."""
        for one in Person._base_manager.filter(user=self.actors[role].user_id):
            act(one, "edit", SYSTEM, {"crew": None})

    @property
    def operator(self) -> Actor:
        return self.actors[Role.operator]

    @property
    def fitter(self) -> Actor:
        return self.actors[Role.maintenance]

    @property
    def lead(self) -> Actor:
        return self.actors[Role.line_lead]
