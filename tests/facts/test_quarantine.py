"""What was not believed is looked at, put right and released, or discarded; each with its trace."""

from __future__ import annotations

import pytest
from fact_plant import NOW_US, SYSTEM, count

from plantbeat.facts.assets import publish_asset
from plantbeat.facts.incoming import arrival_of_json
from plantbeat.facts.log import append
from plantbeat.facts.models import Fact, FactSource, Quarantine
from plantbeat.facts.questions import quarantined
from plantbeat.facts.source import source_actor
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.problems import Refused

HOUR_US = 3_600_000_000


def send(facts, raw: bytes):
    arrival = arrival_of_json(raw, facts.gateway.name)
    return append([arrival], source_actor(facts.gateway.name), facts.gateway)


def held(**where) -> Quarantine:
    return Quarantine.objects.get(**where)


def test_what_came_is_kept_as_it_came_and_what_could_be_read_is_shown(facts):
    raw = (
        b'{"seq": 1, "asset":"M1",  "t":"2026-11-22T07:00:00Z",'
        b'"kind":"dance","body":{"step":3},"actor":"p-3"}'
    )
    send(facts, raw)
    row = held()
    assert row.raw == raw.decode()
    assert (row.seq, row.asset, row.t, row.kind, row.body) == (
        1,
        "M1",
        "2026-11-22T07:00:00Z",
        "dance",
        '{"step":3}',
    )
    assert (row.fault, row.state, row.received_us, row.number) == ("unknown_kind", "open", NOW_US, "Q-000001")
    assert (row.site, row.source, row.actor) == (facts.north, facts.gateway, "p-3")
    assert "no kind “dance”" in row.sentence


def test_a_fact_is_released_as_it_came_once_its_asset_is_known(facts):
    append([count(1, asset="NEW"), count(2)], SYSTEM, facts.gateway)
    publish_asset(facts.north.pk, "NEW", "New machine")
    with clock.at(NOW_US + HOUR_US):
        row = act(held(), "release", facts.actor(Role.maintenance))
    fact = Fact.objects.get(lsn=row.lsn)
    assert (row.state, fact.seq, fact.asset.code, fact.body) == ("released", 1, "NEW", '{"good":1}')
    assert fact.rx_us == NOW_US
    again = append([count(1, asset="NEW")], SYSTEM, facts.gateway)
    assert (again.duplicates, Fact.objects.count()) == (1, 2)


@pytest.mark.requirement("X6")
def test_a_fact_is_released_with_what_was_put_right(facts):
    send(facts, b'{"seq":1,"asset":"M-1","t":"2002-01-01T00:00:00Z","kind":"coutn","body":{"good":"x"}}')
    right = {"asset": "M1", "t": "2026-11-22T07:30:00Z", "kind": "count", "body": '{"good": 4}'}
    row = act(held(), "release", facts.actor(Role.quality), right)
    fact = Fact.objects.get(lsn=row.lsn)
    assert (fact.seq, fact.asset.code, fact.kind, fact.body) == (1, "M1", "count", '{"good":4}')
    assert fact.t_us == NOW_US - HOUR_US // 2
    assert fact.reason == "released as Q-000001 by p-quality"
    assert (row.asset, row.kind) == ("M1", "count")
    assert "2002-01-01" in row.raw
    change = Change.objects.get(verb="release")
    assert (change.actor, change.before["asset"], change.after["asset"]) == ("p-quality", "M-1", "M1")


