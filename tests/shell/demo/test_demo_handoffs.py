"""Handoffs and incident rooms of the demo plant's history: made and signed by the doors everybody uses."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.models import F
from django.test import Client
from test_demo_history import BUILT, BY, history, without_orders

from plantbeat.areas.daily.handoffs.actions import make_due
from plantbeat.areas.daily.handoffs.reading import signatures
from plantbeat.areas.daily.incidents.timeline import timeline
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.daily.records.incident import IncidentRoom
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import User
from plantbeat.kernel.log import Change, broken
from plantbeat.shell.demo.demo_folder import MARK, DemoFolder
from plantbeat.shell.demo.incident_history import tell_incidents

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BEFORE_A_BOUNDARY = datetime(2026, 11, 16, 19, 59, tzinfo=UTC)
"""The day before the plant was built, one minute before the early shift ends in Chicago."""


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Seven days, without the records of orders."""
    with clock.at(BUILT):
        made = without_orders(history(DemoFolder.made(tmp_path / "demo")), monkeypatch)
        made.tell()
        recompute(None)
        yield made


def test_what_the_worker_has_drafted_meanwhile_is_signed_too(told) -> None:
    with clock.at(BEFORE_A_BOUNDARY):
        drafted = make_due(told.site)
    assert {one.state for one in drafted} == {"drafted"}
    told.hand_over()
    assert not Handoff.objects.filter(state="drafted").exists()
    assert Handoff.objects.filter(pk__in=[one.pk for one in drafted], state="signed_in").exists()


@pytest.mark.requirement("R147", "X8")
def test_every_handoff_of_the_past_has_two_electronic_signatures(told) -> None:
    told.hand_over()
    number = Handoff.objects.count()
    assert number > 20
    waiting = Handoff.objects.filter(state="signed_out")
    assert 1 <= waiting.count() <= 2
    assert not Handoff.objects.filter(state="drafted").exists()
    for handoff in Handoff.objects.select_related("site"):
        signed = signatures(handoff, BY)
        assert [one.verb for one in signed] == ["sign_out", "sign_in"][: len(signed)]
        assert len(signed) == (1 if handoff.state == "signed_out" else 2)
        assert all(one.record_hash and one.meaning and one.hash for one in signed)
        assert len({one.who for one in signed}) == len(signed)
        assert [one.at for one in signed] == sorted(one.at for one in signed)
    assert Change.objects.exclude(signature=None).count() == 2 * number - waiting.count()
    assert not Handoff.objects.filter(signed_out_by=F("signed_in_by")).exists()
    assert broken(told.site.pk) is None
    assert not EscalationStep.objects.exclude(subject="").exists()
    told.hand_over()
    assert Handoff.objects.count() == number
    client = Client()
    client.force_login(User.objects.get(username="manager"))
    page = client.get(f"/handoff/{Handoff.objects.earliest('boundary_us').number}/").content.decode()
    assert "without an electronic signature" not in page
    assert "I have read it and take over" in page


@pytest.mark.requirement("R155", "X8")
def test_a_long_stop_of_the_past_had_its_incident_room(told) -> None:
    days = told.folder.read(MARK)["history_days"]
    tell_incidents(told.site, told.plan.built_us, told.plan.seed, days)
    rooms = list(IncidentRoom.objects.all())
    assert rooms
    for room in rooms:
        assert room.state == "closed"
        assert room.summary
        kinds = {one.kind for one in timeline(room, BY)}
        assert {"stop", "room", "person", "message", "decision"} <= kinds
    tell_incidents(told.site, told.plan.built_us, told.plan.seed, days)
    assert IncidentRoom.objects.count() == len(rooms)
