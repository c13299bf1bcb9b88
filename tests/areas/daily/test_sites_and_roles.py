"""Every page of the day opens for every role, and shows nothing of a site that is not in view."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from board_of_a_line import MONDAY, TUESDAY

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.records.gemba_check import GembaCheck
from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.areas.daily.records.incident import IncidentRoom
from plantbeat.areas.daily.records.priority import Priority
from plantbeat.areas.daily.records.routine import Routine
from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.areas.safety.records.huddle import Huddle
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R141", "R156", "X10")]

PAGES = (
    "/overview/", "/start-up/", "/start-up/last-shift/", "/schedule/", "/schedule/board/", "/schedule/diff/",
    "/capacity/", "/gemba-now/", "/gemba/", "/sync-now/", "/people-now/", "/results/", "/handoff/",
    "/shift-packs/", "/tiers/", "/actions/", "/actions/?whose=all", "/routines/", "/routines/kept/",
    "/reports/", "/reports/?span=month", "/reports/slide/", "/losses/", "/losses/unusual/", "/trends/",
    "/kpis/", "/incidents/", "/attendance/", "/on-duty/", "/hours/", "/andon/", "/andon/calls/",
    "/terminal/", "/key-in/", "/quarantine/", "/hazards/report/", "/plant/workbook/", "/plant/assumptions/",
)  # fmt: skip
SECRET = "Nordwind"
"""Stands in the name of everything at the other site."""


@pytest.fixture
def elsewhere(boards):
    """What happens at another site; each record with a page of its own."""
    site = boards.plant.south

    def make(model, **data):
        return act(model, "create", SYSTEM, {"site": site, **data})

    shifts = [{"place": 1, "name": f"{SECRET} day", "start": time(0), "end": time(23)}]
    pattern = make(ShiftPattern, code="SN", name=SECRET, anchor=date(2026, 1, 5), crews="A", shifts=shifts)
    area = make(Area, code="NW", name=f"{SECRET} hall")
    line = make(Line, code="NW1", name=f"{SECRET} line", area=area, shift_pattern=pattern)
    crew = make(Crew, code="NWA", letter="A", name=f"{SECRET} crew", pattern=pattern)
    owner = make(
        Person, number="901", name=f"Ada {SECRET}", job="Operator", home_line=line, crew=crew, joined=MONDAY
    )
    board = make(TierBoard, code="NWB", name=f"{SECRET} board", line=line)
    make(ImprovementAction, title=f"{SECRET} action", owner=owner, due=MONDAY, line=line)
    make(Hazard, what=f"{SECRET} hazard", potential="fatal", line=line)
    make(Routine, code="NWR", name=f"{SECRET} routine", role=Role.manager, cadence="daily")
    room = make(IncidentRoom, title=f"{SECRET} room")
    walk = make(GembaWalk, day=TUESDAY - timedelta(days=1), walker=owner)
    make(GembaStop, walk=walk, place=1, line=line, question=f"{SECRET} question?")
    return [f"/tiers/{board.code}/", f"/gemba/{walk.pk}/", f"/incidents/{room.pk}/", f"/lines/{line.code}/",
            f"/lines/{line.code}/hours/"]  # fmt: skip


def test_nothing_of_another_site_is_on_any_page(boards, elsewhere, browse):
    client = browse(boards.manager_user)
    for path in PAGES:
        page = client.get(path)
        assert page.status_code == 200, path
        assert SECRET not in page.content.decode(), path
    for path in elsewhere:
        assert client.get(path).status_code == 404, path
    found = client.get("/search/", {"q": SECRET})
    assert f"{SECRET} " not in found.content.decode()


@pytest.mark.parametrize("role", [Role.operator, Role.maintenance, Role.analyst])
def test_every_page_opens_or_refuses_for_a_role(boards, browse, role):
    user, _person = boards.person("77", role)
    client = browse(user)
    for path in PAGES:
        assert client.get(path).status_code in (200, 403), path


def test_a_reader_changes_nothing(boards, browse):
    user, _person = boards.person("77", Role.analyst)
    client = browse(user)
    counted = (GembaWalk, GembaCheck, TierMeeting, Huddle, ImprovementAction, IncidentRoom, Priority)
    for path, given in (
        ("/gemba/", {}),
        ("/gemba/checks/", {}),
        ("/tiers/L1/start/", {}),
        ("/start-up/huddle/", {"topic": "Gloves", "attended": "3"}),
        ("/start-up/decide/", {"nothing": "1"}),
        ("/sync-now/", {"title": "Seal", "owner": "1", "due": "2026-11-27"}),
        ("/incidents/open/", {"title": "Filler down"}),
        ("/schedule/solve/", {"seconds": "1"}),
    ):
        answer = client.post(path, given)
        assert answer.status_code in (302, 403, 409, 422), path
    for model in counted:
        assert not model._base_manager.exists(), model
