"""Hazards people report: unsafe conditions and behaviours, before somebody is hurt."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.safety.hazard_actions import actions_panel
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, LEADERS, READ_ONLY, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, off, open_, waiting

SAFETY = LEADERS | {Role.ehs}
FIXERS = SAFETY | {Role.line_lead, Role.maintenance}


class HazardKind(models.TextChoices):
    """What is unsafe."""

    condition = "condition", _("Unsafe condition")
    behaviour = "behaviour", _("Unsafe behaviour")


class Potential(models.TextChoices):
    """What could happen: the worst that is likely, not what did."""

    low = "low", _("First aid at most")
    serious = "serious", _("Injury with treatment or lost days")
    fatal = "fatal", _("Life-changing or fatal")


def _begin(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Hazard", record).settled_us = None


def _fix(record: Record, by: Actor, data: dict[str, Any]) -> None:
    hazard = cast("Hazard", record)
    if not hazard.measure.strip():
        raise Refused(Problem(_now("say what was done"), "measure"))
    hazard.settled_us = hazard.fixed_us = clock.now_us()
    hazard.fixed_by = by.pseudonym


def _settle(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Hazard", record).settled_us = clock.now_us()


def _open_again(record: Record, by: Actor, data: dict[str, Any]) -> None:
    hazard = cast("Hazard", record)
    hazard.settled_us = hazard.fixed_us = None
    hazard.fixed_by = ""


def not_who_fixed_it(record: Record, by: Actor) -> Problem | None:
    """somebody else than who fixed it confirms"""
    if cast("Hazard", record).fixed_by == by.pseudonym:
        return Problem(_now("who fixed it does not confirm it; somebody else looks at it"))
    return None


class Hazard(Record):
    """An unsafe condition or behaviour somebody saw. `reported_by` is empty where the report is anonymous.

    It is fixed by one and confirmed by another, or answered "not a hazard" with a reason.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("HZ-", verbose_name=_("number"))
    kind = ChoiceField(HazardKind, verbose_name=_("kind"), default=HazardKind.condition)
    what = models.CharField(_("what is unsafe"), max_length=300)
    potential = ChoiceField(Potential, verbose_name=_("could lead to"), default=Potential.low)
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    place = models.CharField(_("where exactly"), max_length=120, blank=True)
    measure = models.TextField(_("what was done"), blank=True)
    reported_us = InstantField(verbose_name=_("reported"), default=clock.now_us)
    reported_by = models.CharField(max_length=40, blank=True, editable=False)
    fixed_us = InstantField(verbose_name=_("fixed"), null=True)
    fixed_by = models.CharField(max_length=40, blank=True, editable=False)
    settled_us = InstantField(verbose_name=_("settled"), null=True)

    class State(States):
        reported = open_(_("Reported"))
        in_work = waiting(_("In work"))
        fixed = waiting(_("Fixed, to be confirmed"))
        confirmed = done(_("Fix confirmed"))
        not_a_hazard = off(_("Not a hazard"))

    lifecycle = Lifecycle(
        step("start", State.reported, State.in_work, by=FIXERS, label=_("Start"), effect=_begin),
        step(
            "fix", (State.reported, State.in_work), State.fixed, by=FIXERS, label=_("Fixed"),
            asks=("measure",), effect=_fix,
        ),
        step(
            "confirm", State.fixed, State.confirmed, by=FIXERS, label=_("Confirm the fix"),
            guard=not_who_fixed_it,
        ),
        step(
            "reopen", (State.fixed, State.confirmed), State.in_work, by=FIXERS, label=_("Not fixed"),
            effect=_open_again, reason=True,
        ),
        step(
            "dismiss", (State.reported, State.in_work), State.not_a_hazard, by=SAFETY,
            label=_("Not a hazard"), effect=_settle, reason=True,
        ),
    )  # fmt: skip

    key = ("site", "number")
    access = Access(create=ANYONE - READ_ONLY, edit=SAFETY, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "what", "kind", "potential", "line", "place", "reported_us", "state"),
        filters=("state", "kind", "potential", "line", "area"),
        search=("number", "what", "place", "line__code"),
        order=("-reported_us",),
        panels=(actions_panel,),
        icon="alert-triangle",
    )

    class Meta:
        db_table = "safety_hazard"
        verbose_name = _("hazard")
        verbose_name_plural = _("hazards")
        indexes = [models.Index(fields=["site", "reported_us"], name="safety_hazard_reported")]
