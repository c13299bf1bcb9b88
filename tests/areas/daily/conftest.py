"""The line of machines of the views' tests, for the day prepared from it; boards and signed-in browsers."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.test import Client

from plantbeat.kernel import clock

sys.path.insert(0, str(Path(__file__).parents[2] / "facts" / "views"))


@pytest.fixture
def administered(db):
    """Somebody administers the installation; before that every page is the one that makes the first."""
    from plantbeat.kernel.access import Actor, Role
    from plantbeat.kernel.accounts import User
    from plantbeat.kernel.act import act

    grants = [{"role": Role.administrator, "site": None}]
    by = Actor.system("test")
    chief = act(User, "create", by, {"username": "chief", "grants": grants})
    return act(chief, "set_password", by, {"password": "a good long passphrase"})


@pytest.fixture
def boards(plant):
    """A line, its area and its site with a board each, on a Tuesday at 07:00."""
    from board_of_a_line import BoardOfALine, at

    with clock.at(at()):
        yield BoardOfALine(plant)


@pytest.fixture
def browse(boards):
    """A signed-in browser of a user of the boards, with the site in view."""

    def signed_in(user) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.get("/", {"site": "N"})
        return client

    return signed_in
