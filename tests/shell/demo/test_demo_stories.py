"""The demo plant's stories are found from its facts and on pages; lines without one are not named."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from plantbeat.areas.execution.andon.following import follow_from
from plantbeat.areas.execution.losses import questions
from plantbeat.areas.execution.losses.answers import Kind
from plantbeat.areas.execution.questions import stops
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.improvement.questions import actions_known, overdue_actions
from plantbeat.engine.oee import State
from plantbeat.facts.tables import Fact
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.shell.demo.building import build_plant
from plantbeat.shell.demo.demo_folder import MARK, DemoFolder
from plantbeat.shell.demo.history import History

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BUILT = datetime(2026, 11, 22, 12, 40, tzinfo=UTC)
"""A Sunday, 06:40 in Chicago: lines 3 to 5 stand."""
BY = Actor.system("test")
TODAY = date(2026, 11, 22)
YESTERDAY, WEEK = Period.of_day(TODAY - timedelta(days=1)), Period.of_days(TODAY - timedelta(days=6), TODAY)
WITHOUT_A_STORY = ("L4", "L5", "CELL")


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[Site]:
    """The plant with its ninety days, told without the records of orders; built once and taken away again."""
    with django_db_blocker.unblock(), clock.at(BUILT):
        folder = DemoFolder.made(Path(tmp_path_factory.mktemp("stories")) / "demo")
        made = build_plant(folder, 90)
        folder.write(MARK, {**folder.read(MARK), "seed": "a fixed one"})
        history = History(made, folder, say=lambda _sentence: None)
        history.record_orders = lambda _orders: history._note(replace(history.progress, ready=True))
        history.tell()
        recompute(None)
    yield made
    with django_db_blocker.unblock():
        call_command("flush", verbosity=0, interactive=False)


@pytest.fixture(autouse=True)
def _at_the_time() -> Iterator[None]:
    with clock.at(BUILT):
        yield


def page(path: str) -> str:
    """The text of a page as the manager sees it."""
    client = Client()
    client.force_login(User.objects.get(username="manager"))
    answer = client.get(path)
    assert answer.status_code == 200, path
    text = re.sub(r"<script.*?</script>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def last_shift() -> Period:
    shift = FactShift.objects.filter(end_us__lte=clock.now_us(), pattern="CONT").order_by("-end_us")[0]
    return Period.of_shift(shift)


@pytest.mark.requirement("R143")
def test_the_worn_filler_is_unusual_in_the_last_shift_and_the_last_day(site: Site) -> None:
    for period in (last_shift(), YESTERDAY):
        found = questions.unusual(site, period, BY)
        seal = next(one for one in found if one.kind is Kind.stops)
        assert (seal.place, seal.key) == ("L1-FIL", "MECH-SEAL")
        assert seal.value > seal.high >= seal.usual >= seal.low
        assert seal.n >= 20
        assert seal.us > 0
        kinds = set(Fact.objects.filter(lsn__in=seal.lsns).values_list("kind", flat=True))
        assert kinds <= {"state", "reason"}
        assert len(seal.lsns) >= seal.value
    text = page("/losses/unusual/")
    assert "Filler 1 stopped" in text
    assert "Seal or leak" in text


@pytest.mark.requirement("R143")
def test_the_pareto_page_names_the_repeating_stop_and_what_it_repeats_from(site: Site) -> None:
    again = [one for one in questions.repeats(site, WEEK, BY) if one.stands_out]
    assert [(one.machine, one.reason.code) for one in again] == [("L1-FIL", "MECH-SEAL")]
    assert again[0].times == len(again[0].starts_us) > again[0].high
    text = page("/losses/?line=L1")
    assert re.search(r"L1-FIL Filler 1 Seal or leak \d+", text)
    assert "More than usual" in text
    bars = questions.pareto(site, WEEK, BY, lines=["L1"]).bars
    assert "MECH-SEAL" in [bar.key for bar in bars[:2]]


@pytest.mark.requirement("R143")
def test_the_drifting_scrap_cause_is_named_with_since_when_and_how_much(site: Site) -> None:
    found = questions.drifts(site, WEEK, BY)
    assert [(one.line, one.key) for one in found] == [("L1", "FILL-LEVEL")]
    change = found[0].change
    assert change is not None
    assert found[0].changed is not None
    assert 14 <= (TODAY - found[0].changed).days <= 45
    assert 1.4 < change.ratio_low < change.ratio < change.ratio_high
    text = page("/trends/?of=scrap")
    assert re.search(
        r"L1, FILL-LEVEL: scrap has risen since the week of 2026-1\d-\d\d from 0\.\d+ % \(", text
    )
    assert "FILL-LEVEL" in page("/losses/?of=scrap&line=L1")
    assert any(one.kind is Kind.drift and one.line == "L1" for one in questions.unusual(site, YESTERDAY, BY))


@pytest.mark.requirement("R143")
def test_the_changeovers_that_shrank_are_shown_with_both_levels_and_the_day(site: Site) -> None:
    first = TODAY - timedelta(days=89)
    trend = questions.changeover_trend(site, "L2", first, TODAY, BY)
    assert trend.change is not None
    assert trend.changed_us is not None
    assert 32 < trend.change.before.middle < 45
    assert 11 < trend.change.after.middle < 18
    changed = clock.from_us(trend.changed_us).date()
    assert abs((TODAY - changed).days - 45) <= 4
    text = page("/trends/?of=changeovers")
    assert re.search(
        r"L2: changeovers take 1\d(\.\d)? min \(1\d.* to 1\d.*\) since 2026-10-\d\d, before \d\d", text
    )
    for line in ("L1", "L3", *WITHOUT_A_STORY):
        assert questions.changeover_trend(site, line, first, TODAY, BY).change is None
    assert "L4: no change shown" in text


def test_the_minutes_of_a_changeover_are_those_of_the_list_of_stops(site: Site) -> None:
    last = Period.of_days(TODAY - timedelta(days=13), TODAY)
    trend = questions.changeover_trend(site, "L2", last.first, last.last, BY)
    listed = {
        one.start_us: one.duration_us for one in stops(site, "L2", last, BY) if one.state is State.setup
    }
    assert trend.n > 5
    assert {one.start_us: one.us for one in trend.setups}.items() <= listed.items()


@pytest.mark.requirement("R143")
def test_the_short_night_shift_is_named_and_stands_out(site: Site) -> None:
    found = questions.understaffed(site, WEEK, BY)
    assert [(one.line, one.shift, one.stands_out) for one in found] == [("L3", "night", True)]
    assert len(found[0].short) >= 4
    assert all(one.present < one.need for one in found[0].short)
    bodies = Fact.objects.filter(lsn__in=found[0].lsns).values_list("body", flat=True)
    assert [json.loads(body)["present"] for body in bodies] == [one.present for one in found[0].short]
    assert re.search(r"L3 night 4 .*More than before", page("/losses/"))
    assert "L3, night: the share of people missing has risen" in page("/trends/?of=attendance")


@pytest.mark.requirement("R143")
def test_the_call_that_nobody_answered_is_named_first(site: Site) -> None:
    found = questions.unanswered(site, WEEK, BY)
    assert len(found.never) == 1
    call = found.never[0]
    assert clock.now_us() - call.raised_us < 24 * 3_600_000_000
    assert call.waited_us > call.limit_us == found.limits[call.category]
    assert set(Fact.objects.filter(lsn__in=call.lsns).values_list("kind", flat=True)) == {
        "andon_raise", "andon_resolve",
    }  # fmt: skip
    assert f"{call.asset} maintenance" in page("/losses/") or f"{call.asset} quality" in page("/losses/")
    assert "Never answered" in page("/losses/")
    assert "nobody answered 1 of" in page("/trends/?of=andon")
    look = questions.look(site, WEEK, BY)
    assert look.found[0].is_limit
    assert call.asset in look.found[0].text


@pytest.mark.requirement("R148")
def test_the_records_of_calls_say_the_same_and_every_call_was_confirmed(site: Site) -> None:
    before, after = -1, 0
    while after != before:
        before, after = after, follow_from(after)
    calls = visible(AndonCall, BY).filter(site=site)
    told = Fact.objects.filter(kind="andon_raise").count()
    assert calls.count() == told > 1000
    never = calls.filter(acknowledged_us=None, arrived_us=None, resolved_us__isnull=False)
    planted = questions.unanswered(site, WEEK, BY).never[0]
    assert [(one.asset, one.raised_us) for one in never] == [(planted.asset, planted.raised_us)]
    just_now_us = clock.now_us() - 120_000_000
    open_calls = calls.exclude(state="confirmed")
    assert not open_calls.filter(resolved_us__lt=just_now_us).exists(), "who raised a call confirms it"
    guarded = visible(EscalationStep, BY).values_list("call", flat=True)
    assert set(guarded) <= set(open_calls.values_list("pk", flat=True)), "nobody is told of the past"


@pytest.mark.requirement("R143")
def test_lines_without_a_story_are_not_named_more_often_than_stated(site: Site) -> None:
    """Looks at each of the last four weeks' days on the lines where nothing was planted."""
    named = looks = 0
    for ago in range(1, 29):
        found = questions.look(site, Period.of_day(TODAY - timedelta(days=ago)), BY, lines=WITHOUT_A_STORY)
        looks += 1
        named += any(not one.is_limit for one in found.found)
    assert named <= 4, f"{named} of {looks} looks; 5 of 100 are stated"
    assert not questions.look(site, WEEK, BY, lines=WITHOUT_A_STORY).found


