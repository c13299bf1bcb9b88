"""Asks the KPI of the recipe of a line that set up for two of eight hours; prints JSON (see test_recipes)."""

from __future__ import annotations

import json
from datetime import date

import django

django.setup()

from line_of_machines import MIN, SYSTEM, LineOfMachines, at  # noqa: E402

from plantbeat.areas.plant.records.target import Target  # noqa: E402
from plantbeat.facts.models import Fact, FactShift  # noqa: E402
from plantbeat.facts.views.catalogue import measure_named, values  # noqa: E402
from plantbeat.facts.views.cube_query import Cut  # noqa: E402
from plantbeat.facts.views.drill import drill  # noqa: E402
from plantbeat.facts.views.periods import Period  # noqa: E402
from plantbeat.facts.views.scopes import Scope  # noqa: E402
from plantbeat.kernel import clock  # noqa: E402

DAY = "2026-03-10"


def walk() -> dict[str, object]:
    plant = LineOfMachines()
    plant.say(
        plant.fact("state", at(DAY, "06:00"), state="running"),
        plant.fact("setup_start", at(DAY, "08:00")),
        plant.fact("setup_end", at(DAY, "10:00")),
        plant.fact("state", at(DAY, "14:00"), state="running"),
    )
    plant.drain()
    early = FactShift.objects.get(site=plant.site, shift="early", owner_day=date.fromisoformat(DAY))
    line, period = Scope.line(plant.site.pk, "L1"), Period.of_shift(early)
    (whole,) = values("setup_percent", line, period, SYSTEM)
    machine = values("setup_percent", line, period, SYSTEM, Cut.machine)
    opened = drill("setup_percent", line, period, SYSTEM)
    kinds = Fact.objects.filter(lsn__in=opened.facts).order_by("lsn")
    return {
        "value": whole.value,
        "by_machine": {one.label: one.value for one in machine if one.label == "Filler"},
        "numerator_min": whole.figure.numerator // MIN,
        "denominator_min": whole.figure.denominator // MIN,
        "name": measure_named("setup_percent").name,
        "opens": [one.kind for one in kinds if one.kind.startswith("setup")],
        "may_be_a_target": "setup_percent" in dict(Target._meta.get_field("measure").flatchoices),
    }


if __name__ == "__main__":
    with clock.at(at("2026-03-12", "12:00")):
        print(json.dumps(walk()))
