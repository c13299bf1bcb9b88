"""A small plant with a record of every kind the workbook has, and the values that are hard to keep."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.bill_of_materials import BillOfMaterials
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.setup_matrix import SetupMatrix
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act

S, MINUTE = 1_000_000, 60_000_000


def sample_plant(site: Site) -> None:
    """Fill a site."""

    def make(model: Any, **data: Any) -> Any:
        return act(model, "create", SYSTEM, {"site": site, **data})

    hall = make(Area, code="HALL-1", name="Füllhalle „Süd“ 充填")
    shifts = [
        {"place": 1, "name": "day", "start": time(6), "end": time(18), "breaks": "10:00-10:15 14:00-14:30"},
        {"place": 2, "name": "night", "start": time(18), "end": time(6)},
    ]
    pattern = make(
        ShiftPattern, code="223", name="2-2-3", rotation="pitman", anchor=date(2026, 1, 5), shifts=shifts
    )
    make(Holiday, day=date(2026, 12, 25), name="Christmas Day")
    centre = make(WorkCentre, code="FILL", name="Filling")
    line = make(Line, code="L1", name="Line 1", area=hall, shift_pattern=pattern, source="taps")
    fillers = [
        make(
            Machine,
            code=code,
            name=f"Filler {n}",
            line=line,
            work_centre=centre,
            position=n,
            valid_from=date(2020, 2, 29),
        )
        for n, code in enumerate(("007", "F-2"), 1)
    ]
    act(line, "edit", SYSTEM, {"counting_point": fillers[0], "bottleneck": fillers[1]})
    make(Line, code="L2", name="=1+1", area=None)
    make(Item, code="000123", name="+49 “bottle”, 1 l", unit="pcs", standard_cost=Decimal("0.1"))
    cap = make(Item, code="CAP", name="Cap", kind="bought", family="caps")
    glue = make(Item, code="GLUE", name="Glue", unit="kg", standard_cost=Decimal("99999999999.9999"))
    bottle = make(Item, code="1234", name="Bottle, filled")
    components = [
        {"item": cap, "quantity": Decimal(1), "scrap_percent": Decimal("1.125")},
        {"item": glue, "quantity": Decimal("0.000125"), "valid_from": date(2026, 3, 1)},
        {"item": glue, "quantity": Decimal("123456789.123456"), "valid_from": date(2027, 3, 1)},
    ]
    make(BillOfMaterials, item=bottle, batch=Decimal(12), components=components)
    steps = [
        {
            "step": 10,
            "name": "fill",
            "work_centre": centre,
            "setup": 100 * S,
            "run": 2_500_000,
            "setup_family": "red",
        },
        {
            "step": 20,
            "name": "cap",
            "work_centre": centre,
            "machines": "007",
            "run": S // 3,
            "queue": 5 * MINUTE,
        },
    ]
    make(Routing, item=bottle, note="two\nlines", operations=steps)
    cells = [
        {"from_family": a, "to_family": b, "duration": 45 * MINUTE}
        for a, b in (("red", "blue"), ("*", "red"))
    ]
    make(SetupMatrix, work_centre=centre, changeovers=cells)
    make(IdealCycle, item=bottle, machine=fillers[0], valid_from=date(2026, 1, 1), cycle=1_234_567)
    stop = make(DowntimeReason, code="1", name="Mechanical")
    make(DowntimeReason, code="1.1", name="Bearing", parent=stop, active=False)
    crew = make(Crew, code="A", name="Crew A", pattern=pattern, letter="A")
    boss = make(Person, number="0042", name="Łucja Żak", crew=crew, home_line=line, joined=date(1999, 12, 31))
    make(Person, number="0041", name="Ann O'Hara", reports_to=boss, phone="+1 312 555 0100")
    due = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)  # 01:30 in Chicago, on the night when it comes twice
    make(WorkOrder, item=bottle, quantity=Decimal("1200.5"), due=due, weight=7, customer="Müller & Söhne")
    make(
        WorkOrder,
        item=bottle,
        quantity=1,
        released=datetime(2026, 3, 1, 0, 0, 0, 5, tzinfo=UTC),
        due=due.replace(month=12),
    )
