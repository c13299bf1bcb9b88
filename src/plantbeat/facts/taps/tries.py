"""Badges tried on a tablet that nobody has: counted and held up as wrong sign-ins are."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.translation import gettext as _

from plantbeat.kernel.problems import Kind, Problem, Refused

ACTION = "login_failed"
"""The limit in the settings that wrong sign-ins share, whatever door they come to."""

RETRY_S = 60
"""Whoever is held up is told to come again after so long."""


class TooManyTries(Refused):
    """Too many badges or PINs were wrong lately, here or from this address."""

    def __init__(self) -> None:
        message = _("too many wrong tries; wait a few minutes or ask your lead")
        super().__init__(Problem(message, "badge"), Kind.busy)


class BadgeTries:
    """The badges of one request. A badge counts once in it, however many taps were made with it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._judged: set[str] = set()

    def may_be_tried(self, badge: str) -> bool:
        """False while too many badges were wrong lately; a badge of this request that was judged goes on."""
        return badge in self._judged or ratelimit.consume(
            self._request, action=ACTION, key=badge, dry_run=True
        )

    def was_right(self, badge: str) -> None:
        """The badge is somebody's: it need not be asked about again."""
        self._judged.add(badge)

    def was_wrong(self, badge: str) -> None:
        """Nobody signs in with this badge."""
        if badge not in self._judged:
            self._judged.add(badge)
            ratelimit.consume(self._request, action=ACTION, key=badge)
