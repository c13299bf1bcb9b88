"""Rungs of the ladder that a call, or an unsigned handoff, will climb, each with the instant it is due."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import NOBODY, Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField, ReferenceField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, waiting


class Limit(models.TextChoices):
    """Which limit a rung guards."""

    respond = "respond", _("nobody has taken it")
    resolve = "resolve", _("it is not resolved")
    test = "test", _("test call")
    sign = "sign", _("nobody has signed it")


class EscalationStep(Record):
    """One rung of one call or handoff: who is to be told, when, by which channels, and what became of it."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), editable=False)
    call = models.ForeignKey(
        "execution.AndonCall", models.PROTECT, null=True, blank=True, verbose_name=_("call"), editable=False
    )
    subject = ReferenceField(
        ("daily.Handoff",), verbose_name=_("about"), blank=True, editable=False,
        help_text=_("empty: the call"),
    )  # fmt: skip
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

    key = ("call", "subject", "place")
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("call", "subject", "rung", "role", "limit", "due_us", "told_us", "state"),
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
        indexes = [
            models.Index(fields=["state", "due_us"], name="execution_escalation_due"),
            models.Index(fields=["site", "told_us"], name="execution_escalation_told"),
        ]

    @property
    def reference(self) -> str:
        """What the rung is about, as `type code:id`."""
        return self.subject or f"execution.AndonCall:{self.call_id}"

    def problems(self) -> Iterator[Problem]:
        """A rung is about one thing."""
        if (self.call_id is None) == (not self.subject):
            yield Problem(_("needs a call or what else it is about, not both"), "subject", self.subject)
