"""Fills an empty installation for the browser stories; run with the installation's environment."""

from __future__ import annotations

import random
import sys
from datetime import date, timedelta
from itertools import count
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import django

if TYPE_CHECKING:
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.record import Record

PASSWORD = "a good long passphrase"


def main() -> None:
    """The demo plant's master data, forty open orders, a schedule, and people to sign in."""
    django.setup()
    from plantbeat.areas.planning.actions import ask_for_schedule
    from plantbeat.areas.planning.records.work_order import WorkOrder
    from plantbeat.areas.planning.solving import solve_schedule
    from plantbeat.areas.plant.records.item import Item
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor, Role, visible
    from plantbeat.kernel.accounts import User
    from plantbeat.kernel.act import act
    from plantbeat.shell.demo import catalogue
    from plantbeat.shell.demo.master_data import build
    from plantbeat.shell.installation import make_folders, migrate

    make_folders()
    migrate()
    by = Actor.system("story")
    site = build(clock.now().date())
    for name, role, everywhere in (
        ("chief", Role.administrator, True),
        ("planner", Role.planner, False),
        ("operator", Role.operator, False),
    ):
        grants = [{"role": role, "site": None if everywhere else site}]
        user = act(User, "create", by, {"username": name, "name": name.capitalize(), "grants": grants})
        act(user, "set_password", by, {"password": PASSWORD})
    chance = random.Random(7)
    items = {item.code: item for item in visible(Item, by)}
    for number in range(40):
        product = chance.choice([*catalogue.PRODUCTS, *catalogue.PARTS])
        quantity = 40 if product in catalogue.PARTS else 6000
        due = clock.now() + timedelta(hours=chance.randint(20, 200))
        data = {"site": site, "item": items[product.code], "quantity": quantity, "due": due}
        order = act(WorkOrder, "create", by, {**data, "customer": chance.choice(catalogue.CUSTOMERS)})
        order = act(order, "release", by)
        if number == 3:
            act(order, "hold", by, reason="no caps")
    solve_schedule(ask_for_schedule(site, by, 2).pk)
    pattern = _pattern_now(site, by)
    _line_on_shift(site, items["DISH-500"], pattern, by)
    _line_on_shift(site, items["DISH-500"], pattern, by, code="PACE", machine="PACER")
    _plan_of_the_shift(site, by)
    _tell_a_morning(site, by)


def _pattern_now(site: Site, by: Actor) -> Record:
    """A shift pattern that is in the middle of its shift at any hour and on any day."""
    from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
    from plantbeat.kernel import clock
    from plantbeat.kernel.act import act

    now = clock.now().astimezone(ZoneInfo(site.zone)).replace(minute=0, second=0, microsecond=0)
    begin, end = now - timedelta(hours=5), now + timedelta(hours=6)
    shifts = [{"place": 1, "name": "now", "start": begin.time(), "end": end.time()}]
    every_day = {"weekdays": "Mon Tue Wed Thu Fri Sat Sun", "crews": "A", "anchor": date(2026, 1, 5)}
    data = {"site": site, "code": "NOW", "name": "In the middle", "shifts": shifts, **every_day}
    return act(ShiftPattern, "create", by, data)


def _line_on_shift(
    site: Site, item: Record, pattern: Record, by: Actor, *, code: str = "STORY", machine: str = "PRESS"
) -> None:
    """A line that works this pattern, without facts yet."""
    from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.areas.plant.records.machine import Machine
    from plantbeat.kernel.act import act

    name = f"{code.capitalize()} line"
    line = act(Line, "create", by, {"site": site, "code": code, "name": name, "shift_pattern": pattern})
    press = act(Machine, "create", by, {"site": site, "code": machine, "name": "Press", "line": line})
    act(line, "edit", by, {"counting_point": press, "bottleneck": press})
    ideal = {"item": item, "machine": press, "valid_from": date(2026, 1, 1), "cycle": 4_000_000}
    act(IdealCycle, "create", by, {"site": site, **ideal})


def _plan_of_the_shift(site: Site, by: Actor) -> None:
    """What the line of the hour board is to make in its shift: 600 pieces an hour."""
    from plantbeat.facts.views import dimensions, readings
    from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
    from plantbeat.kernel import clock

    line, now_us = dimensions.asset_with_code(site.pk, "PACE"), clock.now_us()
    if line is None:
        raise LookupError("there is no line PACE")
    for shift in readings.shifts_between(site.pk, now_us, now_us + 1):
        if shift.pattern == "NOW":
            hours = (shift.end_us - shift.start_us) // 3_600_000_000
            run = PlannedRun("WO-PACE", "DISH-500", 600 * hours, shift.end_us)
            freeze_plan(line, shift, [run], "story", by)


def _tell_a_morning(site: Site, by: Actor) -> None:
    """Three hours of line 1 until now: it ran, stood with a jam, ran on; one fact is not believed."""
    from plantbeat.facts.incoming import NewFact
    from plantbeat.facts.log import append
    from plantbeat.facts.source import FactSource
    from plantbeat.facts.views.recompute import recompute, refresh
    from plantbeat.kernel import clock
    from plantbeat.kernel.act import act

    source = act(FactSource, "create", by, {"site": site, "name": "story", "kind": "gateway"})
    now_us, minute, numbers = clock.now_us(), 60_000_000, count(1)

    def at(minutes: int, kind: str, asset: str = "L1-FIL", **body: object) -> NewFact:
        t_us = now_us - minutes * minute
        return NewFact(asset=asset, t_us=t_us, kind=kind, body=body, seq=next(numbers))

    stop = {"from_us": now_us - 90 * minute, "until_us": now_us - 60 * minute}
    told = [
        at(180, "state", state="running"),
        at(90, "state", state="own_stop"),
        at(60, "state", state="running"),
        at(59, "reason", reason="MECH-SEAL", **stop),
        at(30, "count", "L1-PAC", good=4000, scrap=40),
        at(20, "count", "L9-PAC", good=5),
        at(1, "heartbeat"),
    ]
    append(told, by, source)
    while recompute().left:
        pass
    refresh(every_us=1)


if __name__ == "__main__":
    sys.exit(main())
