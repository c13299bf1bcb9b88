"""The quarantine as people work through it: counted, explained, tried, released and discarded."""

from __future__ import annotations

import pytest
from django.test import Client
from line_of_machines import SYSTEM, LineOfMachines, at
from test_kpi_page import person

from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.incoming import arrival_of_json
from plantbeat.facts.log import append
from plantbeat.facts.models import AssetDay, DirtyDay, Fact, Quarantine
from plantbeat.facts.source import source_actor
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act

DAY = "2026-03-10"
NOW = at(DAY, "12:30")

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R014", "R082")]


@pytest.fixture
def line():
    """Three facts that were not believed: a clock of 2002, an asset nobody knows, twice."""
    with clock.at(NOW):
        made = LineOfMachines()
        first = {"username": "first", "name": "First", "grants": [{"role": Role.administrator, "site": None}]}
        act(act(User, "create", SYSTEM, first), "set_password", SYSTEM, {"password": "a long passphrase"})
        made.say(made.fact("state", at(DAY, "06:00"), state="running"))
        for raw in (
            b'{"asset":"M1","t":"2002-01-01T04:11:02Z","kind":"state","body":{"state":"stopped"}}',
            b'{"asset":"M9","t":"2026-03-10T08:00:00Z","kind":"count","body":{"good":5}}',
            b'{"asset":"M9","t":"2026-03-10T09:00:00Z","kind":"count","body":{"good":6}}',
        ):
            append([arrival_of_json(raw, "gw")], source_actor("gw"), made.source)
        made.drain()
        yield made


@pytest.fixture
def lead(line) -> Client:
    return person(Role.line_lead, line.site)


def held(fault: str) -> Quarantine:
    return Quarantine.objects.filter(fault=fault).order_by("pk").first()


def test_what_waits_is_counted_by_reason_and_shown_in_words(line, lead):
    page = lead.get("/quarantine/")
    assert [(one["word"], one["n"]) for one in page.context["counts"]] == [
        ("Unknown asset", 2), ("Impossible clock", 1),
    ]  # fmt: skip
    assert len(page.context["rows"]) == 3
    text = page.content.decode()
    assert "has no asset “M9”" in text
    assert "before the earliest accepted" in text
    narrowed = lead.get("/quarantine/?fault=impossible_clock")
    assert [row["held"].fault for row in narrowed.context["rows"]] == ["impossible_clock"]
    assert "Give the time it happened" in text
    assert lead.get("/overview/").context["tiles"][3]["url"] == "/quarantine/"


def test_one_shows_what_came_from_whom_and_when(line, lead):
    row = held("impossible_clock")
    text = lead.get(f"/quarantine/{row.pk}/").content.decode()
    for said in ("2002-01-01T04:11:02Z", "&quot;asset&quot;: &quot;M1&quot;", ">gw<", "2026-03-10 12:30:00"):
        assert said in text
    assert "Release</button>" not in text, "a release is shown before it can be done"


def test_what_a_release_would_do_is_shown_and_nothing_is_done(line, lead):
    row, facts, dirty = held("impossible_clock"), Fact.objects.count(), DirtyDay.objects.count()
    form = {"do": "look", "version": row.version, "asset": "M1", "t": "2026-03-10T07:00:00Z", "kind": "state"}
    page = lead.post(f"/quarantine/{row.pk}/", {**form, "body": '{"state":"stopped"}'})
    found = page.context["consequences"]
    assert (found.asset, found.at_us, found.kind) == ("M1", at(DAY, "07:00"), "state")
    assert [(code, day.isoformat()) for code, day in found.days] == [("L1", DAY), ("M1", DAY)]
    row.refresh_from_db()
    assert (row.state, Fact.objects.count(), DirtyDay.objects.count()) == ("open", facts, dirty)
    assert "computed again" in page.content.decode()
    done = lead.post(f"/quarantine/{row.pk}/", {**form, "do": "release", "body": '{"state":"stopped"}'})
    assert (done.status_code, done.headers["Location"]) == (302, "/quarantine/")
    row.refresh_from_db()
    assert row.state == "released"
    assert Fact.objects.get(lsn=row.lsn).t_us == at(DAY, "07:00")
    assert AssetDay.objects.filter(asset=line.asset("M1")).exists()


def test_a_release_that_cannot_be_says_why_and_changes_nothing(line, lead):
    row = held("unknown_asset")
    for verb in ("look", "release"):
        form = {"do": verb, "version": row.version, "asset": "M9", "t": row.t, "kind": row.kind, "body": "{"}
        page = lead.post(f"/quarantine/{row.pk}/", form)
        assert page.status_code == 422
        assert "is not JSON" in page.content.decode()
        page = lead.post(f"/quarantine/{row.pk}/", {**form, "body": row.body})
        assert page.status_code == 422
        assert "has no asset “M9”" in page.content.decode()
    row.refresh_from_db()
    assert row.state == "open"


def test_a_discard_needs_a_reason(line, lead):
    row = held("impossible_clock")
    refused = lead.post(f"/quarantine/{row.pk}/", {"do": "discard", "reason": ""})
    assert refused.status_code == 422
    assert lead.post(f"/quarantine/{row.pk}/", {"do": "discard", "reason": "clock"}).status_code == 302
    row.refresh_from_db()
    assert row.state == "discarded"
    assert "“clock”" in lead.get(f"/quarantine/{row.pk}/").content.decode()


def test_many_are_released_once_their_asset_is_there(line, lead):
    line.make(Machine, code="M9", name="Nine", line=line.line)
    chosen = [row.pk for row in Quarantine.objects.all()]
    page = lead.post("/quarantine/many/", {"do": "release", "chosen": chosen}, follow=True)
    said = [str(message) for message in page.context["messages"]]
    assert said[0] == "2 facts released."
    assert "2002" in said[1]
    assert Quarantine.objects.filter(state="open").count() == 1
    lead.post("/quarantine/many/", {"do": "discard", "chosen": chosen[:1], "reason": "old"})
    page = lead.get("/quarantine/")
    assert "Nothing is in quarantine" in page.content.decode()
    assert len(lead.get("/quarantine/?state=released").context["rows"]) == 2


@pytest.mark.requirement("X6", "R008")
def test_who_may_not_decide_sees_why_and_strangers_see_nothing(line):
    row = held("impossible_clock")
    operator = person(Role.operator, line.site)
    page = operator.get(f"/quarantine/{row.pk}/")
    assert page.context["why_not_release"]
    assert page.context["why_not_discard"]
    assert operator.post(f"/quarantine/{row.pk}/", {"do": "discard", "reason": "x"}).status_code == 422
    operator.post("/quarantine/many/", {"do": "discard", "chosen": [row.pk], "reason": "x"})
    operator.post(f"/quarantine/{row.pk}/", {"do": "look"})
    row.refresh_from_db()
    assert row.state == "open"
    elsewhere = act(Site, "create", SYSTEM, {"code": "C", "name": "Elsewhere", "zone": "UTC"})
    stranger = person(Role.manager, elsewhere)
    assert stranger.get(f"/quarantine/{row.pk}/").status_code == 404
    assert stranger.get("/quarantine/").context["rows"] == []
    assert (
        stranger.post("/quarantine/many/", {"do": "discard", "chosen": [row.pk], "reason": "x"}).status_code
        == 404
    )
    assert Client().get("/quarantine/").status_code == 302
