"""The fastest cycle of an item on a machine."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import PLANNING, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import DurationField
from plantbeat.kernel.record import Face, Record


class IdealCycle(Record):
    """Ideal time per unit (ISO 22400-2 PRI) of an item on a machine, from a date on."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    item = models.ForeignKey("plant.Item", models.PROTECT, verbose_name=_("item"))
    machine = models.ForeignKey("plant.Machine", models.PROTECT, verbose_name=_("machine"))
    valid_from = models.DateField(_("in force from"))
    cycle = DurationField(unit="s", verbose_name=_("ideal cycle"), min_us=1, help_text=_("per unit"))
    assumed = models.BooleanField(
        _("assumed"), default=False, help_text=_("nobody has measured it; results say so")
    )

    key = ("site", "item", "machine", "valid_from")
    access = Access.to(PLANNING)
    face = Face(
        columns=("item", "machine", "valid_from", "cycle", "assumed"),
        filters=("item", "machine", "assumed"),
        search=("item__code", "machine__code"),
        order=("item__code", "machine__code", "-valid_from"),
        icon="stopwatch",
    )

    class Meta:
        db_table = "plant_ideal_cycle"
        verbose_name = _("ideal cycle")
        verbose_name_plural = _("ideal cycles")

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.ideal_written(self, verb)
