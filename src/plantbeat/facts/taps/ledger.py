"""The ledger of taps: which numbers of which tablet have arrived, and what became of each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.accounts import Device, Site
from plantbeat.kernel.fields import ChoiceField


class Outcome(models.TextChoices):
    """What became of a tap. `conflict`: its number had come before with other content."""

    done = "done", _("Done")
    refused = "refused", _("Refused")
    conflict = "conflict", _("Number used twice")


class TapSession(models.Model):
    """One numbering of taps: a tablet's outbox from when it was made, or one page of a signed-in person.

    `up_to`: every number up to here has its outcome. The row is locked while taps of it are taken.
    """

    id = models.CharField(max_length=40, primary_key=True)
    site = models.ForeignKey(Site, models.PROTECT)
    device = models.ForeignKey(Device, models.PROTECT, null=True)
    owner = models.CharField(max_length=60, blank=True)
    up_to = models.BigIntegerField(default=0)
    heard_us = models.BigIntegerField()

    class Meta:
        db_table = "fact_tap_session"

    def __str__(self) -> str:
        return self.id


class Tap(models.Model):
    """One tap and its one outcome.

    digest     of the tap as it was sent, without its number
    operator   pseudonym; empty where nobody could be told
    problems   why it was refused, in the operator's language
    facts      lsns of the facts it wrote
    tapped_us  on the plant's clock; arrived_us when it was first received
    """

    session = models.ForeignKey(TapSession, models.PROTECT)
    seq = models.BigIntegerField()
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=30)
    operator = models.CharField(max_length=60, blank=True)
    tapped_us = models.BigIntegerField()
    arrived_us = models.BigIntegerField()
    outcome = ChoiceField(Outcome)
    problems = models.JSONField(default=list)
    data = models.JSONField(default=dict)
    facts = models.JSONField(default=list)

    class Meta:
        db_table = "fact_tap"
        constraints = [
            models.UniqueConstraint(
                fields=["session", "seq"], condition=~Q(outcome="conflict"), name="fact_tap_once"
            ),
            models.UniqueConstraint(fields=["session", "seq", "digest"], name="fact_tap_key"),
        ]
        indexes = [
            models.Index(fields=["-arrived_us"], condition=~Q(outcome="done"), name="fact_tap_refused"),
            models.Index(fields=["operator", "-tapped_us"], name="fact_tap_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.session_id} {self.seq}"
