"""Gemba walks: prepared from signals, one question and one check a stop, findings become actions."""

from __future__ import annotations

from datetime import date

import pytest
from board_of_a_line import MONDAY, TUESDAY, at

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.gemba.checks import USUAL, Checks
from plantbeat.areas.daily.gemba.walking import (
    MOST_STOPS,
    last_findings,
    places_to_see,
    route_ahead,
    start_walk,
    why_there,
)
from plantbeat.areas.daily.records.gemba_check import GembaCheck, WalkSignal
from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.areas.daily.records.routine import Routine, RoutineMark
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.taps.receiving import do_tap
from plantbeat.facts.taps.registry import KINDS, TapIn
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R144")]

OCCURRENCES = {
    "daily": [("2026-11-23", MONDAY), ("2026-11-24", TUESDAY)],
    "weekly": [("2026 W47", date(2026, 11, 17)), ("2026 W48", MONDAY)],
    "monthly": [("2026-10", date(2026, 10, 1)), ("2026-11", date(2026, 11, 2))],
}
"""Of routines before and around the day of the walk."""


@pytest.fixture
def walk(boards):
    """A started walk over two lines."""
    boards.make(Line, code="L2", name="Line 2", area=boards.area, shift_pattern=boards.pattern)
    return start_walk(boards.site, boards.supervisor, boards.by(boards.supervisor_user))


def test_at_most_seven_places_are_chosen_and_walked_in_the_order_of_the_lines(boards):
    for number in range(2, 11):
        code = f"L{number:02d}"
        boards.make(Line, code=code, name=code, area=boards.area, shift_pattern=boards.pattern)
    ahead = route_ahead(boards.site, boards.by(boards.supervisor_user))
    codes = [one.line.code for one in ahead]
    assert len(codes) == MOST_STOPS
    assert codes == sorted(codes)
    assert all(one.question and one.check_of and one.why for one in ahead)


def test_starting_twice_is_the_same_walk_and_needs_a_person(boards, walk):
    by = boards.by(boards.supervisor_user)
    assert start_walk(boards.site, boards.supervisor, by).pk == walk.pk
    assert walk.state == "walking"
    assert GembaStop._base_manager.filter(walk=walk).count() == 2
    with pytest.raises(Refused, match="belongs to no person"):
        start_walk(boards.site, None, by)


def test_a_finding_is_fixed_or_becomes_an_action_with_owner_and_date(boards, walk):
    by = boards.by(boards.supervisor_user)
    first, second = GembaStop._base_manager.filter(walk=walk).order_by("place")
    with pytest.raises(Refused, match="say what was found"):
        act(first, "fix", by, {"finding": " "})
    with pytest.raises(Refused, match="name who does what until when"):
        act(first, "assign", by, {"finding": "Belt worn"})
    with pytest.raises(Refused, match="2 stops are neither seen nor left out"):
        act(walk, "end", by)
    assert act(first, "fix", by, {"finding": "Sheet put up"}).seen_us == at()
    with pytest.raises(Refused, match="reason"):
        act(second, "leave_out", by)
    act(second, "leave_out", by, reason="line stands still")
    ended = act(walk, "end", by)
    assert ended.state == "done"
    with pytest.raises(Refused, match="not possible while the state is"):
        act(second, "as_it_should_be", by)


def test_one_handed_on_the_phone_four_buttons_and_the_action_in_the_same_breath(boards, walk, browse):
    client = browse(boards.supervisor_user)
    page = client.get(f"/gemba/{walk.pk}/").content.decode()
    assert page.count('class="pb-touch') >= 4
    first, second = GembaStop._base_manager.filter(walk=walk).order_by("place")
    lacking = client.post(
        f"/gemba/stops/{first.pk}/assign/", {"finding": "Belt worn", "owner": "", "due": ""}
    )
    assert lacking.status_code == 422
    assert "Belt worn" in lacking.content.decode()
    assert not ImprovementAction._base_manager.exists()
    given = {"finding": "Belt worn", "owner": "1 Person 1", "due": "2026-11-26"}
    assert client.post(f"/gemba/stops/{first.pk}/assign/", given).status_code == 302
    action = ImprovementAction._base_manager.get()
    assert (action.title, action.owner, action.line, action.source) == (
        "Belt worn", boards.lead, first.line, f"daily.GembaStop:{first.pk}"
    )  # fmt: skip
    client.post(f"/gemba/stops/{first.pk}/fix/", {"finding": "again"})
    first.refresh_from_db()
    assert (first.state, first.finding) == ("assigned", "Belt worn")
    assert client.post(f"/gemba/stops/{second.pk}/as_it_should_be/").status_code == 302
    client.post(f"/gemba/{walk.pk}/end/")
    walk.refresh_from_db()
    assert walk.state == "done"
    assert client.post(f"/gemba/stops/{second.pk}/nonsense/").status_code == 404


