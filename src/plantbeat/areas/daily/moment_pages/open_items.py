"""Open items between the functions: who owes what to whom, since when and until when."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.improvement.questions import open_actions
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text
from plantbeat.surfaces.addresses import address_of

DAY_US = 86_400_000_000
SHOWN = 6


class Function(StrEnum):
    """The functions that meet at noon, in the order they speak."""

    production = "production"
    engineering = "engineering"
    quality = "quality"
    planning = "planning"
    maintenance = "maintenance"
    safety = "safety"


NAMES: dict[Function, Text] = {
    Function.production: gettext_lazy("Production"),
    Function.engineering: gettext_lazy("Engineering"),
    Function.quality: gettext_lazy("Quality"),
    Function.planning: gettext_lazy("Planning"),
    Function.maintenance: gettext_lazy("Maintenance"),
    Function.safety: gettext_lazy("Safety"),
}
ALWAYS = (
    Function.production, Function.engineering, Function.quality, Function.planning, Function.maintenance,
)  # fmt: skip
"""Shown even with nothing open: they are asked."""

OF_DUTY: dict[str, Function] = {
    str(Role.operator): Function.production,
    str(Role.line_lead): Function.production,
    str(Role.supervisor): Function.production,
    str(Role.manager): Function.production,
    str(Role.planner): Function.planning,
    str(Role.quality): Function.quality,
    str(Role.maintenance): Function.maintenance,
    str(Role.ehs): Function.safety,
}
OF_JOB: tuple[tuple[Function, tuple[str, ...]], ...] = (
    (Function.quality, ("quality", "calidad", "laborator")),
    (Function.maintenance, ("maintenance", "manten", "electric", "mechanic", "mecánic")),
    (Function.planning, ("plann", "planif", "schedul", "logistic", "logístic")),
    (Function.safety, ("safety", "ehs", "hse", "seguridad")),
    (Function.engineering, ("engineer", "ingenier", "process", "proceso", "technolog")),
    (Function.production, ("production", "producción", "supervisor", "lead", "operator", "operari", "shift")),
)
"""Stems of job titles, the more particular function first: a quality engineer speaks for quality."""


@dataclass(slots=True)
class OpenItem:
    """An open action as the meeting reads it; `age_days` since it was raised, `days_late` 0 while in time."""

    number: str
    title: str
    owner: str
    job: str
    line: str
    age_days: int
    due: date
    days_late: int
    state: Any
    url: str


@dataclass(slots=True)
class ItemsOfFunction:
    """What one function owes; the overdue first, and what was raised in the last 24 hours however late it is
    due. `count` of all, `late` of them overdue."""

    name: str
    items: list[OpenItem] = field(default_factory=list)
    count: int = 0
    late: int = 0

    @property
    def left_out(self) -> int:
        """How many are not listed."""
        return self.count - len(self.items)


def function_of(person: Person) -> str:
    """The function somebody speaks for: by the role they are on duty as, else by their job; the job as it is
    where it names none, empty without one."""
    if person.duty in OF_DUTY:
        return OF_DUTY[person.duty].value
    job = person.job.lower()
    for function, stems in OF_JOB:
        if any(stem in job for stem in stems):
            return function.value
    return person.job


def items_by_function(site: Site, by: Actor) -> list[ItemsOfFunction]:
    """Open actions of a site by the function of their owner, each group by due day."""
    today, now_us = rules_of(site.pk).day_at(clock.now_us()), clock.now_us()
    found: dict[str, list[OpenItem]] = defaultdict(list)
    for row in open_actions(site, by):
        found[function_of(row.owner)].append(
            OpenItem(
                row.number, row.title, row.owner.name, row.owner.job, row.line.code if row.line else "",
                max(0, (now_us - row.raised_us) // DAY_US), row.due, max(0, (today - row.due).days),
                type(row).states()[row.state], address_of(row),
            )
        )  # fmt: skip
    names = [*(one.value for one in ALWAYS), Function.safety.value]
    others = sorted(name for name in found if name not in names)
    return [
        _group(name, found.get(name, []))
        for name in (*names, *others)
        if name in found or (name in set(Function) and Function(name) in ALWAYS)
    ]


def _group(code: str, items: list[OpenItem]) -> ItemsOfFunction:
    name = str(NAMES[Function(code)]) if code in set(Function) else code or _("No function named")
    late = sum(one.days_late > 0 for one in items)
    shown = [one for place, one in enumerate(items) if place < SHOWN or one.age_days == 0]
    return ItemsOfFunction(name, shown, len(items), late)
