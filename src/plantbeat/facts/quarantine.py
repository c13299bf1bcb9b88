"""What arrived and could not be believed: kept as it came, until somebody releases or discards it."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.facts.source import FactSource
from plantbeat.kernel.access import LEADERS, NOBODY, Access, Actor, Role, Roles
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, off, open_

STEWARDS: Roles = LEADERS | {Role.line_lead, Role.maintenance, Role.quality}
"""Those who know what a machine meant to say."""


class Fault(models.TextChoices):
    """Why a fact is in quarantine."""

    malformed = "malformed", _("Not readable")
    unknown_kind = "unknown_kind", _("Unknown kind")
    bad_body = "bad_body", _("Wrong content")
    bad_time = "bad_time", _("Unreadable time")
    impossible_clock = "impossible_clock", _("Impossible clock")
    unknown_asset = "unknown_asset", _("Unknown asset")
    conflict = "conflict", _("Number used twice")


def _release(record: Record, by: Actor, _data: dict[str, Any]) -> None:
    from plantbeat.facts.release import release

    release(cast("Quarantine", record), by)


class Quarantine(Record):
    """A fact that was not believed, as it came (`raw`), with what was wrong.

    `asset`, `t`, `kind` and `body` are what could be read of it; a release takes them as they then stand.
    `stored_hash` is the content that already has its number, `content_hash` its own, where that is the fault.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), editable=False)
    number = NumberField("Q-", verbose_name=_("number"))
    source = models.ForeignKey(FactSource, models.PROTECT, verbose_name=_("source"), editable=False)
    seq = models.BigIntegerField(_("sequence number"), null=True, editable=False)
    fault = ChoiceField(Fault, verbose_name=_("fault"), editable=False)
    sentence = models.TextField(_("what was wrong"), editable=False)
    received_us = InstantField(verbose_name=_("received"))
    asset = models.CharField(_("asset"), max_length=60, blank=True)
    t = models.CharField(_("time"), max_length=60, blank=True)
    kind = models.CharField(_("kind"), max_length=30, blank=True)
    body = models.TextField(_("content"), blank=True)
    actor = models.CharField(_("said by"), max_length=60, blank=True, editable=False)
    raw = models.TextField(_("as received"), editable=False)
    raw_hash = models.CharField(max_length=64, editable=False)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    stored_hash = models.CharField(max_length=64, blank=True, editable=False)
    lsn = models.BigIntegerField(_("released as fact"), null=True, editable=False)

    class State(States):
        open = open_(_("To be looked at"))
        released = done(_("Released"))
        discarded = off(_("Discarded"))

    lifecycle = Lifecycle(
        step(
            "release", State.open, State.released, by=STEWARDS, label=_("Release"),
            asks=("asset", "t", "kind", "body"), effect=_release,
        ),
        step("discard", State.open, State.discarded, by=STEWARDS, label=_("Discard"), reason=True),
    )  # fmt: skip
    key = ("site", "number")
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    secrets = ("raw_hash",)
    face = Face(
        columns=(
            "number",
            "state",
            "fault",
            "source",
            "seq",
            "asset",
            "kind",
            "t",
            "sentence",
            "received_us",
        ),
        filters=("state", "fault", "source", "kind"),
        search=("number", "asset", "sentence"),
        order=("-received_us",),
        icon="biohazard",
    )

    class Meta:
        db_table = "fact_quarantine"
        verbose_name = _("quarantined fact")
        verbose_name_plural = _("quarantine")
        constraints = [models.UniqueConstraint(fields=["source", "raw_hash"], name="fact_quarantine_raw")]
        indexes = [models.Index(fields=["source", "seq"], name="fact_quarantine_seq")]
