"""Reading what sources send: every fault named, nothing raises."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.facts.incoming import Arrival, NewFact, arrival_of, arrival_of_json, raw_hash
from plantbeat.facts.kinds import KINDS, bodies, body_json
from plantbeat.facts.quarantine import Fault


def read(**changes) -> Arrival:
    fact = {"seq": 1, "asset": "M1", "t": "2026-11-22T08:00:00Z", "kind": "state", "body": {"state": "RUN"}}
    fact |= changes
    fact = {name: value for name, value in fact.items() if value is not None}
    return arrival_of_json(json.dumps(fact).encode(), "gw-1")


def test_a_good_fact_is_read_whole():
    arrival = read(t="2026-11-22T08:00:00.1234567Z", actor="p-7")
    assert arrival.fault is None
    assert (arrival.seq, arrival.asset, arrival.t_us) == (1, "M1", 1_795_334_400_123_456)
    assert (arrival.kind, arrival.schema_v, arrival.body, arrival.actor) == (
        "state",
        1,
        '{"state":"RUN"}',
        "p-7",
    )


def test_microseconds_are_taken_as_they_are():
    assert read(t=None, t_us=1_795_334_400_123_456).t_us == 1_795_334_400_123_456


@pytest.mark.parametrize(
    ("changes", "fault", "says"),
    [
        ({"colour": "red"}, Fault.malformed, "unknown field colour"),
        ({"asset": None}, Fault.malformed, "missing required field asset"),
        ({"asset": ""}, Fault.malformed, "1 to 60 characters"),
        ({"asset": "M\x001"}, Fault.malformed, "1 to 60 characters"),
        ({"asset": 7}, Fault.malformed, "expected str, got int, at asset"),
        ({"seq": 0}, Fault.malformed, "counts from 1"),
        ({"seq": "1"}, Fault.malformed, "expected int"),
        ({"seq": 1.5}, Fault.malformed, "expected int"),
        ({"seq": 2**63}, Fault.malformed, "counts from 1"),
        ({"actor": "x" * 61}, Fault.malformed, "at most 60 characters"),
        ({"src": "gw-2"}, Fault.malformed, "the token is that of “gw-1”"),
        ({"kind": "dance"}, Fault.unknown_kind, "allowed are state, counter"),
        ({"kind": "correction", "body": {}}, Fault.unknown_kind, "no kind “correction” to send"),
        ({"t": "yesterday"}, Fault.bad_time, "allowed is ISO 8601"),
        ({"t": None}, Fault.bad_time, "either t"),
        ({"t_us": 5}, Fault.bad_time, "either t"),
        ({"t": None, "t_us": 2**62}, Fault.bad_time, "the years 1 to 9999"),
        ({"body": {}}, Fault.bad_body, "missing required field state"),
        ({"body": {"state": ""}}, Fault.bad_body, "at state"),
        (
            {"body": {"state": "RUN", "speed": 3}},
            Fault.bad_body,
            "unknown field speed (fields: state, [reason])",
        ),
        ({"body": [1]}, Fault.bad_body, "expected object, got array"),
        ({"kind": "count", "body": {"good": -1}}, Fault.bad_body, "at good"),
        ({"kind": "count", "body": {"good": 1.5}}, Fault.bad_body, "at good"),
        ({"kind": "counter", "body": {"value": "NaN"}}, Fault.bad_body, "finite"),
        ({"kind": "counter", "body": {"value": 10**18}}, Fault.bad_body, "18 digits"),
        ({"kind": "counter", "body": {"value": 1e-10}}, Fault.bad_body, "9 decimals"),
        ({"kind": "gap", "body": {"from_us": 2, "until_us": 2}}, Fault.bad_body, "until_us after from_us"),
    ],
)
def test_each_fault_is_named_with_what_is_allowed(changes, fault, says):
    arrival = read(**changes)
    assert arrival.fault is fault
    assert says in arrival.sentence


def test_the_number_of_a_bad_fact_is_still_read():
    assert read(colour="red", seq=41).seq == 41
    assert read(body=7, seq=42).seq == 42


@pytest.mark.parametrize(
    ("given_value", "kept"),
    [(5, "5"), (5.0, "5"), ("5.250", "5.25"), ("1e3", "1000"), (-0.0, "0"), ("-7.5", "-7.5")],
)
def test_a_reading_has_one_spelling(given_value, kept):
    assert body_json(KINDS["counter"], {"value": given_value}) == f'{{"value":{kept}}}'


def test_defaults_are_not_stored_so_both_spellings_are_the_same_fact():
    short, long = (
        read(kind="count", body={"good": 3}),
        read(kind="count", body={"good": 3, "scrap": 0, "order": None}),
    )
    assert short.content() == long.content()


def test_the_order_of_fields_makes_no_difference_to_the_fingerprint():
    one = arrival_of_json(b'{"seq":1,"asset":"M1","zzz":2}', "gw-1")
    other = arrival_of_json(b'{"zzz": 2, "asset": "M1", "seq": 1}', "gw-1")
    assert raw_hash(one) == raw_hash(other)


def test_the_products_own_facts_take_bodies_and_plain_fields_alike():
    typed = arrival_of(NewFact(asset="M1", t_us=5, kind="count", body=bodies.Count(good=3)))
    plain = arrival_of(NewFact(asset="M1", t_us=5, kind="count", body={"good": 3}))
    assert typed.fault is None
    assert typed.content() == plain.content()


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        (NewFact(asset="M1", t_us=5, kind="dance"), Fault.unknown_kind),
        (NewFact(asset="M\x00", t_us=5, kind="heartbeat"), Fault.malformed),
        (NewFact(asset="M1", t_us=2**63, kind="heartbeat"), Fault.bad_time),
        (NewFact(asset="M1", t_us=5, kind="count", body={"good": {1}}), Fault.bad_body),
        (NewFact(asset="M1", t_us=5, kind="heartbeat", seq=-4), Fault.malformed),
    ],
)
def test_the_products_own_facts_are_judged_by_the_same_rules(new, fault):
    arrival = arrival_of(new)
    assert arrival.fault is fault
    assert msgspec.json.decode(arrival.as_received())["kind"] == new.kind


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
facts_like = st.fixed_dictionaries(
    {},
    optional={
        "seq": json_values, "asset": json_values, "t": json_values, "t_us": json_values, "body": json_values,
        "kind": st.sampled_from(list(KINDS)) | json_values, "actor": json_values, "x": json_values,
    },
)  # fmt: skip


@given(facts_like | json_values)
def test_no_json_value_can_break_the_reader(value):
    arrival = arrival_of_json(json.dumps(value).encode(), "gw-1")
    assert arrival.fault is None or arrival.sentence
    assert arrival.asset.isprintable()
    assert len(raw_hash(arrival)) == 64


@given(st.binary(max_size=60))
def test_no_bytes_can_break_the_reader(raw):
    arrival = arrival_of_json(raw, "gw-1")
    assert arrival.fault is None or arrival.sentence
    assert len(raw_hash(arrival)) == 64


@pytest.mark.parametrize(
    "raw", [b'{"seq":1,"asset":"\\ud800"}', b"[" * 50_000, b'{"a":' * 9_000, b'{"seq":' + b"9" * 6_000]
)
def test_hostile_json_is_malformed_and_nothing_worse(raw):
    arrival = arrival_of_json(raw, "gw-1")
    assert arrival.fault is Fault.malformed
    assert len(raw_hash(arrival)) == 64


@pytest.mark.parametrize("code", [code for code, kind in KINDS.items() if kind.sent])
def test_a_stored_body_reads_back_to_the_same_text(code):
    samples = {
        "state": {"state": "RUN"}, "counter": {"value": "12.5"}, "scrap": {"quantity": 2},
        "gap": {"from_us": 1, "until_us": 2}, "rework": {"quantity": 2, "outcome": "sent"},
        "reason": {"reason": "JAM", "from_us": 1}, "note": {"text": "é\x00\u2028"},
        "order_start": {"order": "WO-1"}, "order_end": {"order": "WO-1"}, "first_piece_ok": {"order": "WO-1"},
        "operator_on": {"person": "p-1"}, "operator_off": {"person": "p-1"}, "andon_ack": {"call": "c"},
        "andon_raise": {"call": "c", "category": "quality"}, "andon_arrive": {"call": "c"},
        "andon_resolve": {"call": "c"}, "andon_contain": {"call": "c"}, "andon_confirm": {"call": "c"},
        "andon_reopen": {"call": "c"}, "reading": {"characteristic": "torque", "value": 3},
        "incident": {"case": "I-1", "severity": "near_miss"}, "attendance": {"rostered": 3, "present": 2},
    }  # fmt: skip
    text = body_json(KINDS[code], samples.get(code, {}))
    assert body_json(KINDS[code], text.encode()) == text
