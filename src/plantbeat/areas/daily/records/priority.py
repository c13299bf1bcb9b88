"""Which constraint gets help first in a shift."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class ConstraintKind(models.TextChoices):
    """What limits a shift."""

    none = "nothing", _("Nothing needs help first")
    plan_at_risk = "plan_at_risk", _("Plan at risk")
    people = "people", _("People missing")
    machine_down = "machine_down", _("Line stands")
    andon = "andon", _("Call for help open")
    orders = "orders", _("Orders past due")
    planned_stop = "planned_stop", _("Planned stop")
    hazard = "hazard", _("Hazard open")
    quarantine = "quarantine", _("Facts in quarantine")
    actions = "actions", _("Actions overdue")
    other = "other", _("Something else")


_ASKED = ("kind", "constraint", "what", "line", "owner", "note")


def _decided_again(record: Record, by: Actor, data: dict[str, Any]) -> None:
    """The newest decision holds from now on."""
    cast("Priority", record).decided_us = clock.now_us()


class Priority(Record):
    """The one decision of the start-up: who gets help first in a shift, and who sees to it.

    `constraint` is the key of what was ranked (`machine_down:L3`), `what` its words as they stood then.
    "Nothing" is a decision too: it has neither line nor owner.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    day = models.DateField(_("production day"))
    shift = models.CharField(_("shift"), max_length=60)
    kind = ChoiceField(ConstraintKind, verbose_name=_("constraint"), default=ConstraintKind.other)
    constraint = models.CharField(max_length=80, blank=True, editable=False)
    what = models.CharField(_("what gets help first"), max_length=240, blank=True)
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    owner = models.ForeignKey("people.Person", models.PROTECT, null=True, blank=True, verbose_name=_("owner"))
    note = models.TextField(_("note"), blank=True)
    decided_us = InstantField(verbose_name=_("decided"), default=clock.now_us)

    actions = (step("decide_again", by=LEADERS, label=_("Decide again"), effect=_decided_again, asks=_ASKED),)
    key = ("site", "day", "shift")
    access = Access.to(LEADERS)
    face = Face(
        columns=("day", "shift", "kind", "what", "line", "owner", "decided_us"),
        filters=("day", "shift", "kind", "line", "owner"),
        search=("what", "note", "line__code", "owner__name"),
        order=("-day", "shift"),
        icon="target-arrow",
    )

    class Meta:
        db_table = "daily_priority"
        verbose_name = _("priority of a shift")
        verbose_name_plural = _("priorities of shifts")

    def problems(self) -> Iterator[Problem]:
        """What gets help first is said, and somebody sees to it; nothing needs nobody."""
        if self.kind == ConstraintKind.none:
            return
        if not self.what.strip():
            yield Problem(_("say what gets help first"), "what", self.what)
        if self.owner_id is None:
            yield Problem(_("somebody has to see to it"), "owner")
