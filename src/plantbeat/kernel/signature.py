"""Electronic signatures: re-authentication, meaning, hash of what was signed (21 CFR 11.50, 11.70)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import User
from plantbeat.kernel.lifecycle import Step
from plantbeat.kernel.log import canonical
from plantbeat.kernel.problems import Kind, Problem, Refused


@dataclass(frozen=True, slots=True)
class Signing:
    """What the signer gives at the moment of signing; the secret is checked and never kept."""

    secret: str


def signed(step: Step, by: Actor, signing: Signing | None, content: dict[str, Any]) -> dict[str, Any]:
    """The signature of a step, or `Refused` if the signer did not prove who they are."""
    user = User.objects.filter(pk=by.user_id, is_active=True).first() if by.user_id else None
    if user is None:
        raise Refused(Problem(_("only a signed-in person can sign"), "signature"), Kind.signature)
    if signing is None or not signing.secret:
        message = _("sign with your password or PIN: %(meaning)s") % {"meaning": step.signed}
        raise Refused(Problem(message, "signature"), Kind.signature)
    if user.check_password(signing.secret):
        method = "password"
    elif user.check_pin(signing.secret):
        method = "pin"
    else:
        raise Refused(Problem(_("password or PIN is wrong"), "signature"), Kind.signature)
    return {
        "meaning": step.signed,
        "by": by.pseudonym,
        "at_us": clock.now_us(),
        "method": method,
        "record_hash": hashlib.sha256(canonical(content).encode()).hexdigest(),
    }
