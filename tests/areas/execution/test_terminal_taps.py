"""What taps on a line's terminal do to the facts and to what is read from them."""

from __future__ import annotations

import itertools

import pytest
from line_of_machines import MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.records.line_terminal import LineTerminal
from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import ReasonButtons
from plantbeat.areas.execution.terminal.questions import button_review, terminal_now
from plantbeat.areas.execution.terminal.settings import reason_places
from plantbeat.facts.models import Fact
from plantbeat.facts.taps.receiving import do_tap
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R146")]

NOW = at("2026-03-03", "10:00")


class Terminal:
    """Line L1 without a wire, at 10:00 in its early shift, and an operator at its terminal."""

    def __init__(self, source: str = "taps") -> None:
        self.line = LineOfMachines(source=source)
        self.by = Actor("p-ann", grants=((Role.operator, self.line.site.pk),))
        self._pages = itertools.count(1)

    def tap(self, kind: str, **data: object) -> str:
        self.page = f"page-number-{next(self._pages)}"
        result = do_tap(kind, {"line": "L1", **data}, self.line.site, self.by, self.page).results[0]
        self.problems = " ".join(str(problem) for problem in result.problems)
        return result.outcome

    def good(self) -> int:
        with clock.at(clock.now_us() + MIN):
            self.line.drain()
        return questions.line_now(self.line.site, "L1", self.by).good

    def now(self):
        return terminal_now(self.line.site, "L1", self.by)


@pytest.fixture
def terminal(db):
    with clock.at(NOW):
        made = Terminal()
        made.line.say(made.line.fact("state", NOW - 120 * MIN, asset="L1", state="running"))
        yield made


def test_pieces_packs_and_pallets_are_counted_where_the_line_is(terminal):
    assert [terminal.tap("count", good=good) for good in (1, 24, 960)] == ["done"] * 3
    assert terminal.good() == 985
    assert set(Fact.objects.filter(kind="count").values_list("asset__code", "t_us")) == {("M2", NOW)}


@pytest.mark.parametrize("good", [0, -1, 100_001, "24", None, True, 1.5])
def test_a_number_that_is_none_changes_nothing(terminal, good):
    assert terminal.tap("count", good=good) == "refused"
    assert "whole number from 1 to" in terminal.problems
    assert not Fact.objects.filter(kind="count").exists()


def test_there_is_no_such_line(terminal):
    assert terminal.tap("count", line="L9", good=1) == "refused"
    assert "L9" in terminal.problems


def test_a_machine_that_counts_leaves_scrap_only(db):
    with clock.at(NOW):
        terminal = Terminal(source="connected")
        assert terminal.now().machine_counts
        for kind, data in (("count", {"good": 1}), ("counter_reads", {"reads": 9})):
            assert terminal.tap(kind, **data) == "refused"
            assert "a machine counts" in terminal.problems
        assert terminal.tap("line_state", state="stopped") == "refused"
        assert terminal.tap("scrap", quantity=2, defect="DENT") == "done"
        assert Fact.objects.get(kind="scrap").body == '{"quantity":2,"reason":"DENT"}'


def test_a_counter_without_a_wire_counts_by_difference(terminal):
    for minute, reads in enumerate((1000, 1040, 1100)):
        with clock.at(NOW + minute * MIN):
            assert terminal.tap("counter_reads", reads=reads) == "done"
    with clock.at(NOW + 5 * MIN):
        assert terminal.good() == 100


def test_glitches_of_a_reading_are_refused_in_words(terminal):
    assert terminal.tap("counter_reads", reads=1000) == "done"
    assert terminal.tap("counter_reads", reads=100) == "refused"
    assert "1000 or more" in terminal.problems
    assert terminal.tap("counter_reads", reads=10_000_000) == "refused"
    assert "too far ahead" in terminal.problems
    assert terminal.tap("counter_reads", reads=100, reset=True) == "done"


