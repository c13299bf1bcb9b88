"""How long it takes to change a work centre from one set-up family to another."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import PLANNING, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import DurationField
from plantbeat.kernel.record import Face, Line, Parent, Record

ANY_FAMILY = "*"


class SetupMatrix(Record):
    """From-to changeover times of a work centre; `*` stands for every family not named."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    work_centre = models.ForeignKey("plant.WorkCentre", models.PROTECT, verbose_name=_("work centre"))
    note = models.TextField(_("note"), blank=True)

    key = ("site", "work_centre")
    access = Access.to(PLANNING)
    face = Face(
        columns=("work_centre", "note"),
        search=("work_centre__code",),
        order=("work_centre__code",),
        icon="arrows-exchange",
    )
    plural_slug = "setup-matrices"

    class Meta:
        db_table = "plant_setup_matrix"
        verbose_name = _("set-up matrix")
        verbose_name_plural = _("set-up matrices")


class Changeover(Line):
    """One cell of the matrix."""

    matrix = Parent(SetupMatrix, related_name="changeovers")
    from_family = models.CharField(_("from family"), max_length=40)
    to_family = models.CharField(_("to family"), max_length=40)
    duration = DurationField(unit="min", verbose_name=_("set-up"))

    key = ("matrix", "from_family", "to_family")
    columns = ("from_family", "to_family", "duration")

    class Meta:
        db_table = "plant_changeover"
        verbose_name = _("changeover")
        verbose_name_plural = _("changeovers")
