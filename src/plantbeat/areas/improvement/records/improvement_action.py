"""Actions: what was decided, who does it, until when."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, LEADERS, READ_ONLY, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField, ReferenceField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, off, open_, waiting

SOURCES = (
    "plant.Target", "plant.DowntimeReason", "plant.Line", "plant.Machine", "planning.WorkOrder",
    "daily.TierBoard", "daily.TierMeeting", "daily.Escalation", "daily.GembaStop", "daily.IncidentDecision",
    "execution.Stop", "safety.Hazard",
)  # fmt: skip


def owner_or_leader(record: Record, by: Actor) -> bool:
    """the owner of the action, and leaders of the site"""
    action = cast("ImprovementAction", record)
    is_owner = by.user_id is not None and action.owner.user_id == by.user_id
    return is_owner or by.holds(LEADERS, action.site_id)


def _settle(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("ImprovementAction", record).settled_us = clock.now_us()


def _close(record: Record, by: Actor, data: dict[str, Any]) -> None:
    if not cast("ImprovementAction", record).evidence.strip():
        raise Refused(Problem(_now("say what shows that it was done"), "evidence"))
    _settle(record, by, data)


def _open_again(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("ImprovementAction", record).settled_us = None


class ImprovementAction(Record):
    """An action with one owner and a date; it is closed with evidence."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("A-", verbose_name=_("number"))
    title = models.CharField(_("what is to be done"), max_length=160)
    owner = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("owner"))
    due = models.DateField(_("due"))
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    source = ReferenceField(
        SOURCES, verbose_name=_("came from"), blank=True, help_text=_("as in “plant.Machine:FILL-1”")
    )
    note = models.TextField(_("note"), blank=True)
    evidence = models.TextField(_("evidence"), blank=True, help_text=_("what shows that it was done"))
    raised_us = InstantField(verbose_name=_("raised"), default=clock.now_us)
    settled_us = InstantField(verbose_name=_("settled"), null=True)

    class State(States):
        open = open_(_("Open"))
        in_work = waiting(_("In work"))
        closed = done(_("Closed"))
        dropped = off(_("Dropped"))

    lifecycle = Lifecycle(
        step("start", State.open, State.in_work, by=owner_or_leader, label=_("Start")),
        step(
            "close", (State.open, State.in_work), State.closed, by=owner_or_leader, label=_("Close"),
            asks=("evidence",), effect=_close,
        ),
        step(
            "drop", (State.open, State.in_work), State.dropped, by=LEADERS, label=_("Drop"),
            effect=_settle, reason=True,
        ),
        step(
            "reopen", (State.closed, State.dropped), State.open, by=LEADERS, label=_("Reopen"),
            effect=_open_again, reason=True,
        ),
    )  # fmt: skip

    key = ("site", "number")
    after = SOURCES
    access = Access(create=ANYONE - READ_ONLY, edit=LEADERS, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "title", "owner", "due", "state", "line"),
        filters=("state", "due", "owner", "line"),
        search=("number", "title", "owner__name", "line__code"),
        order=("due",),
        icon="checklist",
    )

    class Meta:
        db_table = "improvement_action"
        verbose_name = _("action")
        verbose_name_plural = _("actions")
