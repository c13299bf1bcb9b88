"""How a line comes up to its rate after a set-up."""

from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import PLANNING, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import DurationField
from plantbeat.kernel.record import Face, Record


class RampUp(Record):
    """The first time of a run in which less than the standard rate is planned; without one there is none."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    lasts = DurationField(unit="min", verbose_name=_("lasts"), min_us=1_000_000)
    percent = models.PositiveSmallIntegerField(
        _("rate meanwhile (% of standard)"), default=50, validators=[MaxValueValidator(99)]
    )

    key = ("site", "line")
    access = Access.to(PLANNING)
    face = Face(
        columns=("line", "lasts", "percent"),
        filters=("line",),
        search=("line__code",),
        order=("line__code",),
        icon="trending-up",
    )

    class Meta:
        db_table = "execution_ramp_up"
        verbose_name = _("ramp-up")
        verbose_name_plural = _("ramp-ups")