def test_the_walk_begins_where_the_stories_are(site: Site) -> None:
    signals = questions.gemba_signals(site, clock.now_us(), BY)
    assert signals[0].line == "L1"
    assert signals[0].points == pytest.approx(sum(signals[0].parts.values()))
    assert "Seal or leak" in signals[0].question
    assert {one.line for one in signals} == {"L1", "L2", "L3", "L4", "L5", "CELL"}
    assert signals[0].lsns


def test_ninety_days_of_actions_are_closed_with_evidence_and_some_are_overdue(site: Site) -> None:
    known = actions_known(site.pk, clock.now_us(), BY)
    settled = [one for one in known if one.settled_us is not None]
    assert len(known) >= 30
    assert len(settled) > 15
    assert 1 <= overdue_actions(site, TODAY, BY).count() < 12
    assert min(one.raised_us for one in known) < clock.now_us() - 80 * 86_400_000_000


def test_the_overview_of_trends_says_what_changed_and_what_did_not(site: Site) -> None:
    text = page("/trends/")
    for words in (
        "L2: changeovers take",
        "L1, FILL-LEVEL: scrap has risen",
        "L3, night",
        "No change shown in",
    ):
        assert words in text


def test_an_unknown_subject_line_or_period_is_refused_in_a_sentence(site: Site) -> None:
    client = Client()
    client.force_login(User.objects.get(username="manager"))
    for path in ("/trends/?of=luck", "/losses/?of=luck", "/losses/?line=L99", "/losses/?period=ever"):
        answer = client.get(path)
        assert answer.status_code in (404, 422), path
        assert b"Traceback" not in answer.content
