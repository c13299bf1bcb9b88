"""What somebody changed in a draft: moves, freezes, rush orders."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.kernel.access import NOBODY, Access
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import Lifecycle, Step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, off


class ChangeKind(models.TextChoices):
    """What was changed."""

    move = "move", _("Moved")
    freeze = "freeze", _("Frozen until")
    hold = "hold", _("Held in place")
    release = "release", _("No longer held")
    rush = "rush", _("Rush order")


class ScheduleChange(Record):
    """One change of a draft, with what it did: replayed on the version it was made from, they give the draft.

    Signed differences (after - before): late orders, minutes late, minutes of set-up.
    """

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="changes", verbose_name=_("schedule"))
    place = models.PositiveIntegerField(_("number"))
    kind = ChoiceField(ChangeKind, verbose_name=_("what"))
    order = models.ForeignKey(
        WorkOrder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("order")
    )
    step = models.PositiveIntegerField(_("step"), null=True, blank=True)
    machine = models.ForeignKey(
        "plant.Machine", models.PROTECT, null=True, blank=True, verbose_name=_("machine")
    )
    after_order = models.ForeignKey(
        WorkOrder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("behind order")
    )
    after_step = models.PositiveIntegerField(_("behind step"), null=True, blank=True)
    until_us = InstantField(verbose_name=_("until"), null=True)
    frozen_us = InstantField(verbose_name=_("was frozen until"), null=True)
    late_orders = models.IntegerField(_("late orders"), default=0)
    late_minutes = models.IntegerField(_("minutes late"), default=0)
    setup_minutes = models.IntegerField(_("minutes of set-up"), default=0)

    class State(States):
        done = done(_("Done"))
        taken_back = off(_("Taken back"))

    lifecycle = Lifecycle(
        Step("take_back", State.done, State.taken_back, by=NOBODY, label=_("Take back")),
    )

    key = ("schedule", "place")
    scope = "schedule__site"
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=(
            "schedule",
            "place",
            "kind",
            "order",
            "step",
            "machine",
            "late_orders",
            "late_minutes",
            "state",
        ),
        filters=("schedule", "kind", "state"),
        search=("order__number", "schedule__number"),
        order=("-schedule", "place"),
        icon="arrows-right",
    )

    class Meta:
        db_table = "planning_schedule_change"
        verbose_name = _("schedule change")
        verbose_name_plural = _("schedule changes")
