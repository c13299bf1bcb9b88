"""What operators of the demo plant need at their terminals: badges, PINs, reviewed buttons, defects."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from plantbeat.areas.execution.records.line_terminal import LineTerminal
from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import ReasonButtons
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo.catalogue import TAPPED_LINE
from plantbeat.shell.demo.demo_folder import BADGES, DemoFolder
from plantbeat.shell.demo.line_plan import DAY_US

BY = Actor.system("demo plant")
REVIEWED_DAYS_AGO = {"L1": 2, "L1-FIL": 2, "L2": 9}
"""Places whose buttons were reviewed, one of them so long ago that the next review is due."""
BUTTONS = {
    "L1": ("MECH-JAM", "MECH-DRIVE", "ELEC-SENSOR", "ELEC-PLC", "QUAL-LABEL", "MAT", "OPER", "CLEAN"),
    "L1-FIL": ("MECH-SEAL", "MECH-JAM", "ELEC-SENSOR", "ELEC-PLC", "QUAL-FILL", "QUAL-LABEL", "MAT", "OPER"),
    "L2": ("MECH-JAM", "MECH-DRIVE", "ELEC-SENSOR", "QUAL-LABEL", "MAT", "OPER", "CLEAN"),
}
DEFECTS = (
    ("FILL-LEVEL", "Fill level"), ("LABEL-CROOKED", "Label crooked"), ("CAP-LOOSE", "Cap loose"),
    ("BOTTLE-DENTED", "Bottle dented"), ("PRINT-MISSING", "Print missing"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """A user with a badge: their sign-in name and job, the line they come from, their language."""

    username: str
    job: str
    line: str
    language: str


HOLDERS = (
    Holder("operator", "Operator", "L1", ""),
    Holder("operador", "Operator", "L2", "es"),
    Holder("lead", "Line lead", "L1", ""),
)


def set_up_the_floor(site: Site, folder: DemoFolder) -> None:
    """Everything a terminal of the demo plant needs; the folder keeps the badges and PINs."""
    lines = {line.code: line for line in visible(Line, BY).filter(site=site)}
    reasons = {one.code: one for one in visible(DowntimeReason, BY).filter(site=site)}
    machines = {one.code: one for one in visible(Machine, BY).filter(site=site, code__in=BUTTONS)}
    for code, named in BUTTONS.items():
        places = [{"place": at, "reason": reasons[one]} for at, one in enumerate(named, 1)]
        with clock.at(clock.now_us() - REVIEWED_DAYS_AGO[code] * DAY_US):
            if code in machines:
                of_machine = {"site": site, "machine": machines[code], "places": places}
                act(act(MachineButtons, "create", BY, of_machine), "review", BY)
            else:
                of_line = {"site": site, "line": lines[code], "places": places}
                act(act(ReasonButtons, "create", BY, of_line), "review", BY)
    defects = [{"place": at, "code": code, "name": name} for at, (code, name) in enumerate(DEFECTS, 1)]
    filling = [line for code, line in sorted(lines.items()) if code in (*BUTTONS, TAPPED_LINE)]
    act_many(LineTerminal, "create", BY, [{"site": site, "line": one, "defects": defects} for one in filling])
    give_badges(site, folder)


def give_badges(site: Site, folder: DemoFolder) -> None:
    """Give some people badges and PINs, made up anew for each demo plant."""
    given: list[dict[str, str]] = []
    for one in HOLDERS:
        user = visible(User, BY).filter(username=one.username).first() or _new_user(site, one)
        badge, pin = _digits(8), _digits(4)
        user = act(user, "edit", BY, {"badge": badge, "language": one.language})
        user = act(user, "set_pin", BY, {"pin": pin})
        given.append({
            "username": one.username, "name": user.name, "job": one.job, "badge": badge, "pin": pin,
            "language": one.language,
        })  # fmt: skip
    folder.write(BADGES, given)


def _new_user(site: Site, holder: Holder) -> User:
    of_job = visible(Person, BY).filter(site=site, job=holder.job, home_line__code=holder.line, user=None)
    person = of_job.order_by("number").first()
    row: dict[str, Any] = {"username": holder.username, "name": person.name if person else holder.job}
    user = act(User, "create", BY, row | {"grants": [{"role": Role.operator, "site": site}]})
    if person is not None:
        act(person, "edit", BY, {"user": user})
    return user


def _digits(length: int) -> str:
    return "".join(secrets.choice("123456789") for _ in range(length))
