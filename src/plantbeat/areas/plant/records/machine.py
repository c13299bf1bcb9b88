"""Machines."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Machine(Record):
    """A machine (ISA-95 work unit): the place facts come from and operations are scheduled on."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    work_centre = models.ForeignKey(
        "plant.WorkCentre", models.PROTECT, null=True, blank=True, verbose_name=_("work centre")
    )
    machine_class = models.CharField(
        _("class"), max_length=40, blank=True, help_text=_("machines of one class share their state mapping")
    )
    position = models.PositiveSmallIntegerField(_("position in the line"), default=0)
    valid_from = models.DateField(_("in use from"), null=True, blank=True)
    valid_to = models.DateField(_("in use until"), null=True, blank=True)

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "line", "work_centre", "machine_class", "position"),
        filters=("line", "work_centre", "machine_class"),
        search=("code", "name"),
        order=("code",),
        label=True,
        icon="engine",
    )

    class Meta:
        db_table = "plant_machine"
        verbose_name = _("machine")
        verbose_name_plural = _("machines")

    def problems(self) -> Iterator[Problem]:
        """Validity ends after it begins."""
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            yield Problem(_("lies before “in use from”"), "valid_to", self.valid_to)
        yield from publishing.code_problems(self)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.machine_written(self, verb)
