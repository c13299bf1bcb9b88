"""Proof that somebody was told of a call or a handoff: who, when, by which channel, with what result."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import NOBODY, Access, Role
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, waiting


class Channel(models.TextChoices):
    """Ways to reach people."""

    board = "board", _("board")
    sound = "sound", _("tablet sound")
    email = "email", _("e-mail")
    gateway = "gateway", _("SMS or webhook gateway")


class Notice(Record):
    """One message of one rung, by one channel. `try_us` is when it is to be sent (again)."""

    escalation = models.ForeignKey(
        "execution.EscalationStep", models.PROTECT, related_name="notices", verbose_name=_("rung"),
        editable=False,
    )  # fmt: skip
    place = models.PositiveSmallIntegerField(_("place"), editable=False)
    channel = ChoiceField(Channel, verbose_name=_("channel"), editable=False)
    role = ChoiceField(Role, verbose_name=_("role"), editable=False)
    person = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, verbose_name=_("who"), editable=False
    )
    at_us = InstantField(verbose_name=_("at"))
    try_us = InstantField(verbose_name=_("next try"), null=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    result = models.CharField(_("result"), max_length=300, blank=True, editable=False)

    class State(States):
        waiting = waiting(_("To be sent"))
        shown = done(_("Shown"))
        sent = done(_("Sent"))
        failed = bad(_("Failed"))
        not_set_up = bad(_("Not set up"))
        nobody = bad(_("Nobody on duty"))
        dropped = off(_("Not needed any more"))

    lifecycle = Lifecycle(
        step("deliver", State.waiting, State.sent, by=NOBODY, asks=("at_us", "result"), label=_("Deliver")),
        step("fail", State.waiting, State.failed, by=NOBODY, asks=("at_us", "result"), label=_("Fail")),
        step("lack", State.waiting, State.not_set_up, by=NOBODY, asks=("at_us", "result"), label=_("Lack")),
        step("drop", State.waiting, State.dropped, by=NOBODY, label=_("Drop")),
    )
    actions = (
        step("try_now", by=NOBODY, asks=("attempts", "try_us"), label=_("Try")),
        step("try_later", by=NOBODY, asks=("try_us", "result"), label=_("Try again later")),
    )

    key = ("escalation", "place")
    scope = "escalation__site"
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("escalation", "channel", "role", "person", "at_us", "state", "attempts", "result"),
        filters=("state", "channel", "role"),
        search=("escalation__call__number",),
        order=("-at_us",),
        icon="history",
        menu=False,
    )

    class Meta:
        db_table = "execution_notice"
        verbose_name = _("notice of a call")
        verbose_name_plural = _("notices of calls")
        indexes = [models.Index(fields=["state", "try_us"], name="execution_notice_due")]
