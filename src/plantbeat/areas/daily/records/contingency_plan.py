"""What to do when a known risk comes true."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, off, waiting

PLANNERS = LEADERS | {Role.line_lead, Role.planner}


class ContingencyPlan(Record):
    """A plan B for one risk and the trigger that calls for it; handoffs carry it on while it holds."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("CP-", verbose_name=_("number"))
    risk = models.CharField(_("risk"), max_length=160)
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"),
        help_text=_("neither line nor area: the whole site"),
    )  # fmt: skip
    likelihood = models.PositiveSmallIntegerField(
        _("likelihood (1–5)"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    effect = models.PositiveSmallIntegerField(
        _("effect (1–5)"), default=3, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    trigger = models.CharField(
        _("trigger"), max_length=160, help_text=_("what shows that it is time, as in “no bottles by 21:00”")
    )
    plan_b = models.CharField(_("plan B"), max_length=300)
    owner = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("owner"))
    until = models.DateField(_("holds until"), null=True, blank=True, help_text=_("empty: until retired"))

    class State(States):
        ready = waiting(_("Ready"))
        triggered = bad(_("Plan B runs"))
        retired = off(_("Retired"))

    lifecycle = Lifecycle(
        step("trigger", State.ready, State.triggered, by=PLANNERS, label=_("Plan B now"), reason=True),
        step("settle", State.triggered, State.ready, by=PLANNERS, label=_("Back to plan A"), reason=True),
        step(
            "retire", (State.ready, State.triggered), State.retired, by=PLANNERS, label=_("Retire"),
            reason=True,
        ),
    )  # fmt: skip

    key = ("site", "number")
    access = Access.to(PLANNERS)
    face = Face(
        columns=("number", "risk", "area", "line", "trigger", "plan_b", "owner", "state"),
        filters=("state", "area", "line", "owner"),
        search=("number", "risk", "trigger", "plan_b", "line__code"),
        order=("number",),
        icon="lifebuoy",
    )

    class Meta:
        db_table = "daily_contingency_plan"
        verbose_name = _("contingency plan")
        verbose_name_plural = _("contingency plans")

    def problems(self) -> Iterator[Problem]:
        """One place."""
        if self.area_id is not None and self.line_id is not None:
            yield Problem(_("give one place only: an area or a line"), "line")