def test_the_next_walk_shows_what_was_found_before(boards, walk):
    by = boards.by(boards.supervisor_user)
    first = GembaStop._base_manager.filter(walk=walk).order_by("place").first()
    act(first, "fix", by, {"finding": "Sheet put up"})
    with clock.at(at(hour=7) + 86_400_000_000):
        later = start_walk(boards.site, boards.manager, boards.by(boards.manager_user))
        found = last_findings(boards.site, [first.line_id], later.day, by)
    assert [one.finding for one in found[first.line_id]] == ["Sheet put up"]


def test_an_operator_sees_the_route_and_walks_none(boards, browse):
    client = browse(boards.operator_user)
    assert client.get("/gemba/").status_code == 200
    client.post("/gemba/")
    assert not GembaWalk._base_manager.exists()


def test_the_usual_checks_become_those_of_the_site_and_are_changed_there(boards, browse):
    by = boards.by(boards.manager_user)
    before = route_ahead(boards.site, by)
    assert {one.check_of for one in before} <= {str(text) for text in USUAL.values()}
    client = browse(boards.manager_user)
    assert "Write them down" in client.get("/gemba/").content.decode()
    client.post("/gemba/checks/")
    assert GembaCheck._base_manager.filter(site=boards.site).count() == len(WalkSignal)
    client.post("/gemba/checks/")
    assert GembaCheck._base_manager.filter(site=boards.site).count() == len(WalkSignal)
    page = client.get("/gemba/").content.decode()
    assert "Write them down" not in page
    for check in GembaCheck._base_manager.filter(site=boards.site):
        act(check, "edit", by, {"check_of": f"Own check: {check.signal}"})
    assert all(one.check_of.startswith("Own check: ") for one in route_ahead(boards.site, by))


def test_an_operator_does_not_write_checks_down(boards, browse):
    client = browse(boards.operator_user)
    assert "Write them down" not in client.get("/gemba/").content.decode()
    client.post("/gemba/checks/")
    assert not GembaCheck._base_manager.exists()


def test_the_check_follows_what_stands_out_most(boards):
    checks = Checks(boards.site, boards.by(boards.manager_user))
    quiet = dict.fromkeys(map(str, WalkSignal), 0.0)
    for signal in WalkSignal:
        assert checks.of(quiet | {str(signal): 1.5}) == str(USUAL[signal])
    assert checks.of(quiet) == str(USUAL[WalkSignal.unseen])


def test_a_place_that_was_walked_was_seen_and_counts_less(boards, walk):
    by = boards.by(boards.supervisor_user)

    def place(code):
        return next(one for one in places_to_see(boards.site, by) if one.line == code)

    assert place("L2").unseen_days is None
    assert any("nobody" in why for why in why_there(place("L2")))
    first, second = GembaStop._base_manager.filter(walk=walk).order_by("place")
    act(first, "leave_out", by, reason="line stands still")
    act(second, "as_it_should_be", by)
    assert place("L2").unseen_days == 0
    assert place("L1").unseen_days is None
    assert [one.line for one in places_to_see(boards.site, by)][-1] == "L2"
    with clock.at(at() + 8 * 86_400_000_000):
        assert place("L2").unseen_days == 8
        assert why_there(place("L2"))[-1] == "last seen 8 days ago"


def test_people_who_have_just_joined_make_a_place_worth_seeing_and_are_not_named(boards):
    by = boards.by(boards.supervisor_user)
    line = boards.line
    boards.make(
        Person, number="77", name="Nadia New", home_line=line, joined=clock.now().date(), job="Operator"
    )
    place = next(one for one in places_to_see(boards.site, by) if one.line == line.code)
    assert place.parts["new_people"] > 0
    assert "1 person is new here" in place.reasons
    assert "Nadia" not in " ".join(place.reasons)


