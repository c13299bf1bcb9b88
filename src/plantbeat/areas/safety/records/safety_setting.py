"""What a site shows of safety."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.safety.records.hazard import SAFETY
from plantbeat.kernel.access import Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Face, Record


class SafetySetting(Record):
    """One record a site; without it the days since the last recordable are shown, small."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    show_days_since = models.BooleanField(
        _("show the days since the last recordable"), default=True,
        help_text=_("a long count can keep people from reporting; hazards reported and fixed lead anyway"),
    )  # fmt: skip

    key = ("site",)
    access = Access.to(SAFETY)
    face = Face(columns=("site", "show_days_since"), icon="settings")

    class Meta:
        db_table = "safety_setting"
        verbose_name = _("safety setting")
        verbose_name_plural = _("safety settings")
