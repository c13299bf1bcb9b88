"""Tier boards: letters from measures and written figures, reds that are never silent, meetings, roll-up."""

from __future__ import annotations

from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from board_of_a_line import MONDAY, TUESDAY, at
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.records.board_cell import BoardCell
from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.daily.tiers import meetings
from plantbeat.areas.daily.tiers.boards import cells_of, letters_of, silent_reds
from plantbeat.areas.daily.tiers.letter_shapes import SHAPES, boxes, last_day
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R141", "R142")]


def overdue(boards, due=MONDAY - timedelta(days=3)):
    """An action of the line that was overdue on Monday, so that its figure is red."""
    with clock.at(at(MONDAY - timedelta(days=7))):
        return boards.make(
            ImprovementAction, title="Guard the sensor", owner=boards.lead, due=due, line=boards.line
        )


def test_every_letter_is_a_calendar_of_thirty_one_days_read_like_a_page():
    for letter, rows in SHAPES.items():
        assert sum(row.count("X") for row in rows) == 31
        for month in (date(2026, 2, 10), date(2026, 12, 31), date(2028, 2, 29)):
            found = boxes(letter, month)
            assert [box.day.day for box in found] == list(range(1, last_day(month).day + 1))
            assert sorted(found, key=lambda box: (box.row, box.column)) == found
            assert len({(box.row, box.column) for box in found}) == len(found)


def test_what_was_not_taken_has_no_target_or_no_data_is_never_green(boards):
    by = boards.by(boards.lead_user)
    safety, morale = letters_of(boards.line_board, MONDAY, by)
    assert (safety.status, safety.cells[0].word) == ("none", "not taken")
    assert (morale.status, morale.cells[0].word) == ("none", "no action is open")
    meetings.say_of_cell(boards.line_board, MONDAY, "Near misses", by, value="0")
    assert letters_of(boards.line_board, MONDAY, by)[0].status == "good"
    bare = [{"place": 1, "letter": "S", "written": "Near misses"}]
    act(boards.line_board, "edit", SYSTEM, {"measures": bare})
    [safety] = letters_of(boards.line_board, MONDAY, by)
    assert (safety.status, safety.cells[0].word) == ("none", "no target")


def test_a_missing_figure_is_not_covered_by_a_good_one_of_the_same_letter(boards):
    row = {"place": 3, "letter": "S", "written": "Audits", "target": Decimal(0)}
    old = [{"place": 1, "letter": "S", "written": "Near misses", "target": Decimal(0), "watch": Decimal(1)}]
    act(boards.line_board, "edit", SYSTEM, {"measures": [*old, row]})
    by = boards.by(boards.lead_user)
    meetings.say_of_cell(boards.line_board, MONDAY, "Near misses", by, value="0")
    [safety] = letters_of(boards.line_board, MONDAY, by)
    assert [cell.status for cell in safety.cells] == ["good", "none"]
    assert safety.status == "none"


def test_a_measured_figure_is_the_catalogues_and_cannot_be_written(boards):
    overdue(boards)
    by = boards.by(boards.lead_user)
    cell = letters_of(boards.line_board, MONDAY, by)[1].cells[0]
    [asked] = values("open_actions_on_time", boards.line_board.place, Period.of_day(MONDAY), by)
    assert (cell.value, cell.status) == (asked.value, "act") == (0.0, "act")
    assert cell.url.startswith("/kpis/?measure=open_actions_on_time&scope=line%3AL1")
    with pytest.raises(Refused, match="is measured and cannot be written"):
        meetings.say_of_cell(boards.line_board, MONDAY, "open_actions_on_time", by, value="100")
    key = {"site": boards.site, "board": boards.line_board, "day": MONDAY, "letter": "M"}
    with pytest.raises(Refused, match="is measured and cannot be written"):
        act(BoardCell, "create", SYSTEM, key | {"item": "open_actions_on_time", "value": Decimal(100)})
    with pytest.raises(Refused, match="no such figure"):
        meetings.say_of_cell(boards.line_board, MONDAY, "Weather", by, value="1")
    with pytest.raises(Refused, match="is no number"):
        meetings.say_of_cell(boards.line_board, MONDAY, "Near misses", by, value="many")


