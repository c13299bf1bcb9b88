"""Reasons a machine stands, as a tree."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Loss(models.TextChoices):
    """Six big losses (Nakajima, Introduction to TPM, 1988)."""

    breakdowns = "breakdowns", _("Breakdowns")
    setup_and_adjustment = "setup_and_adjustment", _("Set-up and adjustment")
    idling_and_minor_stops = "idling_and_minor_stops", _("Idling and minor stops")
    reduced_speed = "reduced_speed", _("Reduced speed")
    process_defects = "process_defects", _("Defects and rework")
    reduced_yield = "reduced_yield", _("Start-up losses")
    none = "none", _("Not a loss")


class StopState(models.TextChoices):
    """What a stop with this reason counts as in the time model (ISO 22400-2)."""

    own_stop = "own_stop", _("Unplanned stop")
    setup = "setup", _("Set-up")
    planned_stop = "planned_stop", _("Planned maintenance")
    starved = "starved", _("Starved (waits for material)")
    blocked = "blocked", _("Blocked (next step is full)")
    no_order = "no_order", _("No order")


class DowntimeReason(Record):
    """A reason for a stop, placed in the ISO 22400 time model and the six big losses."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, verbose_name=_("belongs to"))
    counts_as = ChoiceField(StopState, verbose_name=_("counts as"), default=StopState.own_stop)
    loss = ChoiceField(Loss, verbose_name=_("loss"), default=Loss.breakdowns)
    active = models.BooleanField(
        _("offered"), default=True, help_text=_("shown on the buttons of the terminal")
    )

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "parent", "counts_as", "loss", "active"),
        filters=("counts_as", "loss", "active", "parent"),
        search=("code", "name"),
        order=("code",),
        icon="clock-pause",
    )

    class Meta:
        db_table = "plant_downtime_reason"
        verbose_name = _("downtime reason")
        verbose_name_plural = _("downtime reasons")

    def problems(self) -> Iterator[Problem]:
        """A tree has no circle."""
        above, seen = self.parent, {self.pk}
        while above is not None:
            if above.pk in seen:
                yield Problem(_("a reason cannot belong to itself or to one below it"), "parent", above.code)
                return
            seen.add(above.pk)
            above = above.parent

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.reason_written(self, verb)
