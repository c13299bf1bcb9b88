"""Fixtures every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["emptying", "requirement_coverage"]

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of certified and real data sets; a laptop without it skips, naming the reason."""
    folder = Path(os.environ.get("PLANTBEAT_REFERENCE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"reference data not found at {folder} (set PLANTBEAT_REFERENCE_DATA)")
    return folder


@pytest.fixture(autouse=True)
def quick_passwords(settings, tmp_path):
    """Password hashing is slow on purpose; here it only costs time. Uploads stay in the test's folder."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "files"


@pytest.fixture
def plant(db):
    """Two sites and a way to become anybody at one of them."""
    from people_of_the_plant import Plant

    return Plant()
