"""Rungs of the ladder that a call will climb, each with the instant it is due."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import NOBODY, Access, Role
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, waiting


class Limit(models.TextChoices):
    """Which limit a rung guards."""

    respond = "respond", _("nobody has taken it")
    resolve = "resolve", _("it is not resolved")
    test = "test", _("test call")


class EscalationStep(Record):
    """One rung of one call: who is to be told, when, by which channels, and what became of it."""

    call = models.ForeignKey("execution.AndonCall", models.PROTECT, verbose_name=_("call"), editable=False)
    place = models.PositiveSmallIntegerField(_("place"), editable=False)
    rung = models.PositiveSmallIntegerField(_("rung"), editable=False)
    role = ChoiceField(Role, verbose_name=_("calls"), editable=False)
    channels = models.CharField(_("channels"), max_length=60, editable=False)
    limit = ChoiceField(Limit, verbose_name=_("because"), editable=False)
    due_us = InstantField(verbose_name=_("due"))
    told_us = InstantField(verbose_name=_("done"), null=True)

    class State(States):
        waiting = waiting(_("Waiting"))
        told = done(_("Told"))
        nobody = bad(_("Nobody on duty"))
        stopped = off(_("Stopped"))

    lifecycle = Lifecycle(
        step("tell", State.waiting, State.told, by=NOBODY, asks=("told_us",), label=_("Tell")),
        step("pass_on", State.waiting, State.nobody, by=NOBODY, asks=("told_us",), label=_("Pass on")),
        step("stop", State.waiting, State.stopped, by=NOBODY, label=_("Stop")),
    )
    actions = (step("bring_forward", by=NOBODY, asks=("due_us",), label=_("Bring forward")),)

    key = ("call", "place")
    scope = "call__site"
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("call", "rung", "role", "limit", "due_us", "told_us", "state"),
        filters=("state", "role", "limit"),
        search=("call__number",),
        order=("-due_us",),
        icon="arrow-up",
        menu=False,
    )

    class Meta:
        db_table = "execution_escalation_step"
        verbose_name = _("escalation step")
        verbose_name_plural = _("escalation steps")
        indexes = [models.Index(fields=["state", "due_us"], name="execution_escalation_due")]
