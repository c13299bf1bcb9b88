"""A site with two tablets, an operator, and a kind of tap that counts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from fact_plant import NOW_US
from tablets import Tablets

from plantbeat.facts.taps import registry
from plantbeat.kernel import clock


@pytest.fixture
def tablets(db, monkeypatch):
    """The tablets of a small plant at 2026-11-22 08:00 UTC; kinds declared by a test go with it."""
    monkeypatch.setattr(registry, "KINDS", {})
    monkeypatch.setattr("plantbeat.facts.taps.receiving.KINDS", registry.KINDS)
    with clock.at(NOW_US):
        yield Tablets()
