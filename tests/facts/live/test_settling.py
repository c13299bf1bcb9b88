"""Facts reach the boards when the views are right, and never later than a moment after."""

from __future__ import annotations

import json

import pytest

from plantbeat.facts.live.settling import LONGEST_S, Settling
from plantbeat.facts.live.topics import Message

pytestmark = pytest.mark.requirement("R151")


def fact(asset: str) -> Message:
    return Message(0, "fact", 1, json.dumps({"asset": asset, "line": "L1", "kind": "count"}))


def test_a_message_waits_until_its_asset_is_computed():
    dirty = [(1, "M1")]
    settling = Settling(lambda _query: dirty)
    assert settling.told([fact("M1"), fact("M2")], 0.0) == [fact("M2")]
    assert settling.is_waiting
    assert settling.told([], 0.1) == []
    dirty.clear()
    assert settling.told([], 0.2) == [fact("M1")]
    assert not settling.is_waiting


def test_an_asset_that_never_rests_is_shown_all_the_same():
    settling = Settling(lambda _query: [(1, "M1")])
    assert settling.told([fact("M1")], 0.0) == []
    assert settling.told([fact("M1")], LONGEST_S) == [fact("M1"), fact("M1")]


def test_where_nothing_came_nothing_is_asked():
    def ask(query: str) -> list[object]:
        raise AssertionError(query)

    assert Settling(ask).told([], 0.0) == []
