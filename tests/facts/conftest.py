"""Sites, assets and sources for tests of the fact log."""

from __future__ import annotations

import pytest
from fact_plant import NOW_US, FactPlant

from plantbeat.kernel import clock


@pytest.fixture
def facts(db):
    """The sites and their gateway, at 2026-11-22 08:00 UTC."""
    with clock.at(NOW_US):
        yield FactPlant()
