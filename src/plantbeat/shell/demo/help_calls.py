"""What calls for help need at the demo plant: kinds, a ladder, duty roles, technicians, an on-call list."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import cycle
from random import Random
from zoneinfo import ZoneInfo

from plantbeat.areas.execution.records.andon_category import MINUTE_US, AndonCategory, Symbol
from plantbeat.areas.execution.records.andon_rule import AndonRule
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo import names

BY = Actor.system("demo plant")

KINDS = (
    ("maintenance", "Maintenance", Symbol.tool, 5, 30),
    ("quality", "Quality", Symbol.checklist, 5, 30),
    ("material", "Material", Symbol.package, 5, 20),
    ("safety", "Safety", Symbol.warning, 2, 30),
    ("help", "Line lead", Symbol.people, 3, 20),
)
"""Code, name, picture, minutes to be taken, minutes to be resolved."""

LADDER = (
    ("1-MAINT", 1, Role.maintenance, 0, "maintenance", True),
    ("1-QUALITY", 1, Role.quality, 0, "quality", True),
    ("1-LEAD", 1, Role.line_lead, 0, None, True),
    ("2-LEAD", 2, Role.line_lead, 4, None, True),
    ("3-SUPERVISOR", 3, Role.supervisor, 10, None, False),
    ("4-MANAGER", 4, Role.manager, 20, None, False),
)
"""Code, rung, role, minutes, kind of call, tablet sound. Nothing leaves the demo plant's house."""

DUTY_OF_JOB = {
    "Line lead": Role.line_lead,
    "Supervisor": Role.supervisor,
    "Maintenance technician": Role.maintenance,
    "Quality technician": Role.quality,
}
WEEKS_BACK, WEEKS_AHEAD = 13, 9


def set_up_calls(site: Site, today: date) -> None:
    """Everything that calls for help need, before the plant's history is told."""
    kinds = {one.code: one for one in act_many(AndonCategory, "create", BY, [
        {
            "site": site, "code": code, "name": name, "symbol": symbol, "position": place,
            "respond_limit": respond * MINUTE_US, "resolve_limit": resolve * MINUTE_US,
        }
        for place, (code, name, symbol, respond, resolve) in enumerate(KINDS, 1)
    ])}  # fmt: skip
    act_many(EscalationRung, "create", BY, [
        {
            "site": site, "code": code, "rung": rung, "role": role, "delay": minutes * MINUTE_US,
            "category": kinds.get(kind or ""), "sound": sound,
        }
        for code, rung, role, minutes, kind, sound in LADDER
    ])  # fmt: skip
    rule = {"valid_from": today - timedelta(days=365), "test_after": 3 * MINUTE_US}
    act_many(AndonRule, "create", BY, [{"site": site, **rule}])
    _technicians(site)
    people = list(visible(Person, BY).filter(site=site, job__in=DUTY_OF_JOB))
    act_many(Person, "edit", BY, [{"id": one.pk, "duty": DUTY_OF_JOB[one.job]} for one in people])
    _on_call(site, today)


def _technicians(site: Site) -> None:
    """A maintenance and a quality technician of each crew; they have no home line."""
    crews = list(visible(Crew, BY).filter(site=site).order_by("letter"))
    jobs = ("Maintenance technician", "Quality technician")
    taken = set(visible(Person, BY).filter(site=site).values_list("name", flat=True))
    chance = Random(6021)  # noqa: S311 (made-up names)
    spoken = (name for name in names.people(chance, 400) if name not in taken)
    heads = {one.crew_id: one for one in visible(Person, BY).filter(site=site, job="Supervisor")}
    act_many(Person, "create", BY, [
        {
            "site": site, "number": f"{1400 + 10 * place + at}", "name": next(spoken), "job": job,
            "crew": crew, "reports_to": heads.get(crew.pk),
        }
        for at, crew in enumerate(crews)
        for place, job in enumerate(jobs)
    ])  # fmt: skip


def _on_call(site: Site, today: date) -> None:
    """The manager's weeks on call, shared with those who stand in, and the EHS coordinator's days."""
    zone, monday = ZoneInfo(site.zone), today - timedelta(days=today.weekday() + 7 * WEEKS_BACK)
    of_job = {one.job: one for one in visible(Person, BY).filter(site=site).order_by("-number")}
    turns = cycle([of_job["Production manager"], of_job["Planner"], of_job["Quality engineer"]])
    rows = []
    for week in range(WEEKS_BACK + WEEKS_AHEAD):
        first = monday + timedelta(days=7 * week)
        starts, ends = (datetime.combine(day, time(6), zone) for day in (first, first + timedelta(days=7)))
        common = {"site": site, "starts": starts, "ends": ends}
        rows.append({**common, "person": next(turns), "role": Role.manager})
        rows.append({**common, "person": of_job["EHS coordinator"], "role": Role.ehs})
    act_many(OnCall, "create", BY, rows)
