"""When the moments of a site's day are."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.record import Face, Record


class MomentCode(models.TextChoices):
    """The seven moments of the day, in their order."""

    start_up = "start_up", _("Start-up")
    tune = "tune", _("Tune-up")
    gemba = "gemba", _("Gemba")
    sync = "sync", _("Sync")
    people = "people", _("People")
    results = "results", _("Results")
    handoff = "handoff", _("Handoff")


class DayMoment(Record):
    """The time of one moment at a site: of the day, or of one shift by its name.

    A moment without a record is where the shift calendar puts it: start-up half an hour after the first
    shift of the day begins, and so on.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    moment = ChoiceField(MomentCode, verbose_name=_("moment"))
    shift = models.CharField(
        _("shift"), max_length=60, blank=True, help_text=_("empty: the day of those who are not on shift")
    )
    at = models.TimeField(_("time"), help_text=_("local time, as in “06:30”"))

    key = ("site", "moment", "shift")
    access = Access.to(LEADERS)
    face = Face(
        columns=("moment", "shift", "at"),
        filters=("moment", "shift"),
        search=("shift",),
        order=("shift", "at"),
        icon="clock",
    )

    class Meta:
        db_table = "daily_day_moment"
        verbose_name = _("moment of the day")
        verbose_name_plural = _("moments of the day")
