"""Fixtures every test may use."""

from __future__ import annotations

import pytest

pytest_plugins = ["emptying", "nothing_left_out", "requirement_coverage"]


@pytest.fixture(autouse=True)
def quick_passwords(settings, tmp_path):
    """Password hashing is slow on purpose; here it only costs time. Uploads stay in the test's folder."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture(autouse=True)
def nothing_kept_in_memory():
    """Each test has a database of its own, in which the same numbers mean other days."""
    from plantbeat.facts.views.kept_days import forget_kept_days

    forget_kept_days()


@pytest.fixture
def plant(db):
    """Two sites and a way to become anybody at one of them."""
    from people_of_the_plant import Plant

    return Plant()
