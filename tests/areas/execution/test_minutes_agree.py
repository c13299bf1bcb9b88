"""The minutes of stops agree to the microsecond wherever they are shown, whatever the facts tell."""

from __future__ import annotations

import csv
import io
from collections import defaultdict

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from line_of_machines import MIN, SYSTEM, LineOfMachines, at

from people_of_the_plant import Plant
from plantbeat.areas.execution import questions
from plantbeat.areas.execution.hours.questions import STANDING, hour_board
from plantbeat.areas.execution.stops.questions import stop_story
from plantbeat.engine.hours import GapPart
from plantbeat.engine.oee import State
from plantbeat.facts.models import FactShift
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role

DAY = "2026-03-28"
"""The night of this day loses an hour in Berlin."""
SECOND = 1_000_000
LOSSES = {
    State.own_stop: MeasureCode.loss_breakdowns,
    State.setup: MeasureCode.loss_setup,
    State.micro_stop: MeasureCode.loss_minor_stops,
    State.starved: MeasureCode.loss_starved,
    State.blocked: MeasureCode.loss_blocked,
}

changes = st.lists(
    st.tuples(
        st.integers(1, 4000),
        st.sampled_from(["running", "running", "own_stop", "own_stop", "starved", "blocked", "setup"]),
    ),
    min_size=3, max_size=14,
)  # fmt: skip
reasons = st.lists(
    st.tuples(st.integers(0, 40_000), st.integers(1, 6000), st.sampled_from(["JAM", "EMPTY"])), max_size=5
)
counts = st.lists(st.tuples(st.integers(1, 40_000), st.integers(0, 60), st.integers(0, 5)), max_size=8)


def by_state(pairs):
    sums = defaultdict(int)
    for key, us in pairs:
        sums[key] += us
    return {key: us for key, us in sums.items() if us}


@pytest.mark.requirement("R146", "R082", "R083")
class MinutesAgree(TestCase):
    """One generated day after the other."""

    @settings(
        max_examples=10, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(changes, reasons, counts, st.integers(0, 3000), st.booleans())
    def test_list_story_hours_bridge_measures_and_files_tell_the_same(
        self, told, given_reasons, counted, planned, is_late
    ):
        start = at(DAY, "05:00")
        with clock.at(start + 25 * 3600 * SECOND):
            plant = LineOfMachines("Europe/Berlin")
            facts = [
                plant.fact("order_start", start, "L1", order="W1", item="P"),
                plant.fact("state", start, state="running"),
            ]
            t_us = start
            for gap_s, word in told:
                t_us += gap_s * SECOND
                facts.append(plant.fact("state", t_us, state=word))
            for from_s, for_s, code in given_reasons:
                span = {"from_us": start + from_s * SECOND, "until_us": start + (from_s + for_s) * SECOND}
                facts.append(plant.fact("reason", t_us, reason=code, **span))
            late = [
                plant.fact("count", start + at_s * SECOND, "M2", good=good, scrap=scrap)
                for at_s, good, scrap in counted
            ]
            plant.say(*facts)
            if is_late:
                plant.drain()
            if late:
                plant.say(*late)
            plant.drain()
            people = Plant.__new__(Plant)
            people.user(Role.administrator, everywhere=True)
            client = Client()
            client.force_login(
                people.user(Role.operator, site=plant.site),
                backend="allauth.account.auth_backends.AuthenticationBackend",
            )
            for shift in FactShift.objects.filter(site=plant.site, start_us__lt=t_us, end_us__gt=start):
                freeze_plan(
                    plant.asset("L1"), shift, [PlannedRun("W1", "P", planned, shift.end_us)], "x", SYSTEM
                )
                self.agree(plant, shift, client)

    def agree(self, plant, shift, client):
        """Everything that shows the stops of a shift shows the same."""
        period = Period.of_shift(shift)
        listed = questions.stops(plant.site, "L1", period, SYSTEM)
        board = hour_board(plant.site, "L1", shift.pk, SYSTEM)

        def reason_of(one):
            return one.reason.code if one.reason else None

        in_list = by_state(((stop.state, reason_of(stop)), stop.duration_us) for stop in listed)
        on_board = by_state(
            ((one.state, reason_of(one)), one.us)
            for row in board.rows
            for one in row.reasons
            if one.part is GapPart.stop and one.state in questions.STOPPED
        )
        assert on_board == in_list
        bridge = questions.loss_bridge(plant.site, "L1", period, SYSTEM)
        in_bridge = by_state(((one.state, reason_of(one)), one.us) for one in bridge.reasons)
        assert in_bridge == {key: us for key, us in in_list.items() if key[0] in questions.LOST}
        losses = bridge.losses
        assert losses.pbt_us == bridge.elements.pbt_us
        for state, code in LOSSES.items():
            (whole,) = values(code, Scope.line(plant.site.pk, "L1"), period, SYSTEM)
            told = sum(us for (one, _reason), us in in_list.items() if one is state)
            assert whole.figure.numerator == told, (state, told)
            self.file_agrees(client, shift, code, told)
        self.parts_add_up(board)
        self.stories_agree(plant, shift, listed)
        self.board_file_agrees(client, shift, on_board)

    def parts_add_up(self, board):
        """Of every hour, and of the whole shift."""
        for row in board.rows:
            if row.gap is not None:
                assert sum(one.pieces for one in row.reasons) == row.gap == row.due - row.good
            assert sum(one.us for one in row.reasons if one.state in STANDING) <= row.end_us - row.start_us

    def stories_agree(self, plant, shift, listed):
        """The hours of each stop add up to the stop."""
        for stop in listed:
            story = stop_story(plant.site, "M1", stop.start_us, SYSTEM)
            own = sum(hour.us for hour in story.hours if hour.shift_id == shift.pk)
            assert own == stop.duration_us
            assert sum(hour.us for hour in story.hours) == story.stop.duration_us

    def file_agrees(self, client, shift, code, told_us):
        """The page of the measure as CSV tells minutes."""
        query = {"measure": str(code), "scope": "line:L1", "period": "shift", "shift": shift.pk}
        answer = client.get("/kpis/export.csv", query)
        assert answer.status_code == 200, answer.content
        rows = list(csv.reader(io.StringIO(answer.content.decode())))
        # Minutes there have four decimals.
        assert abs(float(rows[1][2] or 0) * MIN - told_us) < SECOND / 2

    def board_file_agrees(self, client, shift, on_board):
        """The hour board as CSV tells seconds."""
        answer = client.get("/lines/L1/hours.csv", {"shift": shift.pk})
        rows = csv.DictReader(io.StringIO(answer.content.decode()))
        told = by_state(
            ((State(row["state"]), row["reason"] or None), round(float(row["time (s)"]) * SECOND))
            for row in rows
            if row["state"] and State(row["state"]) in questions.STOPPED
        )
        assert told == on_board
