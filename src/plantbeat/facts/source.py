"""Who sends facts: gateways, tablets, files, and the product itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, LEADERS, NOBODY, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, DurationField, InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.problems import Problem, Text
from plantbeat.kernel.record import Face, Record

TOKEN_DOOR = "token"  # noqa: S105  (a name of a door, no secret)
CLOCK_OFF_US = 120_000_000


class SourceKind(models.TextChoices):
    """What a source is; the product numbers its own facts itself."""

    gateway = "gateway", _("Gateway or machine")
    tablet = "tablet", _("Operator tablet")
    file = "file", _("Imported file")
    product = "product", _("Plantbeat itself")


def _at_token_door(record: Record, by: Actor) -> bool:
    """A secret is shown once, so it is made only where it can be shown."""
    return by.door == TOKEN_DOOR and by.holds(ADMINISTRATORS, record.site_id_of_record)


def _issue_token(record: Record, _by: Actor, data: dict[str, Any]) -> None:
    source = cast("FactSource", record)
    source.token_hash, source.revoked_us = str(data["token_hash"]), None


def _revoke(record: Record, _by: Actor, _data: dict[str, Any]) -> None:
    cast("FactSource", record).revoked_us = clock.now_us()


def _is_revoked(record: Record, _by: Actor) -> Text | None:
    return _("it is revoked already") if cast("FactSource", record).revoked_us is not None else None


class FactSource(Record):
    """A sender of facts, at one site, with a token of its own, good until revoked.

    `committed_up_to`: every number up to here is stored, a known duplicate, or in quarantine; `ahead` are the
    spans beyond a gap. Both outlive the sealing of the facts, so that what is sent again stays a duplicate.
    `skew_us` is the least delay from the source's clock to ours that was seen lately: below zero its clock is
    ahead of ours, far above zero it is behind (or only old facts came).
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=60, validators=[CODE])
    kind = ChoiceField(SourceKind, verbose_name=_("kind"), default=SourceKind.gateway)
    token_hash = models.CharField(max_length=64, default="", editable=False)
    committed_up_to = models.BigIntegerField(_("committed up to"), default=0, editable=False)
    max_seq = models.BigIntegerField(_("highest number heard"), default=0, editable=False)
    ahead = models.TextField(default="", editable=False)
    last_heard_us = InstantField(verbose_name=_("last heard"), null=True)
    skew_us = DurationField(
        verbose_name=_("clock difference"), unit="s", min_us=None, null=True, blank=True, editable=False
    )
    revoked_us = InstantField(verbose_name=_("revoked"), null=True)

    key = ("name",)
    access = Access(create=ADMINISTRATORS, edit=ADMINISTRATORS, remove=NOBODY)
    secrets = ("token_hash", "ahead")
    actions = (
        step("issue_token", by=_at_token_door, effect=_issue_token, label=_("Issue a token")),
        step("revoke", by=LEADERS, effect=_revoke, guard=_is_revoked, label=_("Revoke")),
    )
    face = Face(
        columns=(
            "name",
            "kind",
            "site",
            "committed_up_to",
            "max_seq",
            "last_heard_us",
            "skew_us",
            "revoked_us",
        ),
        filters=("kind", "site"),
        search=("name",),
        order=("name",),
        icon="router",
    )

    class Meta:
        db_table = "fact_source"
        verbose_name = _("fact source")
        verbose_name_plural = _("fact sources")

    def problems(self) -> Iterator[Problem]:
        """What a source has sent names assets of its site, so it stays there."""
        elsewhere = FactSource.objects.filter(pk=self.pk).exclude(site=self.site_id)
        if self.pk and self.max_seq and elsewhere.exists():
            message = _("it has sent facts already; make a new source for the other site")
            yield Problem(message, "site", self.site)

    @property
    def clock_off(self) -> bool:
        """True if the source's clock seems to differ from ours by more than two minutes."""
        return self.skew_us is not None and abs(self.skew_us) > CLOCK_OFF_US


def source_actor(name: str) -> Actor:
    """The actor behind facts that a source sends with its token."""
    return Actor(pseudonym=f"source:{name}", label=name, door="ingest", trusted=True)
