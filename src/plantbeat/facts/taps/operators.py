"""Who tapped, and what they were allowed to when they did."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.facts.taps.passes import GOOD_FOR_US, pass_of
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Device, User
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Kind, Problem, Refused

DOOR = "tap"
FLOOR_ROLES = frozenset({Role.operator, Role.line_lead})
"""A badge or a PIN alone signs in those whose role does not reach beyond the floor."""

_CLOCKS_DIFFER_US = 120_000_000


class WrongBadge(Refused):
    """A badge that signs nobody in; who tries many of them is held up."""

    def __init__(self, message: str) -> None:
        super().__init__(Problem(message, "badge"), Kind.forbidden)


def operator_of(device: Device, given_pass: str, badge: str, at_us: int, request_id: str) -> Actor:
    """The operator of a tap, with the roles held when it was made.

    Raises `Refused` if nobody can be told, `WrongBadge` where the badge is the cause.
    """
    user = _of_pass(device, given_pass, at_us) if given_pass else _of_badge(badge)
    by = person_then(user, at_us, request_id, device.pk)
    if not given_pass and not floor_only(by.grants):
        message = _("this badge alone does not sign in; use the sign-in name and the PIN or password")
        raise WrongBadge(message)
    return by


def person_then(user: User, at_us: int, request_id: str, device_id: int | None = None) -> Actor:
    """Somebody with the roles they held at an instant. Raises `Refused` if they could not sign in then."""
    active, grants = rights_at(user, at_us)
    if not active:
        raise Refused(Problem(_("this person could not sign in any more when it was tapped")), Kind.forbidden)
    return Actor(
        pseudonym=user.pseudonym,
        grants=grants,
        user_id=user.pk,
        label=user.name or user.username,
        language=user.language,
        door=DOOR,
        request_id=request_id,
        device_id=device_id,
    )


def floor_only(grants: tuple[tuple[Role, int | None], ...]) -> bool:
    """True if somebody has roles, and none reaches beyond the floor."""
    roles = {role for role, _site in grants}
    return bool(roles) and roles <= FLOOR_ROLES


def rights_at(user: User, at_us: int) -> tuple[bool, tuple[tuple[Role, int | None], ...]]:
    """Whether somebody could sign in at an instant, and the roles they then held.

    What was changed since is taken from the change log: the first change after the instant says what was
    before it.
    """
    changed = Change.objects.filter(type_code=User.type_code(), record_id=user.pk, at_us__gt=at_us)
    active: bool | None = None
    grants: tuple[tuple[Role, int | None], ...] | None = None
    for before in changed.order_by("place").values_list("before", flat=True):
        if active is None and "is_active" in before:
            active = bool(before["is_active"])
        if grants is None and "grants" in before:
            grants = tuple((Role(one["role"]), one["site"]) for one in before["grants"] or ())
    if active is None:
        active = user.is_active
    if grants is None:
        grants = tuple((Role(role), site) for role, site in user.grants.values_list("role", "site_id"))
    return active, grants


def _of_pass(device: Device, given: str, at_us: int) -> User:
    found = pass_of(given)
    user = User.objects.filter(pk=found.user_id).first() if found is not None else None
    if found is None or user is None or found.device_id != device.pk:
        raise Refused(
            Problem(_("the sign-in of this tablet is not known here; sign in again")), Kind.forbidden
        )
    if not found.issued_us - _CLOCKS_DIFFER_US <= at_us <= found.issued_us + GOOD_FOR_US:
        allowed = _("within 16 hours after the sign-in")
        raise Refused(
            Problem(_("the sign-in did not hold when it was tapped"), allowed=allowed), Kind.forbidden
        )
    return user


def _of_badge(badge: str) -> User:
    if not badge:
        raise Refused(Problem(_("nobody was signed in when it was tapped"), "badge"), Kind.forbidden)
    found = list(User.objects.filter(badge=badge)[:2])
    if len(found) != 1:
        raise WrongBadge(_("this badge is not known; ask your lead"))
    return found[0]
