"""Minutes of stops on every paper are those of the pages, to the second: as text read out of the PDF."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from line_of_machines import HOUR, MIN, SYSTEM, at
from shift_to_hand_over import BOUNDARY, DAY, NOW, ShiftToHandOver

from pdf_text import pdf_text
from plantbeat.areas.daily.handoffs.actions import make_due
from plantbeat.areas.daily.handoffs.printing import handoff_pdf
from plantbeat.areas.daily.incidents import actions as rooms
from plantbeat.areas.daily.incidents.printing import incident_pdf
from plantbeat.areas.daily.packs.writing import pack_pdf
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.losses.pareto import pareto
from plantbeat.areas.execution.sheets.actions import sheet_for
from plantbeat.facts.models import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.surfaces.templatetags.records import duration

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R147", "R155", "R180", "R183")]

SECOND = 1_000_000
ODD = (at(DAY, "10:00") + 7 * SECOND, at(DAY, "10:07") + 24 * SECOND)
SHORT = (at(DAY, "11:10") + 2 * SECOND, at(DAY, "11:10") + 49 * SECOND)


@pytest.fixture
def shift():
    """The shift of handoffs with two stops more, of odd seconds."""
    with clock.at(NOW):
        made = ShiftToHandOver()
        for begin, end in (ODD, SHORT):
            made.say(made.fact("state", begin, state="stopped"), made.fact("state", end, state="running"))
        made.drain()
        yield made


@pytest.fixture
def browser(shift):
    client = Client()
    client.force_login(User.objects.get(pk=shift.somebody(Role.supervisor).user_id))
    return client


def stops_of(shift):
    early = FactShift.objects.get(shift="early", owner_day=date.fromisoformat(DAY))
    found = execution.stops(shift.site, "L1", Period.of_shift(early), SYSTEM)
    assert len(found) == 4
    return found


def page_of(browser, url: str) -> str:
    answer = browser.get(url)
    assert answer.status_code == 200, url
    return " ".join(answer.content.decode().split())


def test_the_handoff_and_the_pages_of_its_stops_agree(shift, browser):
    (handoff,) = make_due(shift.site)
    paper = pdf_text(handoff_pdf(handoff, SYSTEM))
    page = page_of(browser, f"/handoff/{handoff.number}/")
    for stop in stops_of(shift):
        told = duration(stop.duration_us)
        said = f"L1 stands since 12:30 ({told} so far)" if stop.open else f"L1 stood {told} from"
        assert said in paper
        assert said in page
        assert told in page_of(browser, f"/lines/L1/stops/{stop.start_us}/")
    assert "L1 stood 7.3 min from 10:00" in paper
    assert "L1 stood 47 s from 11:10" in paper


def test_the_pack_of_the_next_shift_says_the_same(shift):
    (handoff,) = make_due(shift.site)
    late = FactShift.objects.get(shift="late", owner_day=date.fromisoformat(DAY))
    paper = pdf_text(pack_pdf(sheet_for(shift.site, "L1", late, SYSTEM), SYSTEM))
    assert f"Handoff {handoff.number}" in paper
    for stop in stops_of(shift):
        assert duration(stop.duration_us) in paper, stop


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
def test_the_incident_room_says_the_same(shift, browser, paper):
    room = rooms.open_room_on_stop(shift.site, "L1", ODD[0], SYSTEM)
    told = pdf_text(incident_pdf(room, SYSTEM, paper))
    page = page_of(browser, f"/incidents/{room.pk}/")
    assert "L1 stood 7.3 min" in told
    assert "L1 stood 7.3 min" in page
    assert "10:07:24" in told
    assert "10:07:24" in page


def test_the_executive_page_says_the_same_as_the_losses(shift, browser):
    with clock.at(BOUNDARY + 7 * 24 * HOUR):
        shift.drain()
        week = Period.of_days(date(2026, 3, 9), date(2026, 3, 15))
        bars = pareto(shift.site, week, SYSTEM).bars
        query = "?span=week&day=2026-03-15"
        answer = browser.get(f"/reports/sheet.pdf{query}")
        assert answer.status_code == 200
        paper, page = pdf_text(answer.content), page_of(browser, f"/reports/{query}")
        jam = next(bar for bar in bars if bar.label == "Jam")
        assert jam.us == 45 * MIN
        for bar in bars[:5]:
            assert duration(bar.us) in paper
            assert duration(bar.us) in page
