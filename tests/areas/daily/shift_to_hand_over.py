"""An early shift that is nearly over, with twelve facts the next shift must know."""

from __future__ import annotations

from datetime import UTC, date, datetime

from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.areas.daily.records.contingency_plan import ContingencyPlan
from plantbeat.areas.execution.andon.actions import raise_call
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.planned_stop import PlannedStop
from plantbeat.facts.log import append
from plantbeat.facts.models import FactShift
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

DAY = "2026-03-10"
NOW = at(DAY, "13:30")
BOUNDARY = at(DAY, "14:00")
PASSWORD = "a good long passphrase"
TWELVE = {
    "result:L1": "200 good of 400 planned",
    "stop:": "L1 stands since 12:30",
    "loss:L1:": "L1 stood 45 min from 08:00: Own stop, Jam",
    "call:": "at M1 since 12:35",
    "incident:NM-7": "Near miss on L1 at 09:15, case NM-7",
    "held:WO-000003": "WO-000003 (P) is on hold",
    "order:L1": "L1 is on W1 (P); next is W2",
    "late:WO-000002": "WO-000002 (P) is late: due 07:00",
    "people:L1": "L1: 3 of 5 present, 1 absent, 1 on leave",
    "action:A-000001": "Mend the guard (Kim) is overdue since 2026-03-08",
    "planned:PS-000001": "L1 stands by plan from 16:00 to 17:00: lubrication",
    "risk:CP-000001": "Bottles run out. Trigger: pallet 3 begun. Plan B: run cans (Kim)",
    "quarantine": "1 fact waits in quarantine",
}
"""What was planted: the beginning of a sentence's code, and the words it must say."""


def moment(day: str, clock_time: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock_time}").replace(tzinfo=UTC)


class ShiftToHandOver(LineOfMachines):
    """Line L1 in the area FILL at 13:30 of an early shift; make it with the clock held there."""

    def __init__(self) -> None:
        super().__init__()
        self.area = self.make(Area, code="FILL", name="Filling")
        self.line = act(Line.objects.get(pk=self.line.pk), "edit", SYSTEM, {"area": self.area})
        self.kim = self.make(Person, number="1", name="Kim")
        self.somebody(Role.administrator)
        self._tell()
        self._plan()
        self.drain()

    def _tell(self) -> None:
        self.say(
            self.fact("state", at(DAY, "06:00"), state="running"),
            self.fact("order_start", at(DAY, "06:00"), "L1", order="W1", item="P"),
            self.fact("attendance", at(DAY, "06:15"), "L1", rostered=5, present=3, leave=1),
            self.fact("state", at(DAY, "08:00"), state="stopped"),
            self.fact("state", at(DAY, "08:45"), state="running"),
            self.fact("reason", at(DAY, "08:46"), reason="JAM", from_us=at(DAY, "08:00")),
            self.fact("incident", at(DAY, "09:15"), case="NM-7", severity="near_miss"),
            self.fact("count", at(DAY, "09:30"), "M2", good=90, scrap=3),
            self.fact("count", at(DAY, "11:30"), "M2", good=110),
            self.fact("state", at(DAY, "12:30"), state="stopped"),
        )
        odd = self.fact("state", at(DAY, "12:00"), "M9", state="running")
        assert append([odd], SYSTEM, self.source).quarantined
        raise_call(self.site, "M1", "maintenance", SYSTEM, at_us=at(DAY, "12:35"), note="gripper")
        early = FactShift.objects.get(shift="early", owner_day=date.fromisoformat(DAY))
        runs = [PlannedRun(order, "P", 200, BOUNDARY) for order in ("W1", "W2")]
        freeze_plan(self.asset("L1"), early, runs, "S-1", SYSTEM)

    def _plan(self) -> None:
        for due in (moment("2026-03-12", "07:00"), moment(DAY, "07:00"), moment("2026-03-12", "07:00")):
            self.make(WorkOrder, item=self.item, quantity=100, due=due)
        held = WorkOrder.objects.get(number="WO-000003")
        act(act(held, "release", SYSTEM), "hold", SYSTEM, reason="torque doubtful")
        self.make(ImprovementAction, title="Mend the guard", owner=self.kim, due=date(2026, 3, 8))
        self.make(
            PlannedStop, line=self.line, starts=moment(DAY, "16:00"), ends=moment(DAY, "17:00"),
            purpose="lubrication",
        )  # fmt: skip
        self.make(
            ContingencyPlan, risk="Bottles run out", line=self.line, trigger="pallet 3 begun",
            plan_b="run cans", owner=self.kim,
        )  # fmt: skip

    def somebody(self, role: Role = Role.line_lead, name: str = "") -> Actor:
        """Somebody of the site who can sign."""
        number = User.objects.count() + 1
        grants = [{"role": role, "site": None if role == Role.administrator else self.site}]
        values = {"username": f"person{number}", "name": name or f"Person {number}", "grants": grants}
        user = act(User, "create", SYSTEM, values)
        return Actor.of(act(user, "set_password", SYSTEM, {"password": PASSWORD}))


def shift_nearly_over() -> ShiftToHandOver:
    """The shift, with the clock where the caller holds it."""
    assert clock.now_us() == NOW
    return ShiftToHandOver()
