"""Handoffs whose worker was ended in the middle of its work."""

from __future__ import annotations

import pytest
from line_of_machines import MIN
from shift_to_hand_over import BOUNDARY, NOW, ShiftToHandOver

from plantbeat.areas.daily.handoffs.actions import handoff_values, keep_fresh
from plantbeat.areas.daily.handoffs.boundaries import handing_over
from plantbeat.areas.daily.handoffs.situation import DRAFTER
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.plant.records.area import Area
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R147")]


@pytest.fixture
def shift():
    with clock.at(NOW):
        yield ShiftToHandOver()


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
