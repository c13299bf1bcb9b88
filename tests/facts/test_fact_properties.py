"""Whatever a source sends, in whatever order and how often: nothing is lost, nothing is doubled."""

from __future__ import annotations

from itertools import count as counting

from fact_plant import SYSTEM, count
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plantbeat.facts.chain import verify_facts
from plantbeat.facts.log import append
from plantbeat.facts.models import Fact, FactSource, Quarantine

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
numbers = counting(1)

# One delivery: the number, which of three contents it carries, and whether its asset is known.
deliveries = st.tuples(st.integers(1, 12), st.integers(1, 3), st.booleans())
batches = st.lists(st.lists(deliveries, max_size=8), max_size=8)


def as_fact(delivery):
    seq, content, known = delivery
    return count(seq, good=content, asset="M1" if known else "M9")


def first_of_each(sent):
    first = {}
    for seq, content, known in sent:
        first.setdefault(seq, (content, known))
    return first


@quick
@given(batches)
def test_the_first_content_of_a_number_is_kept_and_every_other_is_in_quarantine(facts, sent):
    source = facts.source(f"random-{next(numbers)}")
    receipts = [append([as_fact(one) for one in batch], SYSTEM, source) for batch in sent]
    everything = [one for batch in sent for one in batch]
    first = first_of_each(everything)

    stored = dict(Fact.objects.filter(src=source).values_list("seq", "body"))
    assert stored == {seq: f'{{"good":{content}}}' for seq, (content, known) in first.items() if known}

    held = set(Quarantine.objects.filter(source=source).values_list("seq", "fault", "body", "asset"))
    unlike = {(s, c, k) for s, c, k in everything if first[s] != (c, k)}
    expected = {(s, "conflict", f'{{"good":{c}}}', "M1" if k else "M9") for s, c, k in unlike}
    unknown = {(s, "unknown_asset", f'{{"good":{c}}}', "M9") for s, (c, k) in first.items() if not k}
    assert held == expected | unknown

    up_to = next(n for n in range(14) if n + 1 not in first)
    assert FactSource.objects.get(pk=source.pk).committed_up_to == up_to
    assert all(
        r.accepted + r.duplicates + len(r.quarantined) == len(batch)
        for r, batch in zip(receipts, sent, strict=True)
    )
    assert verify_facts().broken is None


@quick
@given(st.permutations(range(1, 16)), st.data())
def test_any_order_and_any_repetition_of_good_facts_ends_in_the_same_log(facts, order, data):
    source = facts.source(f"shuffled-{next(numbers)}")
    again = data.draw(st.lists(st.sampled_from(order), max_size=15))
    sent = [count(seq, good=seq) for seq in [*order, *again]]
    cut = data.draw(st.integers(0, len(sent)))
    for part in (sent[:cut], sent[cut:]):
        receipt = append(part, SYSTEM, source)
        assert not receipt.quarantined
    assert receipt.committed_up_to == 15
    rows = Fact.objects.filter(src=source).order_by("seq").values_list("seq", "body")
    assert list(rows) == [(seq, f'{{"good":{seq}}}') for seq in range(1, 16)]


@quick
@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 3)), max_size=20), st.integers(0, 20))
def test_without_numbers_each_content_is_stored_once(facts, said, cut):
    source = facts.source(f"bare-{next(numbers)}")
    sent = [count(good=good, t_us=1_795_334_400_000_000 + offset) for good, offset in said]
    accepted = sum(append(part, SYSTEM, source).accepted for part in (sent[:cut], sent[cut:]))
    stored = Fact.objects.filter(src=source).values_list("body", "t_us")
    assert accepted == len(stored) == len(set(said))
    assert {(f'{{"good":{g}}}', 1_795_334_400_000_000 + o) for g, o in said} == set(stored)
