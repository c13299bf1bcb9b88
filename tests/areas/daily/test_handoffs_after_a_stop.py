"""Handoffs whose worker was ended in the middle of its work."""

from __future__ import annotations

import pytest
from line_of_machines import MIN
from shift_to_hand_over import BOUNDARY, NOW, ShiftToHandOver

from plantbeat.areas.daily.handoffs import actions
from plantbeat.areas.daily.handoffs.actions import handoff_values, keep_fresh, make_due
from plantbeat.areas.daily.handoffs.boundaries import handing_over
from plantbeat.areas.daily.handoffs.situation import DRAFTER
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.plant.records.area import Area
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

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

    def failing(handoff):
        if handoff.place == "FILL":
            raise ValueError("an order without an item")
        return draft(handoff)

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
