"""Weekly and monthly reports: sums of elements, the same figures on page, sheet and slide."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from board_of_a_line import MONDAY, TUESDAY, at

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.reports.pages import executive_sheet
from plantbeat.areas.daily.reports.questions import LEADS, PERIODS, USUAL, Span, report
from plantbeat.areas.daily.reports.wording import report_words
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.plant.records.target import Target
from plantbeat.areas.safety.records.safety_setting import SafetySetting
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R151")]


@pytest.fixture
def told(boards):
    """Three actions of which one is overdue, a target for them, and a question that was answered late."""
    last_week = MONDAY - timedelta(days=5)
    with clock.at(at(last_week)):
        for due in (MONDAY - timedelta(days=4), TUESDAY, TUESDAY + timedelta(days=2)):
            boards.make(ImprovementAction, title="Guard", owner=boards.lead, due=due)
        one = boards.make(Escalation, from_board=boards.line_board, question="May we?", raised_by=boards.lead)
    boards.make(Target, measure="open_actions_on_time", value=Decimal(90), owner=boards.manager,
                valid_from=MONDAY - timedelta(days=300))  # fmt: skip
    with clock.at(at(MONDAY - timedelta(days=3), 9)):
        above = boards.by(boards.supervisor_user)
        act(act(one, "accept", above), "answer", above, {"answer": "Yes"})
    return boards


def test_each_value_is_the_measures_own_over_the_whole_period(told):
    by = told.by(told.manager_user)
    found = report(told.site, Span.week, by)
    assert found.is_usual
    assert [row.measure.code for row in found.rows] == [LEADS, *USUAL]
    for row in found.rows:
        for column in row.columns:
            asked = values(row.measure.code, Scope.site(told.site.pk), column.period, by)
            assert column.figure == asked[0].figure if asked else column.figure.value is None
    last = found.rows[-1].latest
    assert (last.figure.numerator, last.figure.denominator, last.status) == (2, 3, "act")
    ends = [column.period.last for column in found.rows[0].columns]
    assert ends == sorted(ends)
    assert found.period.last < TUESDAY


def test_a_period_without_data_or_target_is_never_good(told):
    found = report(told.site, Span.month, told.by(told.manager_user))
    for row in found.rows:
        for column in row.columns:
            if column.figure.value is None or column.target is None:
                assert column.status == "none"


def test_what_was_followed_through_is_counted_by_records(told):
    counts = report(told.site, Span.week, told.by(told.manager_user)).counts
    assert (counts.actions_open, counts.actions_overdue, counts.actions_closed) == (3, 1, 0)
    assert (counts.asked, counts.answered, counts.answered_late) == (1, 1, 1)


def test_answers_are_those_to_what_was_asked_in_the_period(told):
    last_week = MONDAY - timedelta(days=3)
    with clock.at(at(MONDAY - timedelta(days=12))):
        before = told.make(Escalation, from_board=told.line_board, question="And that?", raised_by=told.lead)
    with clock.at(at(last_week, 10)):
        told.make(Escalation, from_board=told.line_board, question="What now?", raised_by=told.lead)
        above = told.by(told.supervisor_user)
        act(act(before, "accept", above), "answer", above, {"answer": "No"})
    found = report(told.site, Span.week, told.by(told.manager_user))
    assert (found.counts.asked, found.counts.answered, found.counts.answered_late) == (2, 1, 1)
    said = report_words(found)["sentences"][1]
    assert said.startswith("Escalations: 2 asked in the period; 1 of them answered, 1 too late.")
    assert said.endswith("1 waits too long now.")


def test_each_period_shows_the_target_of_its_days_and_none_stands_before_the_first_figure(told, browse):
    with clock.at(at(MONDAY - timedelta(days=15))):
        told.make(ImprovementAction, title="Sign", owner=told.lead, due=MONDAY - timedelta(days=13))
    told.make(Target, measure="open_actions_on_time", value=Decimal(80), owner=told.manager,
              valid_from=MONDAY - timedelta(days=9))  # fmt: skip
    found = report(told.site, Span.week, told.by(told.manager_user))
    row = found.rows[-1]
    assert row.columns[0].figure.value is not None
    said = report_words(found)
    assert len(said["labels"]) == len(said["spans_of_days"]) == len(row.columns) < PERIODS
    assert said["rows"][-1]["target"] == "80.0"
    assert [one["target_then"] for one in said["rows"][-1]["columns"]][:: len(row.columns) - 1] == [
        "90.0",
        "",
    ]
    page = browse(told.manager_user).get("/reports/").content.decode()
    assert "target ≥ 90.0" in page
    assert f"{found.period.first:%m-%d} – {found.period.last:%m-%d}" in page


def test_page_sheet_and_slide_say_the_same_figures(told, browse):
    manager = browse(told.manager_user)
    found = report(told.site, Span.week, told.by(told.manager_user))
    said = executive_sheet(found)
    page = manager.get("/reports/").content.decode()
    for row in said["rows"]:
        for column in row["columns"]:
            assert f">{column['text']}</a>" in page
    for sentence in said["sentences"]:
        assert sentence in page
    slide = manager.get("/reports/slide/").content.decode()
    assert slide.count('class="pb-tile"') == 5
    for row in said["rows"][:5]:
        assert row["name"] in slide
        assert row["latest"]["word"] in slide
    made = manager.get("/reports/sheet.pdf")
    assert made["Content-Type"] == "application/pdf"
    assert made.content.startswith(b"%PDF")
    assert b"/Count 1" in made.content


def test_bad_periods_and_papers_are_told(told, browse):
    manager = browse(told.manager_user)
    for address, said in (
        ("/reports/?span=year", "is neither a week nor a month"),
        ("/reports/?day=soon", "is no date"),
        ("/reports/sheet.pdf?paper=a3", "there is no such paper"),
    ):
        answer = manager.get(address)
        assert answer.status_code == 422
        assert said in answer.content.decode()


@pytest.mark.requirement("R134")
def test_hazards_lead_and_days_since_come_last_or_not_at_all(told):
    measures = [
        {"place": 1, "letter": "S", "measure": "days_since_last_recordable"},
        {"place": 2, "letter": "Q", "measure": "first_pass_yield"},
    ]
    act(told.site_board, "edit", SYSTEM, {"measures": measures})

    def codes():
        return [row.measure.code for row in report(told.site, Span.week, told.by(told.manager_user)).rows]

    assert codes() == ["hazards_fixed_in_time", "first_pass_yield", "days_since_last_recordable"]
    told.make(SafetySetting, show_days_since=False)
    assert codes() == ["hazards_fixed_in_time", "first_pass_yield"]
