"""What is checked at a stop of a gemba walk, by what stands out there."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import ANYONE, LEADERS, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class WalkSignal(models.TextChoices):
    """What makes a place worth seeing, as the route weighs it."""

    surprise = "surprise", _("something unusual")
    drift = "drift", _("something drifts")
    repeats = "repeats", _("a stop repeats")
    unseen = "unseen", _("not seen for long")
    new_people = "new_people", _("new people")


class GembaCheck(Record):
    """One check of the standard, asked at every place where a signal stands out most."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    signal = ChoiceField(WalkSignal, verbose_name=_("where"))
    check_of = models.CharField(
        _("check of the standard"), max_length=250, help_text=_("a question that is answered by looking")
    )

    key = ("site", "signal")
    access = Access(read=ANYONE, create=LEADERS, edit=LEADERS, remove=LEADERS)
    face = Face(
        columns=("signal", "check_of"),
        filters=("signal",),
        search=("check_of",),
        order=("signal",),
        icon="checklist",
    )

    class Meta:
        db_table = "daily_gemba_check"
        verbose_name = _("check of gemba walks")
        verbose_name_plural = _("checks of gemba walks")

    def problems(self) -> Iterator[Problem]:
        """It says what is looked at."""
        if not self.check_of.strip():
            yield Problem(_("say what is looked at"), "check_of", self.check_of)
