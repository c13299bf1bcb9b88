"""What a program shows to be let in."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, Access, Actor
from plantbeat.kernel.accounts import User
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.problems import Text
from plantbeat.kernel.record import Face, Record

TOKEN_DOOR = "token"  # noqa: S105  (a name of a door, no secret)
USE_DOOR = "use"
DAY_US = 86_400_000_000


def _at_token_door(_record: Record, by: Actor) -> bool:
    """A secret is shown once, so it is made only where it can be shown."""
    return by.door == TOKEN_DOOR and by.holds(ADMINISTRATORS, None)


def _by_the_product(_record: Record, by: Actor) -> bool:
    """Use is noted by the door that lets programs in, and by nobody else."""
    return by.door == USE_DOOR and by.trusted


def _issue(record: Record, _by: Actor, data: dict[str, Any]) -> None:
    token = cast("ApiToken", record)
    token.token_hash, token.revoked_us = str(data["token_hash"]), None
    token.expires_us = clock.now_us() + int(data["good_for_days"]) * DAY_US


def _revoke(record: Record, _by: Actor, _data: dict[str, Any]) -> None:
    cast("ApiToken", record).revoked_us = clock.now_us()


def _note_use(record: Record, _by: Actor, _data: dict[str, Any]) -> None:
    cast("ApiToken", record).last_used_us = clock.now_us()


def _is_revoked(record: Record, _by: Actor) -> Text | None:
    return _("it is revoked already") if cast("ApiToken", record).revoked_us is not None else None


class ApiToken(Record):
    """A program's token for REST: it acts as its service account until it expires or is revoked."""

    account = models.ForeignKey(User, models.PROTECT, verbose_name=_("service account"))
    token_hash = models.CharField(max_length=64, default="", editable=False)
    expires_us = InstantField(verbose_name=_("expires"), null=True)
    last_used_us = InstantField(verbose_name=_("last used (to the hour)"), null=True)
    revoked_us = InstantField(verbose_name=_("revoked"), null=True)

    key = ("account",)
    scope = None
    access = Access.to(ADMINISTRATORS, read=ADMINISTRATORS)
    secrets = ("token_hash",)
    actions = (
        step("issue", by=_at_token_door, effect=_issue, label=_("Issue a token")),
        step("revoke", by=ADMINISTRATORS, effect=_revoke, guard=_is_revoked, label=_("Revoke")),
        step("note_use", by=_by_the_product, effect=_note_use, label=_("Note that it was used")),
    )
    face = Face(
        columns=("account", "expires_us", "last_used_us", "revoked_us"),
        order=("account",),
        icon="key",
    )

    class Meta:
        db_table = "programs_api_token"
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