def test_the_last_tap_is_taken_back_within_ten_seconds(terminal):
    terminal.tap("count", good=24)
    page = terminal.page
    with clock.at(NOW + 9_000_000):
        assert terminal.tap("undo", session=page, seq=1) == "done"
        assert terminal.tap("undo", session=page, seq=1) == "refused"
        assert "already" in terminal.problems
    assert terminal.good() == 0
    assert Fact.objects.filter(kind="correction", actor="p-ann").count() == 1


def test_later_or_by_somebody_else_nothing_is_taken_back(terminal):
    terminal.tap("count", good=24)
    page = terminal.page
    with clock.at(NOW + 15_000_000):
        assert terminal.tap("undo", session=page, seq=1) == "refused"
        assert "10 seconds" in terminal.problems
    terminal.by = Actor("p-bob", grants=terminal.by.grants)
    assert terminal.tap("undo", session=page, seq=1) == "refused"
    assert terminal.good() == 24


def stopped(terminal, from_min: int, until_min: int | None = None) -> int:
    """The line stood from so many minutes ago; when the stop began."""
    line = terminal.line
    line.say(line.fact("state", NOW - from_min * MIN, asset="M1", state="own_stop"))
    if until_min is not None:
        line.say(line.fact("state", NOW - until_min * MIN, asset="M1", state="running"))
    line.drain()
    return NOW - from_min * MIN


def test_a_stop_gets_its_reason_by_one_tap(terminal):
    start_us = stopped(terminal, 60, 30)
    assert [(one.start_us, one.reason) for one in terminal.now().stops] == [(start_us, None)]
    assert terminal.now().explained.percent == 0
    assert terminal.tap("reason", stop_us=start_us, reason="JAM") == "done"
    terminal.line.drain()
    now = terminal.now()
    assert now.stops[0].reason.code == "JAM"
    assert (now.explained.percent, now.explained.whole_us) == (100, 30 * MIN)


def test_a_stop_that_lasts_is_explained_to_its_end(terminal):
    start_us = stopped(terminal, 20)
    assert terminal.tap("reason", stop_us=start_us, reason="JAM") == "done"
    with clock.at(NOW + 30 * MIN):
        terminal.line.drain()
        assert terminal.now().explained.percent == 100


def test_dont_know_yet_leaves_the_stop_unexplained(terminal):
    start_us = stopped(terminal, 60, 30)
    assert terminal.tap("reason", stop_us=start_us, reason="") == "done"
    assert not Fact.objects.filter(kind="reason").exists()


def test_a_reason_that_is_none_and_a_stop_that_was_none(terminal):
    start_us = stopped(terminal, 60, 30)
    assert terminal.tap("reason", stop_us=start_us, reason="DANCE") == "refused"
    assert "one of: EMPTY, JAM" in terminal.problems
    assert terminal.tap("reason", stop_us=NOW - 90 * MIN, reason="JAM") == "refused"
    assert "did not stand" in terminal.problems


def test_a_line_without_a_wire_stands_and_runs_by_tap(terminal):
    with clock.at(NOW + MIN):
        assert terminal.tap("line_state", state="stopped") == "done"
    with clock.at(NOW + 11 * MIN):
        assert terminal.tap("line_state", state="running") == "done"
        assert terminal.tap("line_state", state="flying") == "refused"
        terminal.line.drain()
        assert [one.duration_us for one in terminal.now().stops] == [10 * MIN]