@pytest.mark.requirement("R156")
def test_taps_of_a_walk_count_at_their_time_and_once(boards, walk):
    by = boards.by(boards.supervisor_user)
    first, second = GembaStop._base_manager.filter(walk=walk).order_by("place")

    def tap(kind: str, once: str, **data: object) -> str:
        result = do_tap(kind, data, boards.site, by, once).results[0]
        return result.outcome if result.outcome != "refused" else str(result.problems[0]["message"])

    found = {
        "stop": first.pk,
        "verb": "assign",
        "finding": "Belt worn",
        "owner": "1 Person 1",
        "due": "2026-11-26",
    }
    assert tap("gemba_seen", "tap-one-of-them", **found) == "done"
    assert tap("gemba_seen", "tap-one-of-them", **found) == "known"
    assert ImprovementAction._base_manager.count() == 1
    assert "not possible while the state is" in tap(
        "gemba_seen", "tap-again-of-it", **found | {"verb": "fix"}
    )
    assert "say what was found" in tap("gemba_seen", "tap-lacks-finding", stop=second.pk, verb="fix")
    assert "nothing a stop can be given" in tap("gemba_seen", "tap-of-nonsense", stop=second.pk, verb="dance")
    assert "no such stop" in tap("gemba_seen", "tap-of-no-stop", stop=999_999, verb="fix")
    long = {"stop": second.pk, "verb": "fix", "finding": "x" * 1001}
    assert "too long" in tap("gemba_seen", "tap-too-long-it-is", **long)
    assert "neither seen nor left out" in tap("gemba_end", "tap-ends-early", walk=walk.pk)
    with clock.at(at(hour=11)):
        tap_in = TapIn("gemba_seen", at(hour=10), {"stop": second.pk, "verb": "as_it_should_be"}, "s", 1)
        KINDS["gemba_seen"].do(tap_in, boards.site, by)
    second.refresh_from_db()
    assert (second.state, second.seen_us) == ("as_it_should", at(hour=10))
    assert tap("gemba_end", "tap-ends-it-now", walk=walk.pk) == "done"


def ended(boards, walk, by):
    for stop in GembaStop._base_manager.filter(walk=walk):
        act(stop, "as_it_should_be", by)
    return act(walk, "end", by)


@pytest.mark.requirement("R148")
@pytest.mark.parametrize("cadence", ["daily", "weekly", "monthly"])
def test_who_has_walked_has_done_the_routine_of_the_walk(boards, walk, cadence):
    told = {"role": Role.supervisor, "cadence": cadence, "valid_from": MONDAY}
    boards.make(Routine, code="GEMBA", name="Gemba walk", page="/gemba/", **told)
    boards.make(Routine, code="REDS", name="No red is silent", page="/tiers/", **told)
    other_user, other = boards.person("9", Role.supervisor)
    marks = [
        {"site": boards.site, "routine": routine, "person": person, "occurrence": key, "day": day}
        for routine in Routine._base_manager.order_by("code")
        for person in (boards.supervisor, other)
        for key, day in OCCURRENCES[cadence]
    ]
    act_many(RoutineMark, "create", SYSTEM, marks)
    ended(boards, walk, boards.by(other_user))
    done = RoutineMark._base_manager.exclude(state="due")
    assert [(one.routine.code, one.person, one.state, one.marked_us) for one in done] == [
        ("GEMBA", boards.supervisor, "done", at())
    ]
    assert done.get().occurrence == OCCURRENCES[cadence][-1][0]


def test_a_routine_that_was_marked_stays_as_it_is_when_the_walk_ends(boards, walk):
    by = boards.by(boards.supervisor_user)
    made = boards.make(Routine, code="GEMBA", name="Gemba walk", page="/gemba/", role=Role.supervisor)
    row = {"routine": made, "person": boards.supervisor, "occurrence": "2026-11-24", "day": TUESDAY}
    act(boards.make(RoutineMark, **row), "leave", by, {"reason": "Not needed today"})
    assert ended(boards, walk, by).state == "done"
    assert RoutineMark._base_manager.get().reason == "Not needed today"
