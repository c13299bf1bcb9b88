"""The page and the wall board of a line, from facts to what is shown."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.test import Client

from people_of_the_plant import SYSTEM
from plantbeat.areas.execution import questions
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.tables import Fact
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R082", "R157")]

NOON = (
    clock.to_us(clock.EPOCH)
    + (date(2026, 11, 23) - date(1970, 1, 1)).days * 86_400_000_000
    + 18 * 3_600_000_000
)
"""Monday noon in Chicago."""
NOON_DAY = date(2026, 11, 23)
MINUTE_US = 60_000_000


@pytest.fixture
def line(plant):
    """A line with one filler that ran since 08:00, stood from 11:00 to 11:12 with a jam, and runs again."""
    with clock.at(NOON - 6 * 60 * MINUTE_US):
        shifts = [{"place": 1, "name": "early", "start": time(6), "end": time(14)}]
        data = {"code": "S1", "name": "Early", "anchor": date(2026, 1, 5), "crews": "A", "shifts": shifts}
        pattern = act(ShiftPattern, "create", SYSTEM, {"site": plant.north, **data})
        made = act(
            Line,
            "create",
            SYSTEM,
            {"site": plant.north, "code": "L1", "name": "Line 1", "shift_pattern": pattern},
        )
        filler = act(
            Machine, "create", SYSTEM, {"site": plant.north, "code": "F1", "name": "Filler", "line": made}
        )
        act(made, "edit", SYSTEM, {"counting_point": filler, "bottleneck": filler})
    with clock.at(NOON):
        source = own_source(plant.north)

        def at(minutes: int, kind: str, **body: object) -> NewFact:
            return NewFact(asset="F1", t_us=NOON - minutes * MINUTE_US, kind=kind, body=body)

        jam = {"reason": "JAM", "from_us": NOON - 60 * MINUTE_US, "until_us": NOON - 48 * MINUTE_US}
        facts = [
            at(240, "state", state="running"),
            at(60, "state", state="own_stop"),
            at(48, "state", state="running"),
            at(30, "count", good=500, scrap=7),
            at(1, "heartbeat"),
        ]
        append(
            [*facts, NewFact(asset="F1", t_us=NOON - 40 * MINUTE_US, kind="reason", body=jam)], SYSTEM, source
        )
        while recompute().left:
            pass
        yield made


def signed_in(plant, role=Role.operator, **where) -> Client:
    client = Client()
    user = plant.user(role, **where)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_the_page_shows_state_stops_with_reason_and_pieces(plant, line):
    page = signed_in(plant).get("/lines/L1/")
    assert page.status_code == 200
    assert page.context["state"]["state"] == "running"
    stops = page.context["stops"]
    assert [(stop["state"], stop["reason"], round(stop["us"] / MINUTE_US)) for stop in stops] == [
        ("own_stop", "JAM", 12)
    ]
    assert stops[0]["facts"]
    assert [(one.good, one.scrap) for one in page.context["counts"]] == [(500, 7)]
    rows = {row["name"]: row["us"] / MINUTE_US for row in page.context["bridge"]["rows"]}
    assert rows["Breakdowns"] == 12
    assert sum(rows.values()) == pytest.approx(page.context["bridge"]["whole_us"] / MINUTE_US)


def test_a_line_that_does_not_exist_or_is_foreign_is_not_found(plant, line):
    assert signed_in(plant).get("/lines/NONE/").status_code == 404
    assert signed_in(plant, site=plant.south).get("/lines/L1/").status_code == 404


def test_a_line_without_shifts_says_what_to_do(plant):
    act(Line, "create", SYSTEM, {"site": plant.north, "code": "L9", "name": "Line 9"})
    page = signed_in(plant).get("/lines/L9/")
    assert page.status_code == 200


@pytest.mark.requirement("R156")
def test_a_paired_screen_shows_its_board_without_sign_in(plant, line):
    by = plant.actor(Role.supervisor)
    token = "secret of the wall"
    data = {"site": plant.north, "name": "Wall", "kind": "wall", "place": "L1"}
    devices.enrol(devices.waiting_code(token), by, **data)
    screen = Client()
    assert screen.get("/wall/L1/").status_code == 302
    screen.cookies[devices.COOKIE] = token
    board = screen.get("/wall/L1/")
    assert board.status_code == 200
    assert len(board.context["tiles"]) == 5
    assert screen.get("/lines/L1/").status_code == 302


def test_the_overview_shows_every_line(plant, line):
    page = signed_in(plant, Role.manager).get("/overview/")
    assert [card["code"] for card in page.context["lines"]] == ["L1"]
    assert page.context["live_topic"] == "site/N"


# --- a stop gets its reason -----------------------------------------------------------------------------


@pytest.fixture
def reasons(plant):
    tools = act(DowntimeReason, "create", SYSTEM, {"site": plant.north, "code": "T", "name": "Tools"})
    for code, name, counts_as in (("DULL", "Dull knife", "own_stop"), ("CARE", "Tool care", "planned_stop")):
        data = {"code": code, "name": name, "counts_as": counts_as, "parent": tools}
        act(DowntimeReason, "create", SYSTEM, {"site": plant.north, **data})


def stop_address(line_page) -> str:
    stop = line_page.context["stops"][0]
    return f"/lines/L1/stops/{stop['start_us']}/"


@pytest.mark.requirement("R082")
def test_a_tap_gives_a_stop_its_reason_on_line_and_machine(plant, line, reasons):
    with clock.at(NOON):
        operator = signed_in(plant)
        address = stop_address(operator.get("/lines/L1/"))
        page = operator.get(address)
        offered = [(name, [one.code for one in rows]) for name, rows in page.context["groups"]]
        assert offered == [("Tools", ["CARE", "DULL"])]
        answer = operator.post(address, {"reason": "DULL"})
        assert answer["Location"] == "/lines/L1/"
        page = operator.get("/lines/L1/")
        assert [(stop["reason"], round(stop["us"] / MINUTE_US)) for stop in page.context["stops"]] == [
            ("Dull knife", 12)
        ]
        by = plant.actor(Role.operator)
        machine = questions.stops(plant.north, "F1", Period.of_day(NOON_DAY), by)
        assert [stop.reason.code for stop in machine] == ["DULL"]


@pytest.mark.requirement("R082")
def test_a_reason_that_counts_as_planned_changes_the_loss_bridge(plant, line, reasons):
    with clock.at(NOON):
        operator = signed_in(plant)
        before = operator.get("/lines/L1/").context["bridge"]
        operator.post(stop_address(operator.get("/lines/L1/")), {"reason": "CARE"})
        after = operator.get("/lines/L1/").context["bridge"]
    assert "Breakdowns" in {row["name"] for row in before["rows"]}
    assert "Breakdowns" not in {row["name"] for row in after["rows"]}
    assert before["whole_us"] - after["whole_us"] == 12 * MINUTE_US


def test_who_may_not_or_names_no_reason_changes_nothing(plant, line, reasons):
    with clock.at(NOON):
        address = stop_address(signed_in(plant).get("/lines/L1/"))
        before = Fact.objects.count()
        wrong = signed_in(plant, Role.supervisor).post(address, {"reason": "NONE"})
        assert wrong.status_code == 422
        assert "CARE, DULL" in wrong.content.decode()
        reader = signed_in(plant, Role.analyst)
        assert "pb-touch-grid" not in reader.get(address).content.decode()
        assert reader.post(address, {"reason": "DULL"}).status_code == 422
        assert signed_in(plant, site=plant.south).post(address, {"reason": "DULL"}).status_code == 404
        assert signed_in(plant).get("/lines/L1/stops/1/").status_code == 404
        assert Client().post(address, {"reason": "DULL"}).status_code == 302
        assert Fact.objects.count() == before


@pytest.mark.parametrize("at", ["0", "9" * 18, "9" * 19, "9" * 40])
def test_an_instant_beyond_all_times_is_no_stop(plant, line, at):
    assert signed_in(plant).get(f"/lines/L1/stops/{at}/").status_code == 404