def test_who_wrote_a_figure_and_when_stands_with_it(boards):
    by = boards.by(boards.lead_user)
    other = boards.by(boards.supervisor_user)
    meetings.say_of_cell(boards.line_board, MONDAY, "Near misses", other, value="1")
    with clock.at(at(hour=9)):
        cell = meetings.say_of_cell(boards.line_board, MONDAY, "Near misses", by, value="2")
    assert (cell.value, cell.noted_by, cell.noted_us) == (2, boards.lead, at(hour=9))
    assert BoardCell._base_manager.count() == 1


def test_a_meeting_cannot_end_over_a_silent_red_or_without_attendance(boards):
    overdue(boards)
    by, board = boards.by(boards.lead_user), boards.line_board
    meeting = meetings.start_meeting(board, by)
    assert (meeting.day, meeting.looks_at, meeting.state) == (TUESDAY, MONDAY, "running")
    assert meetings.start_meeting(board, by).pk == meeting.pk
    with pytest.raises(Refused) as refused:
        act(meeting, "end", by, {"summary": ""})
    said = str(refused.value)
    assert "attendance is not taken" in said
    assert "a red is never silent; give a reason and an action for: M Open actions on time" in said
    meeting = meetings.take_attendance(meeting, [boards.operator], by)
    meetings.say_of_cell(board, MONDAY, "open_actions_on_time", by, reason="The sensor is late")
    with pytest.raises(Refused, match="never silent"):
        act(meeting, "end", by)
    action = boards.make(ImprovementAction, title="Chase", owner=boards.lead, due=TUESDAY)
    reference = f"improvement.ImprovementAction:{action.pk}"
    meetings.say_of_cell(board, MONDAY, "open_actions_on_time", by, action=reference)
    assert silent_reds(board, MONDAY, by) == []
    with clock.at(at(minute=11)):
        ended = act(meeting, "end", by, {"summary": "Short"})
    assert (ended.state, ended.lasted_us) == ("ended", 11 * 60_000_000)
    with pytest.raises(Refused, match="not possible while the state is"):
        act(ended, "end", by)


def test_a_board_above_shows_the_reds_and_the_open_questions_of_those_below(boards, browse):
    overdue(boards)
    below = cells_of([boards.line_board], MONDAY, boards.by(boards.manager_user))[boards.line_board.pk]
    assert [cell.status for cell in below] == ["none", "act"]
    page = browse(boards.manager_user).get("/tiers/FILL/", {"day": MONDAY.isoformat()}).content.decode()
    assert "Their reds" in page
    assert "Open actions on time" in page
    assert "no reason yet" in page


@rules_read_once()
def test_many_lines_with_one_measure_are_asked_together_and_agree_with_each_alone(boards):
    from plantbeat.areas.plant.records.line import Line

    other = boards.make(Line, code="L2", name="Line 2", area=boards.area, shift_pattern=boards.pattern)
    measures = [{"place": 1, "letter": "M", "measure": "open_actions_on_time"}]
    second = boards.make(TierBoard, code="L2", name="Line 2", line=other, measures=measures)
    overdue(boards)
    by = boards.by(boards.manager_user)
    together = cells_of([boards.line_board, second], MONDAY, by)
    for board in (boards.line_board, second):
        alone = cells_of([board], MONDAY, by)[board.pk]
        assert [(c.item, c.value, c.status) for c in together[board.pk]] == [
            (c.item, c.value, c.status) for c in alone
        ]


@pytest.mark.requirement("R154")
def test_a_meeting_goes_through_its_page_reds_first_decisions_have_owner_and_date(boards, browse):
    overdue(boards)
    lead = browse(boards.lead_user)
    started = lead.post("/tiers/L1/start/")
    page = lead.get(started.url)
    assert page.status_code == 200
    meeting = TierMeeting._base_manager.get()
    say = "/tiers/L1/say/{}/".format
    here = {"meeting": meeting.pk}
    assert lead.post(say("attendance"), here | {"absent": ["4"]}).status_code == 302
    assert [row.person for row in meeting.absences.all()] == [boards.operator]
    lacking = lead.post(say("action"), here | {"title": "Fit the guard", "owner": "", "due": ""})
    assert lacking.status_code == 422
    assert ImprovementAction._base_manager.count() == 1
    nobody = lead.post(say("action"), here | {"title": "Fit", "owner": "99", "due": "2026-11-25"})
    assert "there is nobody with this number" in nobody.content.decode()
    red = {"item": "open_actions_on_time", "reason": "Parts late", "title": "Chase", "owner": "1 Person 1"}
    assert lead.post(say("cell"), here | red | {"due": "2026-11-25"}).status_code == 302
    ended = lead.post(say("end"), here | {"summary": "Done"})
    assert ended.status_code == 302
    meeting.refresh_from_db()
    assert meeting.state == "ended"
    action = ImprovementAction._base_manager.get(title="Chase")
    assert (action.owner, action.due, action.source) == (
        boards.lead, date(2026, 11, 25), f"daily.TierMeeting:{meeting.pk}"
    )  # fmt: skip
    listed = lead.get("/actions/", {"whose": "mine"}).content.decode()
    assert "Chase" in listed
    assert listed.index("Guard the sensor") < listed.index("Chase")
    said = {"said": "Seen working on the floor", "back": "?whose=all"}
    closed = lead.post(f"/actions/{action.pk}/close/", said)
    assert closed.url == "/actions/?whose=all"
    action.refresh_from_db()
    assert (action.state, action.evidence) == ("closed", "Seen working on the floor")
    older = ImprovementAction._base_manager.get(title="Guard the sensor")
    lead.post(f"/actions/{older.pk}/close/", {"evidence": " "})
    older.refresh_from_db()
    assert older.state == "open"


