"""What is done with the tokens of programs: made, renewed, revoked, noted as used."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import replace

from django.utils.translation import gettext as _

from plantbeat.areas.programs.records.api_token import TOKEN_DOOR, USE_DOOR, ApiToken
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

PREFIX = "pba"
GOOD_FOR_DAYS = 365


def api_token_create(
    name: str, grants: Iterable[tuple[Role, Site | None]], by: Actor, days: int = GOOD_FOR_DAYS
) -> str:
    """Make a service account with roles at sites (`None`: at all) and return its token, shown this once.

    Raises `Refused` for an actor who is no administrator and for a name in use.
    """
    with writing():
        if visible(User, by).filter(username__iexact=name).exists():
            message = _("there is somebody called “%(name)s” already; take another name")
            raise Refused(Problem(message % {"name": name}, "name", name), Kind.conflict)
        roles = [{"role": role, "site": site} for role, site in grants]
        account = act(User, "create", by, {"username": name, "grants": roles})
        return api_token_renew(act(ApiToken, "create", by, {"account": account}), by, days)


def api_token_renew(token: ApiToken, by: Actor, days: int = GOOD_FOR_DAYS) -> str:
    """A new secret, good for so many days; the one before is good no longer."""
    shown = f"{PREFIX}.{token.pk}.{secrets.token_urlsafe(32)}"
    act(
        token, "issue", replace(by, door=TOKEN_DOOR), {"token_hash": token_hash(shown), "good_for_days": days}
    )
    return shown


def api_token_revoke(token: ApiToken, by: Actor) -> ApiToken:
    """Let nobody in with the token from now on; the service account stays, for the log."""
    return act(token, "revoke", by)


def api_token_used(token: ApiToken) -> ApiToken:
    """Note that the token let a program in."""
    return act(token, "note_use", replace(Actor.system("api"), door=USE_DOOR))


def api_token_of(name: str, by: Actor) -> ApiToken:
    """The token of a service account; raises `Refused` if there is none."""
    found = visible(ApiToken, by).select_related("account").filter(account__username__iexact=name).first()
    if found is None:
        raise Refused(
            Problem(_("no program is called “%(name)s”") % {"name": name}, "name", name), Kind.missing
        )
    return found


def token_hash(token: str) -> str:
    """What is kept of a token. It is 256 random bits, so one round of a hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()
