"""The pages of the hour boards and of a stop: one tap explains, one tap takes the action."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from half_shift import DAY, NOW, early
from line_of_machines import MIN, SYSTEM, at
from test_hour_board import freeze, line, standard  # noqa: F401  (a fixture)

from people_of_the_plant import Plant
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.records.ramp_up import RampUp
from plantbeat.areas.execution.records.stop import Stop
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.tables import Fact
from plantbeat.kernel.access import Role

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146", "R117")]


@pytest.fixture
def client_of(line):  # noqa: F811
    """`client_of(Role.operator)` is signed in at the site of the line."""
    people = Plant.__new__(Plant)
    people.user(Role.administrator, everywhere=True)

    def signed_in(role: Role = Role.operator) -> Client:
        client, user = Client(), people.user(role, site=line.site)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


def test_the_board_shows_plan_made_gap_and_parts(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    page = client_of().get("/lines/L1/hours/")
    assert page.status_code == 200
    rows = page.context["rows"]
    assert [(row["plan"], row["good"], row["gap"]) for row in rows][2:4] == [
        ("60", "0", "60"),
        ("60", "90", "−30"),
    ]
    assert [part["word"] for part in rows[2]["parts"]] == ["Jam", "Slower than standard"]
    assert page.context["totals"]["gap"] == "190"
    text = page.content.decode()
    assert "plan frozen as the shift began: 03-10 early" in text
    assert "Give the reason (12:00)" in text


def test_a_tap_in_an_hour_explains_its_stops_and_nothing_else(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    start, end = at(DAY, "12:00"), at(DAY, "13:00")
    client, address = client_of(), f"/lines/L1/hours/?shift={early().pk}"
    answer = client.post(address, {"start_us": start, "end_us": end, "reason": "EMPTY"})
    assert answer["Location"].endswith(f"#hour-{start}")
    row = hour_board(line.site, "L1", early().pk, SYSTEM).rows[6]
    assert [(one.reason.code, one.state.value) for one in row.reasons if one.reason] == [("EMPTY", "starved")]
    again = client.post(address, {"start_us": start, "end_us": end, "reason": "EMPTY"})
    assert again.status_code == 422
    assert "no stop of this hour is without a reason" in again.content.decode()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"start_us": "x", "end_us": "1", "reason": "JAM"}, "names no hour"),
        ({"start_us": at(DAY, "12:00"), "end_us": at(DAY, "13:00"), "reason": "NONE"}, "EMPTY, JAM"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(line, client_of, given, says):  # noqa: F811
    before = Fact.objects.count()
    answer = client_of().post("/lines/L1/hours/", given)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert Fact.objects.count() == before


def test_a_reader_sees_the_board_and_explains_nothing(line, client_of):  # noqa: F811
    reader = client_of(Role.analyst)
    page = reader.get("/lines/L1/hours/")
    assert "pb-hour-reason" not in page.content.decode()
    given = {"start_us": at(DAY, "12:00"), "end_us": at(DAY, "13:00"), "reason": "JAM"}
    assert reader.post("/lines/L1/hours/", given).status_code == 422
    assert reader.get("/lines/X9/hours/").status_code == 404
    assert Client().get("/lines/L1/hours/").status_code == 302


def test_all_lines_are_on_one_page(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    page = client_of().get("/hours/")
    (group,) = page.context["groups"]
    assert [(one["code"], one["gap"], one["good"], one["due"]) for one in group["lines"]] == [
        ("L1", "190", "200", "390")
    ]
    assert [cell["plan"] for cell in group["lines"][0]["cells"]] == ["60"] * 8


@pytest.mark.requirement("R013")
def test_takt_stands_beside_the_mean_actual_cycle(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    pace = client_of().get("/lines/L1/hours/").context["pace"]
    assert (pace["takt"], pace["actual"], pace["unit"]) == ("60.0", "117.0", "s per piece")
    assert pace["percent"] == "51.3"


@pytest.mark.requirement("R013")
def test_a_takt_below_ten_seconds_is_shown_as_pieces_a_minute(line, client_of):  # noqa: F811
    freeze(line, ("W1", 4800, "14:00"))
    pace = client_of().get("/lines/L1/").context["pace"]
    assert (pace["takt"], pace["actual"], pace["unit"]) == ("10.0", "0.5", "pcs/min")


def test_without_a_frozen_plan_there_is_no_takt_and_the_page_says_so(line, client_of):  # noqa: F811
    page = client_of().get("/lines/L1/hours/")
    assert "no plan was frozen" in page.context["pace"]["missing"]
    assert "No plan for these hours" in page.content.decode()


# --- the story of a stop ---


def test_the_page_of_a_stop_leads_to_its_hours_and_takes_the_drafted_action(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    line.make(Person, number="7", name="Ada Okafor")
    client, address = client_of(), f"/lines/L1/stops/{at(DAY, '08:10')}/"
    page = client.get(address)
    assert [(row["one"].us // MIN, row["one"].pieces) for row in page.context["hours"]] == [(45, 45)]
    draft = page.context["draft"]
    assert (draft.owner, draft.due) == ("", date(2026, 3, 11))
    answer = client.post(address, {"take": "1", "title": draft.title, "owner": "7", "due": "2026-03-12"})
    assert answer.status_code == 302
    action, record = ImprovementAction.objects.get(), Stop.objects.get()
    assert (action.owner.name, action.due, action.line.code) == ("Ada Okafor", date(2026, 3, 12), "L1")
    assert action.source == f"execution.Stop:{record.pk}"
    page = client.get(address)
    assert "ST-000001" in page.content.decode()
    assert [row["one"].number for row in page.context["actions"]] == ["A-000001"]


def test_an_action_without_owner_or_with_a_wrong_day_is_not_taken(line, client_of):  # noqa: F811
    client, address = client_of(), f"/lines/L1/stops/{at(DAY, '08:10')}/"
    answer = client.post(address, {"take": "1", "title": "x", "owner": "", "due": "soon"})
    assert answer.status_code == 422
    assert "choose who does it" in answer.content.decode()
    assert "is no day" in answer.content.decode()
    assert not ImprovementAction.objects.exists()
    assert not Stop.objects.exists()
    assert NOW


@pytest.mark.requirement("R144")
def test_pieces_of_an_hour_and_of_the_shift_open_to_the_measure_they_are_counted_in(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    browser = client_of()
    page = browser.get("/lines/L1/hours/")
    row = next(one for one in page.context["rows"] if one["good"] == "90")
    good = browser.get(row["opens"]["good"])
    assert good.status_code == 200
    assert f"where=hour%3A{row['start_us']}" in row["opens"]["good"]
    assert "90" in good.content.decode()
    for address in (*row["opens"].values(), *page.context["opens"].values()):
        assert browser.get(address).status_code == 200
    (group,) = browser.get("/hours/").context["groups"]
    (strip,) = group["lines"]
    assert strip["cells"][3]["opens"].endswith(f"#hour-{row['start_us']}")
    assert group["label"].endswith("early, 06:00–14:00")
    assert group["as_of_us"]


# --- how the plan is made ---


@pytest.mark.requirement("R157")
def test_every_plan_of_an_hour_opens_to_the_parts_it_is_the_sum_of(line, client_of):  # noqa: F811
    standard(line, run_s=60)
    line.make(RampUp, line=line.line, lasts=30 * MIN, percent=50)
    freeze(line, ("W1", 125, "08:10"), ("W2", 180, "13:00"))
    browser = client_of()
    board = browser.get("/lines/L1/hours/")
    page = browser.get("/lines/L1/hours/plan/")
    assert page.status_code == 200
    text = page.content.decode()
    for row, hour in zip(board.context["rows"], page.context["hours"], strict=True):
        assert row["plan_url"] == f"/lines/L1/hours/plan/?shift={early().pk}#plan-{row['start_us']}"
        assert f'href="{row["plan_url"]}"' in board.content.decode()
        assert f'id="plan-{row["start_us"]}"' in text
        table = hour["table"]
        assert hour["plan"] == row["plan"] == table["pieces"]
        assert row["cumulative_plan"] == hour["so_far"]
        assert table["worked_us"] + table["out_us"] == row["end_us"] - row["start_us"]
    third = page.context["hours"][2]["table"]
    said = [(row["what"], row.get("run"), row["us"] // MIN) for row in third["after"]]
    assert said == [("W1", "125 pcs of the shift, 06:05–08:10", 10), ("Nothing planned", "", 50)]
    assert (third["after"][0]["rate"], third["after"][0]["standard"]) == ("60.0", "60.0")
    ramp = [row for hour in page.context["hours"] for row in hour["table"]["after"] if row.get("percent")]
    assert [(row["percent"], row["rate"], row["us"] // MIN) for row in ramp] == [
        (50, "30.0", 15),
        (50, "30.0", 15),
    ]


@pytest.mark.requirement("R157")
def test_what_is_due_in_the_running_hour_and_in_the_shift_opens_too(line, client_of):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    browser = client_of()
    board = browser.get("/lines/L1/hours/")
    assert board.context["due_url"].endswith("#due")
    page = browser.get("/lines/L1/hours/plan/")
    running = page.context["hours"][6]["table"]
    assert running["is_cut"]
    assert [row["pieces"] for row in running["before"]] == ["30"]
    assert [row["pieces"] for row in running["after"]] == ["30"]
    assert board.context["rows"][6]["due"] == page.context["hours"][6]["due"] == "30"
    assert "Due by 12:30" in page.content.decode()
    assert page.context["due"] == board.context["totals"]["due"] == "390"
    assert [hour["due"] for hour in page.context["due_hours"]] == ["60"] * 6 + ["30"]
    assert f"#plan-{at(DAY, '12:00')}" in browser.get("/hours/").content.decode()
    assert f"#plan-{at(DAY, '12:00')}" in browser.get("/lines/L1/").content.decode()


def test_without_a_plan_the_page_says_what_is_missing_and_strangers_see_nothing(line, client_of):  # noqa: F811
    page = client_of().get("/lines/L1/hours/plan/")
    assert "no standard time for P" in page.content.decode()
    assert client_of(Role.analyst).get("/lines/L1/hours/plan/").status_code == 200
    assert client_of().get("/lines/X9/hours/plan/").status_code == 404
    assert Client().get("/lines/L1/hours/plan/").status_code == 302
