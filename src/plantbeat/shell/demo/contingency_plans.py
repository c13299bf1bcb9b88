"""Plans B that the demo plant keeps ready."""

from __future__ import annotations

from typing import Any

from plantbeat.areas.daily.records.contingency_plan import ContingencyPlan
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many

BY = Actor.system("demo plant")

# risk, area, line, likelihood, effect, trigger, plan B
PLANS = (
    ("Bottle delivery comes late", "FILL", None, 3, 4, "fewer than 6 pallets by two hours before the shift",
     "Run canisters on L3 first, small bottles from the reserve rack"),
    ("Cap feeder of L2 jams again", None, "L2", 4, 3, "third jam within an hour",
     "Move the order to L1, call maintenance for the feeder, run L2 at half speed"),
    ("Only one labeller technician on nights", "FILL", None, 3, 3, "the technician is absent",
     "Pull the night label change to the late shift, on-call technician from 22:00"),
    ("Coolant plant of the cell is near its limit", "MACH", None, 2, 5, "coolant above 26 °C",
     "Stop CNC4, run turning only, rent the mobile cooler"),
)  # fmt: skip


def make_contingency_plans(site: Site) -> None:
    """Make the plans; their owner is a supervisor."""
    owner = visible(Person, BY).filter(site=site, job="Supervisor").order_by("number").first()
    if owner is None:
        return
    areas = {one.code: one for one in visible(Area, BY).filter(site=site)}
    lines = {one.code: one for one in visible(Line, BY).filter(site=site)}
    names = ("risk", "area", "line", "likelihood", "effect", "trigger", "plan_b")
    rows: list[dict[str, Any]] = [dict(zip(names, plan, strict=True)) for plan in PLANS]
    for row in rows:
        row |= {"site": site, "owner": owner, "area": areas.get(row["area"]), "line": lines.get(row["line"])}
    act_many(ContingencyPlan, "create", BY, rows)
