"""Groups of machines that can do the same work."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import PLANNING, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.record import Face, Record


class WorkCentre(Record):
    """Machines a routing step may run on; capacity and set-up times are kept per work centre (APICS)."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)

    key = ("site", "code")
    access = Access.to(PLANNING)
    face = Face(columns=("code", "name"), search=("code", "name"), order=("code",), icon="stack-2")

    class Meta:
        db_table = "plant_work_centre"
        verbose_name = _("work centre")
        verbose_name_plural = _("work centres")
