"""Planned stops: maintenance windows and other time in which nothing is meant to run."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import NumberField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class PlannedStop(Record):
    """Time in which a machine, a line, an area or the site is to stand; it is not planned busy time."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("PS-", verbose_name=_("number"))
    starts = models.DateTimeField(_("from"))
    ends = models.DateTimeField(_("to"))
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    machine = models.ForeignKey(
        "plant.Machine", models.PROTECT, null=True, blank=True, verbose_name=_("machine"),
        help_text=_("neither machine, line nor area: the whole site"),
    )  # fmt: skip
    purpose = models.CharField(_("what for"), max_length=120, help_text=_("as in “monthly maintenance”"))

    key = ("site", "number")
    access = Access.to(LEADERS | {Role.maintenance, Role.planner})
    face = Face(
        columns=("number", "starts", "ends", "area", "line", "machine", "purpose"),
        filters=("starts", "line", "machine"),
        search=("number", "purpose", "line__code", "machine__code"),
        order=("-starts",),
        icon="tool",
    )

    class Meta:
        db_table = "plant_planned_stop"
        verbose_name = _("planned stop")
        verbose_name_plural = _("planned stops")

    def problems(self) -> Iterator[Problem]:
        """An end after the begin, and one place."""
        if self.ends <= self.starts:
            yield Problem(_("lies before “from”"), "ends", self.ends)
        places = [name for name in ("area", "line", "machine") if getattr(self, f"{name}_id") is not None]
        if len(places) > 1:
            yield Problem(_("give one place only: an area, a line or a machine"), places[-1])

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.planned_stop_written(self, verb)
