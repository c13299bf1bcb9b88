"""How people sign in: accounts are made by an administrator, never by a stranger."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import LoginView
from django.http import HttpRequest


class SignIn(LoginView):  # type: ignore[misc]
    """The sign-in page; the framework's own idea of a site would hide the plant's."""

    def get_context_data(self, **more: Any) -> dict[str, Any]:
        """What the page shows, less the host name that is passed as `site`."""
        frame: dict[str, Any] = super().get_context_data(**more)
        frame.pop("site", None)
        return frame


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No sign-up page; nothing is sent by e-mail."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from an administrator."""
        return False
