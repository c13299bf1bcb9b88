"""Operator passes: what a tablet keeps of somebody who has signed in on it, and sends with their taps.

A pass is signed and bound to the tablet, not to its token, so it outlives a new token. It says who, where and
since when; what they may is judged by the roles they had at the tap.
"""

from __future__ import annotations

from typing import NamedTuple

from django.core import signing

SALT = "plantbeat.operator-pass"
GOOD_FOR_US = 16 * 3_600_000_000
"""The longest shift with its overtime: taps made later need a new sign-in."""


class OperatorPass(NamedTuple):
    """Somebody signed in on a tablet at an instant."""

    user_id: int
    device_id: int
    issued_us: int


def pass_text(of: OperatorPass) -> str:
    """The pass as the tablet keeps it."""
    return signing.dumps(list(of), salt=SALT, compress=False)


def pass_of(text: str) -> OperatorPass | None:
    """The pass behind a text; None if it is none of ours."""
    try:
        return OperatorPass(*(int(part) for part in signing.loads(text, salt=SALT)))
    except (signing.BadSignature, TypeError, ValueError):
        return None
