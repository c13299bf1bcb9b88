"""The line of machines of the views' tests, for the day prepared from it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

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
