"""What a measure should be, where, from when, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.kernel.access import LEADERS, Access, Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, NumberField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Target(Record):
    """A target of one measure for a site, or for one area, line or machine of it, from a date on.

    `watch` is the value from which the measure is looked at although the target is missed by little.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("TG-", verbose_name=_("number"))
    measure = ChoiceField(MeasureCode, verbose_name=_("measure"))
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    machine = models.ForeignKey(
        "plant.Machine", models.PROTECT, null=True, blank=True, verbose_name=_("machine")
    )
    valid_from = models.DateField(_("in force from"))
    value = models.DecimalField(_("target"), max_digits=14, decimal_places=4)
    watch = models.DecimalField(
        _("watch from"), max_digits=14, decimal_places=4, null=True, blank=True,
        help_text=_("between this and the target the measure is watched, beyond it one acts"),
    )  # fmt: skip
    owner = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("owner"))

    key = ("site", "number")
    access = Access.to(LEADERS)
    face = Face(
        columns=("number", "measure", "area", "line", "machine", "valid_from", "value", "watch", "owner"),
        filters=("measure", "line", "machine", "owner"),
        search=("number", "line__code", "machine__code", "owner__name"),
        order=("measure", "-valid_from"),
        icon="target-arrow",
    )

    class Meta:
        db_table = "plant_target"
        verbose_name = _("target")
        verbose_name_plural = _("targets")

    def problems(self) -> Iterator[Problem]:
        """A target has one scope, and one value there from a date."""
        scopes = [name for name in ("area", "line", "machine") if getattr(self, f"{name}_id") is not None]
        if len(scopes) > 1:
            yield Problem(_("give one scope only: an area, a line or a machine"), scopes[-1])
        same = visible(Target, Actor.system("target")).filter(
            site=self.site_id, measure=self.measure, area=self.area_id, line=self.line_id,
            machine=self.machine_id, valid_from=self.valid_from,
        )  # fmt: skip
        if same.exclude(pk=self.pk).exists():
            yield Problem(_("there is a target from this date on already"), "valid_from", self.valid_from)
