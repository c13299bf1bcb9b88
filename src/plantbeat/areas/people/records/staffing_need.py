"""How many people a line needs to run as planned."""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Face, Record


class StaffingNeed(Record):
    """People a line needs in a shift; the need of a named shift goes before that of every shift."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    shift = models.CharField(_("shift"), max_length=60, blank=True, help_text=_("empty: every shift"))
    people = models.PositiveSmallIntegerField(
        _("people needed"), validators=[MinValueValidator(1)], help_text=_("to run at the standard rate")
    )

    key = ("site", "line", "shift")
    access = Access.to(LEADERS)
    face = Face(
        columns=("line", "shift", "people"),
        filters=("line", "shift"),
        search=("line__code", "shift"),
        order=("line__code", "shift"),
        icon="users",
    )

    class Meta:
        db_table = "people_staffing_need"
        verbose_name = _("staffing need")
        verbose_name_plural = _("staffing needs")
