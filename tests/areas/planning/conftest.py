"""The shop that planning is tested in."""

from __future__ import annotations

import pytest
from shop import MONDAY, Shop

from plantbeat.kernel import clock


@pytest.fixture
def shop(plant):
    """On a Monday morning."""
    with clock.at(MONDAY):
        yield Shop(plant)
