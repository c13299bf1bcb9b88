"""However taps are sent again, cut into parts and interrupted, each gets exactly one outcome."""

from __future__ import annotations

import json

import pytest
from django.http import HttpRequest
from fact_plant import NOW_US
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tablets import SECOND, Tablets

from plantbeat.facts.models import Fact, Tap, TapSession
from plantbeat.facts.taps import receiving
from plantbeat.facts.taps.reading import Sent, SentTap
from plantbeat.facts.taps.receiving import receive
from plantbeat.facts.taps.tries import BadgeTries

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.requirement("R156")]

TAPS = 12
ODD = 13
"""Pieces that the kind `piece` refuses after it has written its fact."""

_sends = st.lists(
    st.tuples(st.integers(1, TAPS), st.integers(0, TAPS), st.sampled_from(["answered", "lost", "crash"])),
    max_size=14,
)


class PowerCut(BaseException):
    """The server goes away in the middle of a transaction."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sends=_sends,
    goods=st.lists(st.sampled_from([1, 24, ODD]), min_size=TAPS, max_size=TAPS),
    crash_at=st.integers(1, TAPS),
)
def test_any_interleaving_gives_each_tap_one_outcome(tablets: Tablets, monkeypatch, sends, goods, crash_at):
    session = f"session-{TapSession.objects.count()}-{Fact.objects.count()}-x"
    first_lsn = Fact.objects.count()
    taps = [tap(tablets, seq, good) for seq, good in enumerate(goods, 1)]
    answers: dict[int, set[str]] = {}
    for first, count, fate in [*sends, (1, TAPS, "answered")]:
        batch = taps[first - 1 : first - 1 + count]
        with monkeypatch.context() as patched:
            if fate == "crash":
                patched.setattr(receiving, "_kept", _cut_off_at(crash_at, receiving._kept))
            try:
                receipt = receive(tablets.first, Sent(session, NOW_US, batch), BadgeTries(HttpRequest()))
            except PowerCut:
                continue
        if fate == "answered":
            for result in receipt.results:
                answers.setdefault(result.seq, set()).add(result.first or result.outcome)
    rows = list(Tap.objects.filter(session=session).order_by("seq").values_list("seq", "outcome"))
    assert rows == [(seq, "refused" if good == ODD else "done") for seq, good in enumerate(goods, 1)]
    assert answers == {seq: {outcome} for seq, outcome in rows}
    told = Fact.objects.filter(lsn__gt=first_lsn).order_by("lsn").values_list("body", flat=True)
    assert [json.loads(body)["good"] for body in told] == [good for good in goods if good != ODD]


def tap(tablets: Tablets, seq: int, good: int) -> SentTap:
    at_us = NOW_US - (60 - seq) * SECOND
    return SentTap(seq, "piece", at_us, {"good": good}, 0, tablets.passed())


def _cut_off_at(seq: int, keep):
    def kept(row, one, *rest):
        if one.sent.seq == seq:
            raise PowerCut
        return keep(row, one, *rest)

    return kept