def test_the_original_that_comes_again_after_a_corrected_release_is_a_duplicate(facts):
    raw = b'{"seq":1,"asset":"M-1","t":"2026-11-22T07:00:00Z","kind":"count","body":{"good":3}}'
    send(facts, raw)
    act(held(), "release", SYSTEM, {"asset": "M1"})
    again = send(facts, raw)
    assert (again.duplicates, again.quarantined) == (1, [])
    assert (Fact.objects.count(), Quarantine.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("right", "field", "says"),
    [
        ({}, "", "no asset “M-1”"),
        ({"asset": "M1", "kind": "dance"}, "kind", "no kind “dance”"),
        ({"asset": "M1", "body": "{"}, "body", "is not JSON"),
        ({"asset": "M1", "body": "[]"}, "body", "expected object"),
        ({"asset": "M1", "t": "noon"}, "t", "not a timestamp"),
        ({"asset": "M1", "t": "1999-01-01"}, "t", "not a timestamp"),
        ({"asset": "M1", "t": "1999-01-01T00:00:00Z"}, "", "before the earliest accepted"),
        ({"asset": ""}, "", "1 to 60 characters"),
    ],
)
def test_what_is_still_wrong_is_said_and_nothing_changes(facts, right, field, says):
    append([count(1, asset="M-1")], SYSTEM, facts.gateway)
    with pytest.raises(Refused) as refused:
        act(held(), "release", SYSTEM, right)
    assert says in str(refused.value)
    assert refused.value.problems[0].field == field
    assert (held().state, held().asset, Fact.objects.count()) == ("open", "M-1", 0)
    assert FactSource.objects.get(pk=facts.gateway.pk).committed_up_to == 1


def test_a_conflict_is_not_released_beside_the_fact_that_has_its_number(facts):
    append([count(1, good=1), count(1, good=2)], SYSTEM, facts.gateway)
    with pytest.raises(Refused, match="take that fact back"):
        act(held(), "release", SYSTEM)
    act(held(), "discard", SYSTEM, reason="the second was a test")
    assert Fact.objects.get().body == '{"good":1}'


def test_of_two_contents_in_quarantine_one_can_be_released(facts):
    append([count(1, good=1, asset="M9"), count(1, good=2, asset="M9")], SYSTEM, facts.gateway)
    second = held(fault="conflict")
    act(second, "release", SYSTEM, {"asset": "M1"})
    with pytest.raises(Refused, match="take that fact back"):
        act(held(fault="unknown_asset"), "release", SYSTEM, {"asset": "M1"})
    assert Fact.objects.get().body == '{"good":2}'


def test_a_fact_without_number_is_released_once(facts):
    append([count(asset="M9"), count()], SYSTEM, facts.gateway)
    with pytest.raises(Refused, match="stored already"):
        act(held(), "release", SYSTEM, {"asset": "M1"})
    act(held(), "release", SYSTEM, {"asset": "M2"})
    assert append([count(asset="M2")], SYSTEM, facts.gateway).duplicates == 1


def test_a_discard_needs_a_reason_and_is_the_end(facts):
    append([count(1, asset="M9")], SYSTEM, facts.gateway)
    lead = facts.actor(Role.line_lead)
    with pytest.raises(Refused, match="a reason is required"):
        act(held(), "discard", lead)
    act(held(), "discard", lead, reason="test signal")
    assert Change.objects.get(verb="discard").reason == "test signal"
    assert (held().state, quarantined(SYSTEM).count(), quarantined(SYSTEM, "discarded").count()) == (
        "discarded",
        0,
        1,
    )
    with pytest.raises(Refused, match="not possible while the state"):
        act(held(), "release", SYSTEM)
    assert append([count(1, asset="M9")], SYSTEM, facts.gateway).duplicates == 1


def test_only_those_who_know_the_machines_decide_and_only_at_their_site(facts):
    append([count(1, asset="M9")], SYSTEM, facts.gateway)
    for by in (facts.actor(Role.operator), facts.actor(Role.analyst), facts.actor(Role.manager, facts.south)):
        for verb in ("release", "discard"):
            with pytest.raises(Refused, match="does not allow"):
                act(held(), verb, by, {"asset": "M1"} if verb == "release" else None, reason="x")
    assert held().state == "open"
    assert quarantined(facts.actor(Role.operator)).count() == 1
    assert quarantined(facts.actor(Role.operator, facts.south)).count() == 0


@pytest.mark.parametrize("verb", ["create", "edit", "remove"])
def test_nobody_makes_edits_or_removes_what_is_in_quarantine(facts, verb):
    append([count(1, asset="M9")], SYSTEM, facts.gateway)
    target = Quarantine if verb == "create" else held()
    with pytest.raises(Refused):
        act(target, verb, facts.actor(Role.administrator), {"asset": "M1"} if verb != "remove" else None)
    assert held().asset == "M9"
