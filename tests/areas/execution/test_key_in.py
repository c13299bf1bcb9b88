"""A shift keyed in from paper: all of it or nothing, once, and never what a machine has told."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.actions import sheet_for
from plantbeat.areas.execution.sheets.answers import KeyedHour, KeyedSheet, KeyedStop
from plantbeat.areas.execution.sheets.keying import key_in
from plantbeat.areas.execution.sheets.questions import hours_of, sheet_numbered
from plantbeat.areas.execution.sheets.reading_form import read_sheet
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.facts.models import Fact, FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Refused

pytestmark = pytest.mark.django_db

DAY = "2026-03-10"
NOW = at(DAY, "15:00")


class Floor(LineOfMachines):
    """A line whose early shift was written on paper; it is three in the afternoon."""

    def __init__(self, **more):
        super().__init__(**more)
        self.early = FactShift.objects.get(shift="early", owner_day=date.fromisoformat(DAY))
        self.order = self.make(WorkOrder, item=self.item, quantity=500, due=clock.from_us(NOW + 48 * HOUR))
        self.somebody(Role.administrator)
        self.operator = self.somebody(Role.operator)
        self.sheet = sheet_for(self.site, "L1", self.early, SYSTEM)

    def somebody(self, role):
        site = None if role == Role.administrator else self.site
        name = f"person{User.objects.count() + 1}"
        grants = [{"role": role, "site": site}]
        user = act(User, "create", SYSTEM, {"username": name, "name": name, "grants": grants})
        return Actor.of(act(user, "set_password", SYSTEM, {"password": "a good long passphrase"}))

    def read(self, **cells):
        return read_sheet(self.sheet, hours_of(self.sheet, SYSTEM), cells)


@pytest.fixture
def floor():
    with clock.at(NOW):
        yield Floor()


def eight_hours(order="WO-000001", good=50):
    return {
        "order-1": order,
        **{f"good-{n}": str(good) for n in range(1, 9)},
        "scrap-3": "4",
        "defect-3": "CAP",
    }


STOP = {"stop_from-1": "09:10", "stop_to-1": "9:40", "stop_reason-1": "JAM"}


@pytest.mark.requirement("R180")
def test_a_whole_shift_from_paper_makes_oee_and_hours(floor):
    done = key_in(floor.sheet, floor.read(**eight_hours(), **STOP), floor.operator)
    assert (done.state, done.good, done.scrap, done.keyed_us) == ("keyed_in", 400, 4, NOW)
    period = Period.of_shift(floor.early)
    bridge = questions.loss_bridge(floor.site, "L1", period, SYSTEM)
    assert (bridge.elements.good, bridge.elements.scrap) == (400, 4)
    assert bridge.oee.oee.value == pytest.approx(100 * 400 / 480)
    (stop,) = questions.stops(floor.site, "L1", period, SYSTEM)
    assert (stop.start_us, stop.duration_us, stop.reason.code) == (at(DAY, "09:10"), 30 * MIN, "JAM")
    rows = hour_board(floor.site, "L1", floor.early.pk, SYSTEM).rows
    assert [row.good for row in rows] == [50] * 8
    assert rows[2].scrap == 4
    (counted,) = questions.counts(floor.site, "L1", period, SYSTEM)
    assert (counted.order, counted.item, counted.good) == ("WO-000001", "P", 400)


@pytest.mark.requirement("R180")
def test_keyed_facts_carry_the_time_on_the_paper_who_keyed_them_and_their_sheet(floor):
    key_in(floor.sheet, floor.read(**eight_hours()), floor.operator)
    facts = list(Fact.objects.filter(kind="count").order_by("t_us"))
    assert [fact.t_us for fact in facts] == [at(DAY, "06:00") + n * HOUR - 1 for n in range(1, 9)]
    assert {fact.rx_us for fact in facts} == {NOW}
    assert {fact.actor for fact in facts} == {floor.operator.pseudonym}
    assert {fact.reason for fact in facts} == {"sheet SH-000001"}


def test_the_same_sheet_counts_once(floor):
    keyed = floor.read(**eight_hours())
    key_in(floor.sheet, keyed, floor.operator)
    before = Fact.objects.count()
    with pytest.raises(Refused, match="SH-000001 was keyed in at 2026-03-10 15:00") as refused:
        key_in(sheet_numbered(floor.site, "1", SYSTEM), keyed, floor.operator)
    assert refused.value.kind == Kind.state
    with pytest.raises(Refused):
        key_in(floor.sheet, keyed, floor.operator)
    assert Fact.objects.count() == before
    again = sheet_for(floor.site, "L1", floor.early, floor.operator)
    assert again.pk == floor.sheet.pk


def test_what_a_machine_has_counted_is_refused_with_what_is_there_and_nothing_is_written(floor):
    floor.say(floor.fact("count", at(DAY, "08:30"), "M2", good=41, scrap=2))
    floor.drain()
    before = Fact.objects.count()
    with pytest.raises(Refused, match="08:00–09:00 has 41 good and 2 scrap already"):
        key_in(floor.sheet, floor.read(**eight_hours()), floor.operator)
    assert Fact.objects.count() == before
    assert ShiftSheet.objects.get().state == "on_paper"
    rest = {name: value for name, value in eight_hours().items() if not name.endswith("-3")}
    key_in(floor.sheet, floor.read(**rest), floor.operator)
    bridge = questions.loss_bridge(floor.site, "L1", Period.of_shift(floor.early), SYSTEM)
    assert bridge.elements.good == 350 + 41


def test_on_a_line_that_tells_its_stops_paper_gives_reasons_only(floor):
    floor.say(
        floor.fact("state", at(DAY, "06:00"), state="running"),
        floor.fact("state", at(DAY, "09:05"), state="stopped"),
        floor.fact("state", at(DAY, "09:45"), state="running"),
        floor.fact("order_start", at(DAY, "06:00"), "L1", order="WO-000001", item="P"),
    )
    floor.drain()
    key_in(floor.sheet, floor.read(**STOP), floor.operator)
    (stop,) = questions.stops(floor.site, "L1", Period.of_shift(floor.early), SYSTEM)
    assert (stop.start_us, stop.end_us, stop.reason.code) == (at(DAY, "09:05"), at(DAY, "09:45"), "JAM")
    assert Fact.objects.filter(kind="state").count() == 3
    late = sheet_for(floor.site, "L1", floor.early, SYSTEM)
    assert late.state == "keyed_in"


def test_a_stop_the_machine_did_not_make_is_refused(floor):
    floor.say(
        floor.fact("state", at(DAY, "06:00"), state="running"),
        floor.fact("order_start", at(DAY, "06:00"), "L1", order="WO-000001", item="P"),
    )
    floor.drain()
    with pytest.raises(Refused, match="09:10–09:40: the machine tells its states itself"):
        key_in(floor.sheet, floor.read(**STOP), floor.operator)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"good-2": "many"}, "row 2, Good: “many” is no number of pieces"),
        ({"good-2": "-4"}, "“-4” is no number"),
        ({"good-2": "4.5"}, "“4.5” is no number"),
        ({"good-1": "10", "defect-1": "CAP"}, "a defect needs its number of pieces"),
        ({"stop_from-1": "25:00", "stop_to-1": "26:00"}, "“25:00” is no time"),
        ({"stop_from-1": "09:00"}, "a stop needs both times"),
        ({"stop_from-1": "09:30", "stop_to-1": "09:00"}, "the stop ends before it begins"),
        ({"stop_from-1": "15:00", "stop_to-1": "16:00"}, "15:00 is outside the shift"),
        ({"stop_reason-1": "JAM"}, "a reason needs the time of its stop"),
    ],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(floor, cells, said):
    with pytest.raises(Refused) as refused:
        floor.read(**cells)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, "the sheet is empty"),
        ({"good-1": "5", "order-1": "WO-9"}, "there is no open order “WO-9”"),
        ({**STOP, "stop_reason-1": "HUNGER"}, "there is no downtime reason “HUNGER”"),
        (
            {"stop_from-1": "09:00", "stop_to-1": "09:30", "stop_from-2": "09:20", "stop_to-2": "09:40"},
            "the stops 09:00–09:30 and 09:20–09:40 overlap",
        ),
    ],
)  # fmt: skip
def test_a_sheet_that_cannot_be_true_is_refused_whole(floor, cells, said):
    before = Fact.objects.count()
    with pytest.raises(Refused) as refused:
        key_in(floor.sheet, floor.read(**cells), floor.operator)
    assert said in str(refused.value)
    assert Fact.objects.count() == before


def test_hours_that_are_not_over_wait(floor):
    late = FactShift.objects.get(shift="late", owner_day=date.fromisoformat(DAY))
    sheet = sheet_for(floor.site, "L1", late, SYSTEM)
    hour = KeyedHour(at(DAY, "14:00"), at(DAY, "15:00"), "", 5, 0, "")
    ahead = KeyedHour(at(DAY, "15:00"), at(DAY, "16:00"), "", 5, 0, "")
    with pytest.raises(Refused, match="15:00–16:00 is not over yet"):
        key_in(sheet, KeyedSheet((hour, ahead), ()), floor.operator)


def test_a_night_goes_over_midnight(floor):
    night = FactShift.objects.get(shift="night", owner_day=date(2026, 3, 9))
    sheet = sheet_for(floor.site, "L1", night, SYSTEM)
    hours = hours_of(sheet, SYSTEM)
    assert len(hours) == 8
    keyed = read_sheet(sheet, hours, {"good-8": "12", "stop_from-1": "23:50", "stop_to-1": "0010"})
    assert keyed.stops == (KeyedStop(at("2026-03-09", "23:50"), at(DAY, "00:10"), ""),)
    key_in(sheet, keyed, floor.operator)


@pytest.mark.requirement("R180")
def test_the_page_looks_over_first_and_takes_few_keys(floor):
    client = Client()
    client.force_login(User.objects.get(pk=floor.operator.user_id))
    assert client.post("/key-in/", {"number": "sh-1"}).url == "/key-in/SH-000001/"
    assert client.post("/key-in/", {"number": "77"}).status_code == 422
    assert b"SH-000001" in client.get("/key-in/").content
    cells = {**eight_hours(), **STOP}
    keys = sum(len(value) + 1 for value in cells.values())
    assert keys < 60, "two minutes are far more keys than that"
    before = Fact.objects.count()
    shown = client.post("/key-in/SH-000001/", {**cells, "do": "preview"})
    assert shown.status_code == 200
    assert b"Look it over again" in shown.content
    assert Fact.objects.count() == before
    assert client.post("/key-in/SH-000001/", {**cells, "do": "write"}).status_code == 302
    again = client.post("/key-in/SH-000001/", {**cells, "do": "write"})
    assert again.status_code == 409
    assert b"it counts once" in again.content


def test_who_only_reads_keys_nothing_in(floor):
    analyst = floor.somebody(Role.analyst)
    with pytest.raises(Refused) as refused:
        key_in(floor.sheet, floor.read(**eight_hours()), analyst)
    assert refused.value.kind == Kind.forbidden
    with pytest.raises(Refused):
        act(floor.sheet, "key_in", floor.operator, {"keyed": "everything"})
    with pytest.raises(Refused):
        sheet_for(floor.site, "L1", floor.early, analyst)
    with pytest.raises(Refused, match="there is no line “L9”"):
        sheet_for(floor.site, "L9", floor.early, floor.operator)