def test_buttons_stay_until_somebody_reviews_them(terminal):
    line = terminal.line
    places, record = reason_places(line.site, "L1", terminal.by)
    assert ([one.reason.code for one in places], record) == (["EMPTY", "JAM"], None)
    never = line.make(type(line.jam), code="NEVER", name="Never")
    given = [{"place": 1, "reason": never}, {"place": 4, "reason": line.empty}]
    row = line.make(ReasonButtons, line=line.line, places=given)
    terminal.tap("reason", stop_us=stopped(terminal, 60, 30), reason="JAM")
    line.drain()
    shown = [one.reason.code if one.reason else None for one in terminal.now().places]
    assert shown == ["NEVER", None, None, "EMPTY"]
    review = button_review(line.site, "L1", terminal.by)
    assert (review.due, review.places[0].stops, review.places[0].proposed.code) == (True, 0, "JAM")
    assert review.places[0].proposed_stops == 1
    act(row, "review", SYSTEM)
    assert not button_review(line.site, "L1", terminal.by).due
    with clock.at(NOW + 8 * 24 * 60 * MIN):
        assert button_review(line.site, "L1", terminal.by).due


def test_a_machine_has_its_own_places_before_those_of_its_line(terminal):
    line = terminal.line
    of_line = {"line": line.line, "places": [{"place": 1, "reason": line.jam}]}
    line.make(ReasonButtons, **of_line)
    other = line.make(MachineButtons, machine=line.m2, places=[{"place": 2, "reason": line.jam}])
    assert [one.reason.code for one in terminal.now().places] == ["JAM"]
    own = line.make(MachineButtons, machine=line.m1, places=[{"place": 3, "reason": line.empty}])
    now = terminal.now()
    assert ([one.reason for one in now.places], now.buttons) == ([None, None, line.empty], own)
    assert reason_places(line.site, "L1", terminal.by, "M2")[1] == other
    act(own, "remove", SYSTEM)
    assert [one.reason.code for one in terminal.now().places] == ["JAM"]


def test_the_review_of_a_machine_counts_what_was_given_there(terminal):
    line = terminal.line
    line.make(ReasonButtons, line=line.line, places=[{"place": 1, "reason": line.empty}])
    terminal.tap("reason", stop_us=stopped(terminal, 60, 30), reason="JAM")
    line.drain()
    there, elsewhere = (button_review(line.site, "L1", terminal.by, code) for code in ("M1", "M2"))
    assert (there.shared, there.due, there.places[0].proposed) == (True, False, line.jam)
    assert (elsewhere.shared, elsewhere.places[0].proposed) == (True, None)


def test_defects_are_those_set_up_else_those_seen(terminal):
    terminal.tap("scrap", quantity=1, defect="DENT")
    terminal.good()
    assert [one.code for one in terminal.now().terminal.defects] == ["DENT"]
    assert not terminal.now().terminal.set_up
    defects = [{"place": 1, "code": "SCR", "name": "Scratch"}]
    terminal.line.make(LineTerminal, line=terminal.line.line, defects=defects)
    assert [one.name for one in terminal.now().terminal.defects] == ["Scratch"]
    assert terminal.now().terminal.set_up


def test_pack_sizes_come_from_the_item_that_runs(terminal):
    line = terminal.line
    line.say(line.fact("order_start", NOW - 60 * MIN, asset="L1", order="WO-1", item="P"))
    line.drain()
    assert (terminal.now().sizes.pack, terminal.now().sizes.pallet) == (None, None)
    act(line.item, "edit", SYSTEM, {"pack_size": 24, "pallet_size": 960})
    assert (terminal.now().sizes.pack, terminal.now().sizes.pallet) == (24, 960)


def test_help_is_called_and_confirmed_by_tap(terminal):
    assert terminal.tap("andon_raise", category="quality", call="c-1") == "done"
    assert terminal.tap("andon_raise", category="quality", call="c-1") == "done"
    assert [(one.call, one.raised_us, one.state) for one in terminal.now().calls] == [("c-1", NOW, "raised")]
    assert terminal.tap("andon_confirm", call="c-1") == "refused"
    assert terminal.tap("andon_acknowledge", call="c-1") == "done"
    assert terminal.tap("andon_resolve", call="c-1") == "done"
    assert terminal.tap("andon_confirm", call="c-2") == "refused"
    assert "no such call" in terminal.problems
    assert terminal.tap("undo", session="page-number-5", seq=1) == "refused"
    assert "cannot be taken back" in terminal.problems