def test_a_meeting_under_way_asks_for_its_figures_once(boards, browse):
    overdue(boards)
    meeting = meetings.start_meeting(boards.line_board, boards.by(boards.lead_user))
    lead = browse(boards.lead_user)
    lead.get(f"/tiers/meetings/{meeting.pk}/")
    with CaptureQueriesContext(connection) as queries:
        page = lead.get(f"/tiers/meetings/{meeting.pk}/").content.decode()
    assert "a red is never silent; give a reason and an action for: M Open actions on time" in page
    reads = [one["sql"] for one in queries]
    assert len([sql for sql in reads if 'FROM "daily_board_cell"' in sql]) == 1
    assert len([sql for sql in reads if 'FROM "daily_board_measure"' in sql]) == 1
    assert len(reads) <= 40, "\n".join(reads)


def test_an_operator_looks_but_does_not_lead_and_a_stranger_finds_nothing(boards, browse, client):
    operator = browse(boards.operator_user)
    assert operator.get("/tiers/L1/").status_code == 200
    operator.post("/tiers/L1/start/")
    assert not TierMeeting._base_manager.exists()
    assert operator.get("/tiers/NONE/").status_code == 404
    assert client.get("/tiers/L1/").status_code == 302
    foreigner = browse(boards.plant.user(site=boards.plant.south, role="manager"))
    assert foreigner.get("/tiers/L1/").status_code == 404


def test_the_wall_names_nobody_and_has_at_most_five_tiles(boards, browse):
    page = browse(boards.manager_user).get("/tiers/L1/wall/").content.decode()
    assert page.count('class="pb-tile"') == 2
    assert "Person 1" not in page
    assert 'data-live="tier/L1 first/N"' in page


def test_bad_days_are_told_and_change_nothing(boards, browse):
    lead = browse(boards.lead_user)
    assert lead.get("/tiers/L1/", {"day": "tomorrow"}).status_code == 200
    assert lead.get("/tiers/L1/", {"day": "2199-01-01"}).status_code == 200
    answer = lead.post("/tiers/L1/say/cell/", {"item": "Near misses", "value": "1", "day": "soon"})
    assert answer.status_code == 422
    assert lead.post("/tiers/L1/say/nonsense/").status_code == 404
    assert not BoardCell._base_manager.exists()


@pytest.mark.requirement("R141", "R142")
def test_the_board_of_an_area_works_when_its_lines_do(boards):
    shifts = [{"place": 1, "name": "day", "start": time(6), "end": time(14)}]
    week = {"code": "S7", "name": "Every day", "anchor": date(2026, 1, 5), "crews": "B", "shifts": shifts}
    every_day = boards.make(ShiftPattern, **week, weekdays="Mon Tue Wed Thu Fri Sat Sun")
    other = boards.make(Area, code="MACH", name="Machining")
    boards.make(Line, code="L9", name="Line 9", area=other, shift_pattern=every_day)
    sunday = MONDAY + timedelta(days=6)
    board = TierBoard._base_manager.get(pk=boards.area_board.pk)
    assert meetings.meets_on(boards.site_board, sunday)
    assert not meetings.meets_on(board, sunday)
    assert meetings.day_looked_at(board, MONDAY + timedelta(days=7)) == MONDAY + timedelta(days=4)
    assert meetings.day_looked_at(boards.site_board, MONDAY + timedelta(days=7)) == sunday
