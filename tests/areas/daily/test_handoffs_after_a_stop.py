"""Handoffs nobody has kept fresh: the worker was ended, or their boundary is long over."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from line_of_machines import MIN
from shift_to_hand_over import BOUNDARY, NOW, PASSWORD, ShiftToHandOver

from plantbeat.areas.daily.handoffs import actions
from plantbeat.areas.daily.handoffs.actions import handoff_values, keep_fresh, make_due
from plantbeat.areas.daily.handoffs.boundaries import handing_over
from plantbeat.areas.daily.handoffs.site_now import DRAFTER
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.execution.andon.actions import raise_call
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R147")]


@pytest.fixture
def shift():
    with clock.at(NOW):
        yield ShiftToHandOver()
    actions.BOUNDARIES.forget()
    actions.DRAFTS.forget()


def test_what_was_made_and_never_drafted_is_drafted_hours_later(shift):
    (over,) = handing_over(shift.site, NOW, BOUNDARY + 1)
    area = Area.objects.filter(code=over.area).first()
    made = act(Handoff, "create", DRAFTER, handoff_values(shift.site, area, over))
    assert made.drafted_us is None
    with clock.at(BOUNDARY + 90 * MIN):
        assert keep_fresh(shift.site) == 1
        assert keep_fresh(shift.site) == 0
    made.refresh_from_db()
    assert made.drafted_us == BOUNDARY + 90 * MIN
    assert made.items.filter(unsafe=True).exists()


def test_a_handoff_that_cannot_be_drafted_keeps_no_other_waiting_and_is_drafted_later(
    shift, monkeypatch, caplog
):
    pack = shift.make(Area, code="PACK", name="Packing")
    line = shift.make(Line, code="L2", name="Line 2", area=pack)
    assert line.pk
    draft = actions.drafted

    def failing(handoff, at_site):
        if handoff.place == "FILL":
            raise ValueError("an order without an item")
        return draft(handoff, at_site)

    monkeypatch.setattr(actions, "drafted", failing)
    made = {one.place: one for one in make_due(shift.site)}
    assert set(made) == {"FILL", "PACK"}
    drafted = {one.place: one.drafted_us for one in Handoff.objects.all()}
    assert drafted == {"FILL": None, "PACK": NOW}
    assert caplog.messages == [f"draft of handoff {made['FILL'].number} failed, 1 in a row; again in 20 s"]
    monkeypatch.undo()
    with clock.at(NOW + MIN):
        assert keep_fresh(shift.site) == 1
    assert Handoff.objects.get(place="FILL").drafted_us == NOW + MIN


def test_a_boundary_whose_handoff_cannot_be_made_keeps_no_other_waiting(shift, monkeypatch, caplog):
    pack = shift.make(Area, code="PACK", name="Packing")
    shift.make(Line, code="L2", name="Line 2", area=pack)
    values = actions.handoff_values

    def failing(site, area, boundary):
        if boundary.area == "FILL":
            raise ValueError("no due time")
        return values(site, area, boundary)

    monkeypatch.setattr(actions, "handoff_values", failing)
    assert [one.place for one in make_due(shift.site)] == ["PACK"]
    assert "FILL" in caplog.messages[0]
    monkeypatch.undo()
    with clock.at(NOW + MIN):
        assert [one.place for one in make_due(shift.site)] == ["FILL"]


def test_handoffs_drafted_in_one_go_ask_the_site_once_and_each_tells_its_own(shift):
    pack = shift.make(Area, code="PACK", name="Packing")
    line = shift.make(Line, code="L2", name="Line 2", area=pack)
    here, there = (shift.make(Hazard, what="Oil on the floor", line=where) for where in (shift.line, line))
    with clock.at(NOW + MIN), CaptureQueriesContext(connection) as asked:
        made = {one.place: one for one in make_due(shift.site)}
    reads = [one["sql"].split(" WHERE ")[0] for one in asked if one["sql"].startswith("SELECT")]
    for table in ("safety_hazard", "execution_andon_call", "daily_incident_room"):
        assert len([sql for sql in reads if f'FROM "{table}"' in sql]) == 1, table
    told = {place: {item.code for item in one.items.all()} for place, one in made.items()}
    assert f"hazard:{there.number}" in told["PACK"] - told["FILL"]
    assert f"hazard:{here.number}" in told["FILL"] - told["PACK"]


LATER = BOUNDARY + 90 * MIN


@pytest.fixture
def resting(shift):
    """A handoff drafted at its boundary, and nobody has signed it; its worker lets it rest."""
    make_due(shift.site)
    with clock.at(BOUNDARY):
        keep_fresh(shift.site)
    with clock.at(LATER):
        assert keep_fresh(shift.site) == 0
    return Handoff.objects.get()


def call_that_comes_late(shift) -> None:
    """Somebody called before the boundary, on a tablet that had no network until now."""
    with clock.at(LATER):
        raise_call(shift.site, "M2", "quality", DRAFTER, at_us=BOUNDARY - 2 * MIN, note="label torn")


def page_of(handoff, who) -> tuple[Client, str]:
    client = Client()
    client.force_login(User.objects.get(pk=who.user_id))
    return client, client.get(f"/handoff/{handoff.number}/").content.decode()


def test_a_draft_that_rests_says_what_came_in_once_a_signer_opens_it(shift, resting):
    signer = shift.somebody()
    call_that_comes_late(shift)
    with clock.at(LATER):
        client, page = page_of(resting, signer)
        assert "label torn" in page
        resting.refresh_from_db()
        assert resting.drafted_us == LATER
        posted = {"do": "sign_out", "secret": PASSWORD, "seen": [one.code for one in resting.items.all()]}
        assert client.post(f"/handoff/{resting.number}/", posted).status_code == 302
    resting.refresh_from_db()
    assert resting.state == "signed_out"


def test_opening_a_draft_that_says_the_same_writes_nothing(shift, resting):
    signer = shift.somebody()
    with clock.at(LATER):
        page_of(resting, signer)
        first = Handoff.objects.get().version
        page_of(resting, signer)
    assert Handoff.objects.get().version == first


@pytest.mark.parametrize("role", [Role.operator, Role.analyst])
def test_who_signs_nothing_reads_the_draft_as_it_rests(shift, resting, role):
    call_that_comes_late(shift)
    with clock.at(LATER):
        page_of(resting, shift.somebody(role))
    assert Handoff.objects.get().version == resting.version


def test_a_draft_that_cannot_be_written_is_read_as_it_rests(shift, resting, monkeypatch):
    def full(*_args, **_more):
        raise Refused(Problem("the disk is full"), Kind.full)

    call_that_comes_late(shift)
    monkeypatch.setattr("plantbeat.areas.daily.handoffs.actions.act", full)
    with clock.at(LATER):
        _client, page = page_of(resting, shift.somebody())
    assert resting.number in page
    assert Handoff.objects.get().version == resting.version
