"""Appending: keys, duplicates, conflicts, order of arrival, what follows from a fact."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from fact_plant import NOW_US, SYSTEM, count

from plantbeat.facts.assets import publish_asset
from plantbeat.facts.batch import Batch
from plantbeat.facts.incoming import NewFact, arrivals
from plantbeat.facts.log import MOST_GAPS, append, append_all, own_source, reverse
from plantbeat.facts.models import DirtyDay, Fact, FactBlock, FactSource, Quarantine
from plantbeat.facts.questions import facts_as_written, facts_in_force, last_heard_us
from plantbeat.facts.source import source_actor
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.problems import Refused
from plantbeat.kernel.writing import writing

HOUR_US = 3_600_000_000


def send(facts, *batch, source=None, by=None):
    source = source or facts.gateway
    return append(batch, by or source_actor(source.name), source)


def stored(source):
    return list(Fact.objects.filter(src=source).order_by("lsn").values_list("seq", "body"))


def test_facts_get_the_next_places_in_the_log(facts):
    receipt = send(facts, count(1), count(2), count(3))
    assert (receipt.accepted, receipt.duplicates, receipt.quarantined) == (3, 0, [])
    assert receipt.lsns == [1, 2, 3]
    assert receipt.committed_up_to == 3
    assert send(facts, count(4)).lsns == [4]


@pytest.mark.requirement("X2")
def test_a_fact_keeps_all_that_was_said(facts):
    fact = NewFact(seq=1, asset="M2", t_us=NOW_US - 5, kind="state", body={"state": "RUN"}, actor="p-9")
    send(facts, fact)
    row = Fact.objects.get()
    assert (row.src_id, row.seq, row.asset.code, row.asset.site_id) == (
        facts.gateway.pk,
        1,
        "M2",
        facts.north.pk,
    )
    assert (row.t_us, row.rx_us, row.kind, row.schema_v) == (NOW_US - 5, NOW_US, "state", 1)
    assert (row.body, row.actor, row.reverses, row.reason) == ('{"state":"RUN"}', "p-9", None, "")


def test_what_comes_again_is_a_known_duplicate(facts):
    batch = count(1), count(2)
    send(facts, *batch)
    again = send(facts, *batch)
    assert (again.accepted, again.duplicates, again.quarantined) == (0, 2, [])
    assert again.committed_up_to == 2
    assert len(stored(facts.gateway)) == 2


def test_the_same_number_twice_in_one_batch_is_stored_once(facts):
    receipt = send(facts, count(1), count(1), count(2))
    assert (receipt.accepted, receipt.duplicate) == (2, [False, True, False])


@pytest.mark.parametrize("together", [True, False])
def test_the_same_number_with_other_content_goes_to_quarantine_with_both_fingerprints(facts, together):
    first, second = count(1, good=5), count(1, good=6)
    if together:
        receipt = send(facts, first, second)
    else:
        send(facts, first)
        receipt = send(facts, second)
    assert [(q.seq, q.reason) for q in receipt.quarantined] == [(1, "conflict")]
    assert stored(facts.gateway) == [(1, '{"good":5}')]
    held = Quarantine.objects.get()
    assert held.content_hash != held.stored_hash
    assert len(held.content_hash) == len(held.stored_hash) == 64
    again = send(facts, second, first)
    assert (again.duplicates, again.quarantined) == (2, [])
    assert Quarantine.objects.count() == 1


def test_facts_out_of_order_move_the_frontier_when_the_gap_fills(facts):
    assert send(facts, count(1), count(2)).committed_up_to == 2
    assert send(facts, count(5), count(4)).committed_up_to == 2
    assert send(facts, count(7)).committed_up_to == 2
    assert send(facts, count(3)).committed_up_to == 5
    assert send(facts, count(6)).committed_up_to == 7
    assert sorted(seq for seq, _body in stored(facts.gateway)) == [1, 2, 3, 4, 5, 6, 7]
    source = FactSource.objects.get(pk=facts.gateway.pk)
    assert (source.committed_up_to, source.max_seq, source.ahead) == (7, 7, "")


def test_a_quarantined_number_counts_as_arrived(facts):
    receipt = send(facts, count(1), count(2, asset="M9"), count(3))
    assert (receipt.accepted, receipt.committed_up_to) == (2, 3)
    assert [(q.index, q.seq, q.reason) for q in receipt.quarantined] == [(1, 2, "unknown_asset")]
    assert "no asset “M9”" in receipt.quarantined[0].message
    again = send(facts, count(2, asset="M9"))
    assert (again.duplicates, again.quarantined, Quarantine.objects.count()) == (1, [], 1)


@pytest.mark.parametrize(
    ("t_us", "fault"),
    [
        (1_262_304_000_000_000 - 1, "impossible_clock"),
        (1_262_304_000_000_000, None),
        (NOW_US + 48 * HOUR_US, None),
        (NOW_US + 48 * HOUR_US + 1, "impossible_clock"),
    ],
)
def test_only_a_clock_before_2010_or_48_hours_ahead_is_impossible(facts, t_us, fault):
    receipt = send(facts, count(1, t_us=t_us))
    assert [q.reason for q in receipt.quarantined] == ([fault] if fault else [])
    assert receipt.committed_up_to == 1


def test_an_asset_of_another_site_is_unknown(facts):
    publish_asset(facts.south.pk, "PRESS", "Press")
    assert send(facts, count(1, asset="PRESS")).quarantined[0].reason == "unknown_asset"


def test_a_fact_outside_the_life_of_its_asset_is_held_back(facts):
    publish_asset(facts.north.pk, "M1", "Machine 1", valid_from_us=NOW_US, valid_to_us=NOW_US + 10)
    receipt = send(facts, count(1, t_us=NOW_US - 1), count(2, t_us=NOW_US), count(3, t_us=NOW_US + 10))
    assert [q.seq for q in receipt.quarantined] == [1, 3]
    assert (
        "in use from 2026-11-22T08:00:00.000000Z to 2026-11-22T08:00:00.000010Z"
        in receipt.quarantined[0].message
    )


def test_a_new_code_keeps_the_history_of_an_asset(facts):
    first = publish_asset(facts.north.pk, "OLD", "Press", ref="plant.Machine:7")
    send(facts, count(1, asset="OLD"))
    second = publish_asset(facts.north.pk, "NEW", "Press", ref="plant.Machine:7")
    send(facts, count(2, asset="NEW"))
    assert first.pk == second.pk
    assert Fact.objects.filter(asset=first).count() == 2


def test_without_numbers_the_content_is_the_key(facts):
    receipt = send(facts, count(good=1), count(good=2), count(good=1))
    assert (receipt.accepted, receipt.duplicate) == (2, [False, False, True])
    again = send(facts, count(good=2), count(good=3))
    assert (again.accepted, again.duplicate) == (1, [True, False])
    assert again.committed_up_to == 0
    assert stored(facts.gateway) == [(None, '{"good":1}'), (None, '{"good":2}'), (None, '{"good":3}')]


def test_without_numbers_a_rejected_fact_is_held_once(facts):
    for expected in (1, 0):
        receipt = send(facts, count(asset="M9"), count(asset="M9"))
        assert len(receipt.quarantined) == expected
        assert receipt.duplicates == 2 - expected
    assert Quarantine.objects.get().seq is None


def test_the_same_content_from_two_sources_is_two_facts(facts):
    other = facts.source("gw-2")
    send(facts, count(1), count())
    send(facts, count(1), count(), source=other)
    assert Fact.objects.count() == 4


def test_too_many_gaps_are_refused_until_the_missing_facts_come(facts):
    most = [count(2 * n) for n in range(1, MOST_GAPS + 1)]
    assert send(facts, *most).committed_up_to == 0
    with pytest.raises(Refused, match="send number 1 first"):
        send(facts, count(2 * MOST_GAPS + 2))
    assert Fact.objects.count() == MOST_GAPS
    assert send(facts, count(1)).committed_up_to == 2
    assert send(facts, count(2 * MOST_GAPS + 2)).accepted == 1


def test_one_refused_batch_leaves_the_others_of_the_commit_alone(facts):
    other = facts.source("gw-2")
    gaps = [count(2 * n) for n in range(1, MOST_GAPS + 2)]
    outcomes = append_all([
        Batch(other.pk, SYSTEM, arrivals(gaps), NOW_US),
        Batch(facts.gateway.pk, SYSTEM, arrivals([count(1)]), NOW_US),
        Batch(other.pk, SYSTEM, arrivals([count(1)]), NOW_US),
        Batch(9_999, SYSTEM, arrivals([count(1)]), NOW_US),
    ])  # fmt: skip
    assert [isinstance(one, Refused) for one in outcomes] == [True, False, False, True]
    assert (stored(other), FactSource.objects.get(pk=other.pk).committed_up_to) == ([(1, '{"good":1}')], 1)
    assert FactBlock.objects.count() == 1


def test_several_batches_of_one_source_in_one_commit_are_told_apart(facts):
    batches = [arrivals([count(1), count(2)]), arrivals([count(2), count(3)]), arrivals([count(3, good=9)])]
    receipts = append_all([Batch(facts.gateway.pk, SYSTEM, batch, NOW_US) for batch in batches])
    assert [(r.accepted, r.duplicates, len(r.quarantined)) for r in receipts] == [
        (2, 0, 0),
        (1, 1, 0),
        (0, 0, 1),
    ]


def test_a_revoked_source_or_another_token_is_refused(facts):
    wrong = Batch(facts.gateway.pk, SYSTEM, arrivals([count(1)]), NOW_US, token_hash="0" * 64)
    assert isinstance(append_all([wrong])[0], Refused)
    FactSource.objects.filter(pk=facts.gateway.pk).update(revoked_us=NOW_US)
    with pytest.raises(Refused, match="revoked"):
        send(facts, count(1))
    assert not Fact.objects.exists()


def test_the_product_numbers_its_own_facts_and_refuses_bad_ones(facts):
    source = own_source(facts.north)
    same = count(), count()
    assert append(same, facts.actor(Role.line_lead), source).lsns == [1, 2]
    assert list(Fact.objects.values_list("seq", "actor")) == [(1, "p-line_lead"), (2, "p-line_lead")]
    with pytest.raises(Refused, match="no asset “M9”"):
        append([count(), count(asset="M9")], SYSTEM, source)
    assert (Fact.objects.count(), Quarantine.objects.count()) == (2, 0)
    assert own_source(facts.north).pk == source.pk


def test_a_fact_goes_with_the_act_it_belongs_to(facts):
    def act_that_fails():
        with writing():
            send(facts, count(1))
            raise RuntimeError("the act failed")

    with pytest.raises(RuntimeError):
        act_that_fails()
    assert not Fact.objects.exists()
    assert send(facts, count(1)).lsns == [1]


def test_who_may_not_write_at_the_site_may_not_append(facts):
    for by in (facts.actor(Role.analyst), facts.actor(Role.manager, facts.south)):
        with pytest.raises(Refused, match="does not allow"):
            append([count(1)], by, facts.gateway)
    assert not Fact.objects.exists()


def days():
    return {(row.asset.code, row.day): row.lsn for row in DirtyDay.objects.all()}


@pytest.mark.requirement("X8")
def test_a_fact_marks_the_local_day_of_its_site(facts):
    midnight_in_chicago = NOW_US - 2 * HOUR_US
    send(facts, count(1, t_us=midnight_in_chicago - 1), count(2, t_us=midnight_in_chicago))
    assert days() == {("M1", date(2026, 11, 21)): 1, ("M1", date(2026, 11, 22)): 2}
    send(facts, count(3, t_us=midnight_in_chicago))
    assert days()["M1", date(2026, 11, 22)] == 3


def test_a_late_state_reaches_the_day_after_too(facts):
    late = NewFact(seq=1, asset="M1", t_us=NOW_US - 48 * HOUR_US, kind="state", body={"state": "RUN"})
    now = NewFact(seq=2, asset="M2", t_us=NOW_US, kind="state", body={"state": "RUN"})
    send(facts, late, now, count(3, asset="M3", t_us=NOW_US - 48 * HOUR_US))
    assert set(days()) == {
        ("M1", date(2026, 11, 20)),
        ("M1", date(2026, 11, 21)),
        ("M2", date(2026, 11, 22)),
        ("M3", date(2026, 11, 20)),
    }


def test_the_clock_difference_is_the_least_delay_seen_lately(facts):
    def skew():
        return FactSource.objects.get(pk=facts.gateway.pk).skew_us

    send(facts, count(1, t_us=NOW_US - 3_000_000), count(2, t_us=NOW_US - 2_000_000))
    assert skew() == 2_000_000
    send(facts, count(3, t_us=NOW_US + 300_000_000))
    assert skew() == -300_000_000
    assert FactSource.objects.get(pk=facts.gateway.pk).clock_off
    for seq in range(4, 60):
        send(facts, count(seq, t_us=NOW_US - 1_000_000))
    assert abs(skew() - 1_000_000) < 10_000_000
    assert last_heard_us() == NOW_US


def test_a_reversed_fact_stays_and_is_not_in_force(facts):
    send(facts, count(1, good=500), count(2, good=7))
    wrong = Fact.objects.get(seq=1)
    lead = facts.actor(Role.line_lead)
    with clock.at(NOW_US + HOUR_US):
        receipt = reverse(wrong, lead, "counter was tested")
    correction = Fact.objects.get(lsn=receipt.lsns[0])
    assert (correction.kind, correction.reverses, correction.reason) == (
        "correction",
        wrong.lsn,
        "counter was tested",
    )
    assert (correction.asset_id, correction.t_us, correction.rx_us) == (
        wrong.asset_id,
        wrong.t_us,
        NOW_US + HOUR_US,
    )
    assert correction.actor == lead.pseudonym
    assert [fact.seq for fact in facts_in_force(SYSTEM)] == [2]
    assert [fact.kind for fact in facts_as_written(SYSTEM)] == ["count", "count", "correction"]
    assert days()["M1", date(2026, 11, 22)] == correction.lsn


def test_a_fact_is_taken_back_once_with_a_reason_by_those_who_may(facts):
    send(facts, count(1))
    fact = Fact.objects.get()
    with pytest.raises(Refused, match="a reason is required"):
        reverse(fact, SYSTEM, " ")
    for by in (facts.actor(Role.operator), facts.actor(Role.manager, facts.south)):
        with pytest.raises(Refused, match="does not allow"):
            reverse(fact, by, "wrong")
    reverse(fact, SYSTEM, "wrong")
    with pytest.raises(Refused, match="taken back already"):
        reverse(fact, SYSTEM, "wrong")
    with pytest.raises(Refused, match="a correction stays"):
        reverse(Fact.objects.get(kind="correction"), SYSTEM, "wrong")
    assert Fact.objects.count() == 2


def test_a_fact_can_be_taken_back_after_its_asset_has_ended(facts):
    send(facts, count(1))
    publish_asset(facts.north.pk, "M1", "Machine 1", valid_to_us=NOW_US - HOUR_US)
    assert reverse(Fact.objects.get(), SYSTEM, "wrong").accepted == 1


def test_facts_of_a_foreign_site_are_not_seen(facts):
    gateway = facts.source("gw-south", facts.south)
    send(facts, count(1))
    send(facts, count(1), count(2), source=gateway)
    assert facts_as_written(facts.actor(Role.operator)).count() == 1
    assert facts_in_force(facts.actor(Role.operator, facts.south)).count() == 2
    assert facts_as_written(SYSTEM).count() == 3


def test_many_facts_go_in_a_few_statements(facts, django_assert_max_num_queries):
    batch = [count(seq, asset=f"M{seq % 3 + 1}") for seq in range(1, 2001)]
    with django_assert_max_num_queries(18):
        assert send(facts, *batch).accepted == 2000


def test_a_foreign_text_reaches_both_databases_unharmed(facts):
    note = NewFact(
        seq=1, asset="M1", t_us=NOW_US, kind="note", body={"text": "naïve \x00 “quote” \u2028 \\ 日本"}
    )
    assert send(facts, note).accepted == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM fact")
        assert "\\u0000" in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("where", "index"),
    [
        ("src = 1 AND seq IN (" + ", ".join(map(str, range(1, 501))) + ")", "fact_key"),
        ("asset = 1 AND t_us >= 5 AND t_us < 9", "fact_asset_time"),
        ("reverses = 7", "fact_reversed_once"),
    ],
)
def test_hot_reads_go_by_an_index(facts, where, index):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN SELECT lsn FROM fact WHERE {where}")
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN SELECT body FROM fact WHERE {where}")
        assert index in str(cursor.fetchall())
