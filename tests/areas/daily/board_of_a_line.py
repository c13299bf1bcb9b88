"""A line with a board, a board of its area above, and one of the site above that; people who meet there."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from people_of_the_plant import SYSTEM, Plant
from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.areas.plant.records.target import Target
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

TUESDAY = date(2026, 11, 24)
MONDAY = date(2026, 11, 23)


def at(day: date = TUESDAY, hour: int = 7, minute: int = 0) -> int:
    """An instant of a day in Chicago."""
    return clock.to_us(datetime.combine(day, time(hour, minute), ZoneInfo("America/Chicago")))


class BoardOfALine:
    """`line_board` → `area_board` → `site_board`; a lead, a supervisor and a manager who can sign in."""

    def __init__(self, plant: Plant) -> None:
        self.plant, self.site = plant, plant.north
        shifts = [{"place": 1, "name": "day", "start": time(6), "end": time(14)}]
        data = {"code": "S1", "name": "Day", "anchor": date(2026, 1, 5), "crews": "A", "shifts": shifts}
        self.pattern = self.make(ShiftPattern, **data, weekdays="Mon Tue Wed Thu Fri")
        self.area = self.make(Area, code="FILL", name="Filling")
        self.line = self.make(Line, code="L1", name="Line 1", area=self.area, shift_pattern=self.pattern)
        self.lead_user, self.lead = self.person("1", Role.line_lead)
        self.supervisor_user, self.supervisor = self.person("2", Role.supervisor)
        self.manager_user, self.manager = self.person("3", Role.manager)
        self.operator_user, self.operator = self.person("4", Role.operator)
        self.make(Target, measure="open_actions_on_time", line=self.line, value=Decimal(90),
                  valid_from=date(2026, 1, 1), owner=self.lead)  # fmt: skip
        self.site_board = self.make(TierBoard, code="SITE", name="Plant", tier=3)
        self.area_board = self.make(
            TierBoard, code="FILL", name="Filling", tier=2, area=self.area, above=self.site_board
        )
        measures = [
            {"place": 1, "letter": "S", "written": "Near misses", "target": Decimal(0), "watch": Decimal(1)},
            {"place": 2, "letter": "M", "measure": "open_actions_on_time"},
        ]
        members = [{"person": self.lead}, {"person": self.operator}]
        self.line_board = self.make(
            TierBoard, code="L1", name="Line 1", line=self.line, above=self.area_board, measures=measures,
            members=members,
        )  # fmt: skip

    def make(self, model, **data):
        return act(model, "create", SYSTEM, {"site": self.site, **data})

    def person(self, number: str, role: Role) -> tuple[User, Person]:
        """Somebody who can sign in."""
        user = self.plant.user(role)
        return user, self.make(Person, number=number, name=f"Person {number}", user=user)

    def by(self, user: User) -> Actor:
        """Somebody as the one who acts."""
        return Actor.of(user)
