"""The page of a measure: its numbers are the catalogue's, its parts add up, and it opens to the facts."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from line_of_machines import MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution.kpis.evidence import KIND_WORDS
from plantbeat.areas.execution.kpis.formula_pages import formula_blocks
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.target import Target
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.facts.kinds import KINDS
from plantbeat.facts.log import reverse
from plantbeat.facts.models import Fact
from plantbeat.facts.views.catalogue import measures, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act

DAY = "2026-03-10"
NOW = at(DAY, "12:30")
OF_LINE = "scope=line:L1&period=today"

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R149", "R157")]


@pytest.fixture
def line():
    """Half past twelve in an early shift: one order, a jam, a stop without a reason, and scrap."""
    with clock.at(NOW):
        made = LineOfMachines()
        for letter in "ABC":
            crew = made.make(Crew, code=letter, pattern=made.pattern, letter=letter)
            for number in range(5):
                made.make(Person, number=f"{letter}{number}", name="x", crew=crew, home_line=made.line)
        made.say(
            made.fact("state", at(DAY, "06:00"), state="running"),
            made.fact("order_start", at(DAY, "06:00"), "L1", order="W1", item="P"),
            made.fact("state", at(DAY, "08:00"), state="stopped"),
            made.fact("state", at(DAY, "08:45"), state="running"),
            made.fact("reason", at(DAY, "08:46"), reason="JAM", from_us=at(DAY, "08:00")),
            made.fact("count", at(DAY, "09:30"), "M2", good=90, scrap=3),
            made.fact("count", at(DAY, "11:30"), "M2", good=110),
            made.fact("state", at(DAY, "12:00"), state="stopped"),
            made.fact("attendance", at(DAY, "06:10"), "L1", rostered=20, present=18),
        )
        made.drain()
        yield made


def person(role: Role, site: Site | None) -> Client:
    number = User._base_manager.count() + 1
    data = {"username": f"u{number}", "name": f"U {number}", "grants": [{"role": role, "site": site}]}
    client = Client()
    backend = "allauth.account.auth_backends.AuthenticationBackend"
    client.force_login(act(User, "create", SYSTEM, data), backend=backend)
    return client


@pytest.fixture
def reader(line):
    first = {"username": "first", "name": "First", "grants": [{"role": Role.administrator, "site": None}]}
    act(act(User, "create", SYSTEM, first), "set_password", SYSTEM, {"password": "a good long passphrase"})
    return person(Role.analyst, line.site)


def shown(client: Client, query: str):
    answer = client.get(f"/kpis/?{query}")
    assert answer.status_code == 200, answer.content[:500]
    return answer.context


# --- the numbers ---


@pytest.mark.parametrize("code", ["oee", "availability", "loss_breakdowns", "throughput", "scrap_percent"])
def test_what_is_shown_is_what_the_catalogue_answers(line, reader, code):
    page = shown(reader, f"measure={code}&{OF_LINE}")
    (value,) = values(code, Scope.line(line.site.pk, "L1"), Period.of_day(date(2026, 3, 10)), SYSTEM)
    assert page["whole"]["value"] == f"{value.value:.{0 if code == 'throughput' else 1}f}"
    assert page["whole"]["n"] == str(value.figure.n)
    assert page["period_label"] == DAY
    assert page["as_of_us"] == NOW


def test_the_whole_division_is_shown_in_words(line, reader):
    whole = shown(reader, f"measure=oee&{OF_LINE}")["whole"]
    assert (whole["numerator"], whole["denominator"]) == ("3 h 20 min", "6 h 30 min")
    assert (str(whole["numerator_name"]), str(whole["denominator_name"])) == (
        "ideal time of good pieces", "planned busy time",
    )  # fmt: skip


def test_every_measure_says_what_it_divides_and_the_names_hold(line, reader):
    for measure in measures():
        page = shown(reader, f"measure={measure.code}&scope=site&period=7d")
        assert page["measure"] is measure
        (value,) = values(
            measure.code, Scope.site(line.site.pk), page["asked"].period, SYSTEM, None, page["asked"].where
        )
        if value.value is not None and measure.unit in {*map(str, Unit)}:
            ratio = Ratio(value.figure.numerator, value.figure.denominator, Unit(measure.unit))
            assert value.value == ratio.value


@pytest.mark.requirement("R040")
def test_parts_add_up_to_the_value_on_every_way_down_to_the_facts(line, reader):
    """From the site down to facts, cut by cut, whatever comes next: sums agree on each level."""
    for code in ("oee", "loss_breakdowns", "unplanned_downtime_percent", "scrap_percent", "attendance"):
        query, levels = f"measure={code}&scope=site&period=7d", 0
        above = None
        while True:
            page = shown(reader, query)
            if above is not None:
                assert page["whole"]["numerator"] == above
            if not page.get("parts") or not page["parts"]["rows"]:
                break
            assert page["parts"]["sums"] or page["parts"]["shares"], (code, query)
            assert page["parts"]["numerator"] == page["whole"]["numerator"]
            row = max(page["parts"]["rows"], key=lambda one: one["bar"])
            above, query, levels = row["numerator"], row["url"].removeprefix("?"), levels + 1
            assert levels < 10
        assert levels >= 2
        assert page["asked"].facts
        assert page["evidence"].facts, (code, query)


def test_machines_in_series_are_not_summed_and_the_page_says_so(line, reader):
    page = shown(reader, f"measure=availability&{OF_LINE}&cut=machine")
    assert not page["parts"]["sums"]
    assert (
        b"Machines in series are not summed"
        in reader.get(f"/kpis/?measure=availability&{OF_LINE}&cut=machine").content
    )


def test_stops_without_a_reason_open_too(line, reader):
    page = shown(reader, f"measure=loss_breakdowns&{OF_LINE}&cut=reason")
    named = {row["label"]: row for row in page["parts"]["rows"]}
    assert set(named) == {"Jam", "no reason given"}
    opened = shown(reader, named["no reason given"]["url"].removeprefix("?"))
    assert opened["whole"]["numerator"] == "30 min"
    assert [one["name"] for one in opened["opened"]] == ["no reason given"]
    under = shown(reader, named["no reason given"]["url"].removeprefix("?") + "&facts=1")["evidence"]
    assert [(one.kind, one.at_us) for one in under.facts] == [("state", at(DAY, "12:00"))]


def test_a_target_judges_its_place_and_no_part_of_it(line, reader):
    owner = line.make(Person, number="7", name="Ada Okafor")
    line.make(Target, measure="oee", line=line.line, valid_from=date(2026, 1, 1), value="60", owner=owner)
    page = shown(reader, f"measure=oee&{OF_LINE}&cut=order")
    assert (page["whole"]["status"], page["whole"]["word"]) == ("act", "Act")
    assert page["whole"]["target"]["owner"] == "Ada Okafor"
    assert page["parts"]["rows"][0]["status"] == "none"
    by_line = shown(reader, "measure=oee&scope=site&period=today&cut=line")
    assert (by_line["whole"]["word"], by_line["parts"]["rows"][0]["word"]) == ("no target", "Act")


def test_a_period_is_a_shift_days_or_from_one_day_to_another(line, reader):
    labels = {
        "period=shift": "2026-03-10 early",
        "period=yesterday": "2026-03-09",
        "period=7d": "2026-03-04 – 2026-03-10",
        "period=28d": "2026-02-11 – 2026-03-10",
        "period=90d": "2025-12-11 – 2026-03-10",
        "period=custom&from=2026-03-01&to=2026-03-02": "2026-03-01 – 2026-03-02",
        "from=2026-03-01&to=2026-03-01": "2026-03-01",
    }
    for query, label in labels.items():
        assert shown(reader, f"scope=line:L1&{query}")["period_label"] == label
    course = shown(reader, "scope=line:L1&period=7d")["course"]
    assert course["spec"]["series"][0]["values"] == [None] * 6 + [pytest.approx(51.2821)]


def test_what_a_measure_cannot_be_cut_by_is_left_out_with_a_notice(line, reader):
    page = shown(reader, f"measure=oee&{OF_LINE}&cut=reason&where=reason:JAM")
    assert page["asked"].cut is Cut.shift
    assert page["asked"].notices == ("“OEE” cannot be cut by reason",) * 2


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("measure=nothing", "measure", "there is no such measure"),
        ("scope=line:L9", "code", "there is no Line “L9” here"),
        ("scope=planet", "scope", "is no place"),
        ("period=century", "period", "is no period"),
        ("period=custom&from=soon", "from", "is no date"),
        ("from=2026-03-02&to=2026-03-01", "to", "lies before the first day"),
        ("from=1990-01-01", "from", "too long"),
        ("period=shift&shift=999999", "shift", "there is no such shift"),
        ("cut=person", "cut", "is no cut"),
        ("where=reason", "where", "is no part of a cut"),
        ("where=day:tomorrow", "where", "is no part of a cut"),
        ("facts=1&page=0", "page", "is out of range"),
    ],
)
def test_a_wrong_address_is_answered_in_words(line, reader, query, field, said):
    for address in (f"/kpis/?{query}", f"/kpis/export.csv?{query}"):
        answer = reader.get(address)
        assert answer.status_code in (404, 422)
        assert said in answer.content.decode()


# --- who may ---


@pytest.mark.requirement("X6", "R008")
def test_nobody_sees_measures_of_a_site_without_a_role_there(line, reader):
    other = act(Site, "create", SYSTEM, {"code": "C", "name": "Elsewhere", "zone": "UTC"})
    stranger, nobody = person(Role.manager, other), Client()
    for path in ("/kpis/", "/kpis/export.csv"):
        assert nobody.get(path).status_code == 302
        assert stranger.get(f"{path}?site=B&scope=line:L1&facts=1").status_code == 404
    page = shown(stranger, "site=B&scope=site&facts=1")
    assert page["asked"].site == other
    assert not page["evidence"].facts
    assert nobody.get("/api/measures").status_code == 401
    for path in ("/api/measures/oee", "/api/measures/oee/facts"):
        assert nobody.get(path).status_code == 401
        assert stranger.get(f"{path}?site=B").status_code == 404


# --- facts and records ---


@pytest.mark.requirement("R014")
def test_a_fact_that_was_taken_back_stands_beside_those_that_hold(line, reader):
    count = Fact.objects.get(kind="count", t_us=at(DAY, "09:30"))
    (scrap,) = line.say(line.fact("count", at(DAY, "09:30"), "M2", good=80, scrap=13))
    reverse(count, SYSTEM, "counted twice")
    line.drain()
    page = shown(reader, f"measure=scrap_percent&{OF_LINE}&facts=1")
    facts = {one.lsn: one for one in page["evidence"].facts}
    assert facts[count.pk].taken_back[1] == "counted twice"
    assert facts[scrap].taken_back is None
    assert (facts[scrap].asset, facts[scrap].source, dict(facts[scrap].said)["scrap"]) == ("M2", "gw", "13")
    text = reader.get(f"/kpis/?measure=scrap_percent&{OF_LINE}&facts=1").content.decode()
    assert 'taken back by <a href="/facts/' in text
    assert "counted twice" in text


@pytest.mark.requirement("R161")
def test_labour_opens_to_the_sign_offs_and_never_to_the_person(line, reader):
    line.say(
        line.fact("operator_on", at(DAY, "06:00"), "M1", person="PSEUDONYM7"),
        line.fact("operator_off", at(DAY, "09:00"), "M1", person="PSEUDONYM7", order="W1", step="20"),
    )
    line.drain()
    page = shown(reader, f"measure=labour_per_operation&{OF_LINE}&facts=1")
    on, off = page["evidence"].facts
    assert (on.kind_word, on.said, off.said) == ("Somebody starts", (), (("order", "W1"), ("step", "20")))
    for address in (
        f"/kpis/?measure=labour_per_operation&{OF_LINE}&facts=1",
        f"/kpis/export.csv?measure=labour_per_operation&{OF_LINE}&facts=1",
        "/api/measures/labour_per_operation/facts?site=B&scope=line:L1&period=today",
    ):
        told = reader.get(address)
        assert told.status_code == 200, address
        text = told.getvalue().decode()
        assert "W1" in text, address
        assert "PSEUDONYM7" not in text, address


def test_facts_of_single_events_are_those_of_the_part_that_was_opened(line, reader):
    line.say(line.fact("attendance", at("2026-03-09", "14:10"), "L1", rostered=10, present=9))
    line.drain()
    query = "measure=attendance&scope=line:L1&period=7d&facts=1"
    assert len(shown(reader, query)["evidence"].facts) == 2
    (early,) = shown(reader, f"{query}&where=shift:early")["evidence"].facts
    assert early.at_us == at(DAY, "06:10")


def test_a_measure_over_records_opens_to_the_steps_of_their_change_log(line, reader):
    due = datetime(2026, 3, 10, 20, tzinfo=UTC)
    orders = [line.make(WorkOrder, item=line.item, quantity=10, due=due) for _ in range(2)]
    act(orders[0], "release", SYSTEM)
    line.say(line.fact("order_end", at(DAY, "11:00"), "L1", order=orders[0].number))
    line.drain()
    page = shown(reader, "measure=otd&scope=site&period=today&cut=order")
    row = next(row for row in page["parts"]["rows"] if row["label"] == orders[0].number)
    assert (row["numerator"], row["denominator"]) == ("1", "1")
    opened = shown(reader, row["url"].removeprefix("?"))["evidence"]
    assert [one.name for one in opened.records] == [str(orders[0])]
    assert [step.label for step in opened.records[0].steps] == ["created", "Release"]
    assert [one.kind for one in opened.facts] == ["order_end"]


def test_every_kind_of_fact_has_a_word():
    assert set(KIND_WORDS) == set(KINDS)


def test_facts_come_in_pages(line, reader):
    line.say(*(line.fact("count", at(DAY, f"10:{m:02d}"), "M2", good=1) for m in range(60)))
    line.drain()
    first = shown(reader, f"measure=throughput&{OF_LINE}&facts=1")
    second = shown(reader, first["next_page"])
    assert (len(first["evidence"].facts), first["evidence"].more) == (50, True)
    assert (len(second["evidence"].facts), second["evidence"].more) == (12, False)


# --- files ---


def test_the_files_hold_what_is_shown_with_times_in_minutes(line, reader):
    query = f"measure=loss_breakdowns&{OF_LINE}&cut=reason"
    rows = list(csv.DictReader(io.StringIO(reader.get(f"/kpis/export.csv?{query}").content.decode())))
    assert [(row["Reason"], float(row["lost to breakdowns (min)"])) for row in rows] == [
        ("Whole", 75), ("Jam", 45), ("no reason given", 30),
    ]  # fmt: skip
    assert {float(row["planned busy time (min)"]) for row in rows} == {390}
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(reader.get(f"/kpis/export.xlsx?{query}&facts=1").content))
    assert book.sheetnames == ["Values", "Over time", "Facts", "Records", "About"]
    assert [row[0].value for row in book["Values"].iter_rows(min_row=2)] == [
        "Whole",
        "Jam",
        "no reason given",
    ]
    facts = [row[3].value for row in book["Facts"].iter_rows(min_row=2)]
    assert facts == ["state", "reason", "state"]
    about = {row[0].value: row[1].value for row in book["About"].iter_rows()}
    assert (about["Time zone"], about["Place"], about["Period"]) == ("UTC", "line:L1", DAY)
    facts_only = reader.get(f"/kpis/export.csv?{query}&facts=1").content.decode().splitlines()
    assert len(facts_only) == 4
    assert reader.get(f"/kpis/export.pdf?{query}").status_code == 404


# --- REST ---


@pytest.mark.requirement("R154")
def test_rest_answers_what_the_page_shows(line, reader):
    listed = reader.get("/api/measures").json()["items"]
    assert [one["code"] for one in listed] == [measure.code for measure in measures()]
    oee = next(one for one in listed if one["code"] == "oee")
    assert oee["numerator"] == {"name": "ideal time of good pieces", "unit": "µs"}
    answer = reader.get(f"/api/measures/oee?{OF_LINE}&cut=order").json()
    assert (answer["numerator"], answer["denominator"], answer["agreement"]) == (200 * MIN, 390 * MIN, "sums")
    assert (answer["scope"], answer["zone"], answer["as_of_us"]) == ("line:L1", "UTC", NOW)
    assert (answer["parts"][0]["key"], answer["parts"][0]["numerator"]) == ("W1", 200 * MIN)
    facts = reader.get(f"/api/measures/loss_breakdowns/facts?{OF_LINE}&where=reason:JAM").json()
    assert [one["kind"] for one in facts["items"]] == ["state", "reason"]
    assert facts["items"][0]["body"] == {"state": "stopped"}
    refused = reader.get("/api/measures/oee?cut=reason")
    assert refused.status_code == 422
    assert refused.json()["problems"][0]["field"] == "cut"
    paths = reader.get("/api/openapi.json").json()["paths"]
    assert {"/api/measures", "/api/measures/{code}", "/api/measures/{code}/facts"} <= set(paths)
    by_line = reader.get("/api/measures/oee?cut=line").json()
    assert [part["key"] for part in by_line["parts"]] == ["L1"]


# --- around it ---


def test_every_measure_has_a_page_that_says_how_it_is_calculated(line, reader):
    for measure in measures():
        headings = [block.text for block in formula_blocks(measure.page) if block.kind == "heading"]
        assert headings == ["Formula", "Elements", "What is left out", "Worked example"], measure.code
        assert reader.get(f"/kpis/{measure.code}/formula/").status_code == 200
    assert reader.get("/kpis/nothing/formula/").status_code == 404


def test_the_numbers_of_now_line_and_wall_open_to_their_measure(line, reader):
    (card,) = reader.get("/overview/").context["lines"]
    assert card["tile"]["value_url"] == "/kpis/?measure=oee&scope=line%3AL1&period=shift"
    assert reader.get(card["tile"]["value_url"]).context["whole"]["value"] == card["tile"]["value"]
    page = reader.get("/lines/L1/").context
    for tile in page["tiles"]:
        assert reader.get(tile["url"]).context["whole"]["value"] == tile["value"]
    for row in page["bridge"]["rows"]:
        opened = reader.get(row["url"]).context["whole"]
        assert opened["value"] == f"{row['percent']:.1f}"
    for stop in page["stops"]:
        assert reader.get(stop["url"].split("#")[0]).context["evidence"].facts
    assert "/kpis/" in reader.get("/wall/L1/").content.decode()


def test_the_page_costs_the_same_for_many_lines_as_for_few(line, reader):
    def cost(query):
        with CaptureQueriesContext(connection) as queries:
            shown(reader, query)
        return len(queries)

    queries = ("scope=site&period=7d&cut=line", "scope=site&period=today&facts=1")

    def costs():
        for query in queries:
            shown(reader, query)  # the days that are over come from memory afterwards
        return [cost(query) for query in queries]

    few = costs()
    for number in range(2, 7):
        line.make(Line, code=f"L{number}", name=f"Line {number}")
    assert costs() == few
    assert max(few) <= 70
