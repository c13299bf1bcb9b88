"""A line half way through its early shift, for what is asked about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from line_of_machines import LineOfMachines, at

from plantbeat.facts.models import FactShift
from plantbeat.kernel import clock

DAY = "2026-03-10"
NOW = at(DAY, "12:30")


def half_a_shift() -> Iterator[LineOfMachines]:
    """Half past twelve in an early shift: one order, a jam from 08:00 to 08:45, a stop since 12:00."""
    with clock.at(NOW):
        made = LineOfMachines()
        made.say(
            made.fact("state", at(DAY, "06:00"), state="running"),
            made.fact("order_start", at(DAY, "06:00"), "L1", order="W1", item="P"),
            made.fact("state", at(DAY, "08:00"), state="stopped"),
            made.fact("state", at(DAY, "08:45"), state="running"),
            made.fact("reason", at(DAY, "08:46"), reason="JAM", from_us=at(DAY, "08:00")),
            made.fact("count", at(DAY, "09:30"), "M2", good=90, scrap=3),
            made.fact("count", at(DAY, "11:30"), "M2", good=110),
            made.fact("state", at(DAY, "12:00"), state="stopped"),
        )
        made.drain()
        yield made


def early() -> FactShift:
    """The shift itself."""
    return FactShift.objects.get(shift="early", owner_day=date.fromisoformat(DAY))
