"""Which reason stands under which button where one machine has places of its own."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.records.reason_buttons import PLACES, REVIEW, REVIEWERS, reason_elsewhere
from plantbeat.kernel.access import Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record


class MachineButtons(Record):
    """The reasons of stops of one machine, each in its fixed place; they go before those of its line."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    machine = models.ForeignKey("plant.Machine", models.PROTECT, verbose_name=_("machine"))
    reviewed_us = InstantField(verbose_name=_("reviewed"), null=True)

    key = ("site", "machine")
    after = ("plant.DowntimeReason",)
    access = Access.to(REVIEWERS)
    actions = (REVIEW,)
    face = Face(
        columns=("machine", "reviewed_us"),
        filters=("machine",),
        search=("machine__code",),
        order=("machine__code",),
        icon="layout-grid",
    )

    class Meta:
        db_table = "execution_machine_buttons"
        verbose_name = _("buttons of a machine")
        verbose_name_plural = _("buttons of machines")


class MachineButton(Line):
    """One button: its place on the screen, from the top left, and the reason under it."""

    buttons = Parent(MachineButtons, related_name="places")
    place = models.PositiveSmallIntegerField(
        _("place"), validators=[MinValueValidator(1), MaxValueValidator(PLACES)]
    )
    reason = models.ForeignKey("plant.DowntimeReason", models.PROTECT, verbose_name=_("reason"))

    key = ("buttons", "place")
    columns = ("place", "reason")

    class Meta:
        db_table = "execution_machine_button"
        verbose_name = _("button of a machine")
        verbose_name_plural = _("buttons of a machine")

    def problems(self) -> Iterator[Problem]:
        """A reason of the machine's own site."""
        yield from reason_elsewhere(self)
