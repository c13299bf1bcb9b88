"""Bearer tokens of sources: made once, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import replace

from django.utils.translation import gettext as _

from plantbeat.facts.source import TOKEN_DOOR, FactSource, SourceKind
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

PREFIX = "pbt"


def token_create(name: str, site: Site, by: Actor, kind: SourceKind | str = SourceKind.gateway) -> str:
    """Make a source with a token and return the token, which is not kept and cannot be shown again.

    Raises `Refused` for an actor who is no administrator of the site and for a name in use.
    """
    with writing():
        if FactSource.objects.filter(name=name).exists():
            message = _("there is a source “%(name)s” already; renew its token or take another name")
            raise Refused(Problem(message % {"name": name}, "name", name), Kind.conflict)
        source = act(FactSource, "create", by, {"site": site, "name": name, "kind": str(kind)})
        return token_renew(source, by)


def token_renew(source: FactSource, by: Actor) -> str:
    """A new token for a source that goes on with its numbers; the one before is good no longer."""
    secret = secrets.token_urlsafe(32)
    token = f"{PREFIX}.{source.pk}.{secret}"
    act(source, "issue_token", replace(by, door=TOKEN_DOOR), {"token_hash": token_hash(token)})
    return token


def token_revoke(name: str, by: Actor) -> FactSource:
    """Refuse whatever comes with the token of a source from now on."""
    source = FactSource.objects.filter(name=name).first()
    if source is None:
        message = _("there is no source “%(name)s”") % {"name": name}
        raise Refused(Problem(message, "name", name), Kind.missing)
    return act(source, "revoke", by)


def token_hash(token: str) -> str:
    """What is kept of a token. It is 256 random bits, so one round of a hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def source_id_of(token: str) -> int | None:
    """The source a token claims to be of; None if it is no token of ours."""
    prefix, _dot, rest = token.partition(".")
    number, _dot, secret = rest.partition(".")
    if prefix != PREFIX or not secret or not (number.isascii() and number.isdigit()) or len(number) > 18:
        return None
    return int(number)


def is_token(token: str, stored_hash: str) -> bool:
    """True if the token is the one of the stored hash; takes the same time wherever they differ."""
    return bool(stored_hash) and hmac.compare_digest(token_hash(token), stored_hash)
