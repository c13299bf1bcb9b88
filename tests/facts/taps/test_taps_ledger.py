"""A tap is done once, whatever is sent how often; who may is judged as of the tap."""

from __future__ import annotations

import pytest
from fact_plant import NOW_US, SYSTEM
from tablets import HOUR, SECOND, SESSION

from plantbeat.facts.models import Fact, Tap, TapSession
from plantbeat.facts.taps import tap
from plantbeat.facts.taps.receiving import do_tap
from plantbeat.kernel import clock
from plantbeat.kernel.access import FLOOR, LEADERS, Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R156", "X4")]


def test_a_tap_is_done_with_the_time_it_was_made(tablets):
    answer = tablets.send(tablets.one(1), tablets.one(2, data={"good": 5})).json()
    assert [one["outcome"] for one in answer["results"]] == ["done", "done"]
    assert answer["committed_up_to"] == 2
    assert answer["now_us"] == NOW_US
    fact = Fact.objects.first()
    assert (fact.t_us, fact.rx_us, fact.actor) == (NOW_US - 60 * SECOND, NOW_US, tablets.ann.pseudonym)
    assert tablets.pieces() == 6


def test_the_same_tap_again_is_known_with_its_first_outcome(tablets):
    first, second = tablets.one(1), tablets.one(2, data={"good": 13})
    assert tablets.outcomes(first, second) == ["done", "refused"]
    again = tablets.send(first, second).json()["results"]
    assert [(one["outcome"], one["first"]) for one in again] == [("known", "done"), ("known", "refused")]
    assert "thirteen" in str(again[1]["problems"])
    assert tablets.pieces() == 1


def test_a_refused_tap_leaves_nothing_but_its_row(tablets):
    assert tablets.outcomes(tablets.one(1, data={"good": 13}), tablets.one(2)) == ["refused", "done"]
    assert (tablets.pieces(), Fact.objects.count()) == (1, 1)
    row = Tap.objects.get(seq=1)
    assert (row.outcome, row.facts, row.problems[0]["field"]) == ("refused", [], "good")


def test_other_content_under_a_number_is_refused_and_kept(tablets):
    assert tablets.outcomes(tablets.one(1)) == ["done"]
    other = tablets.one(1, data={"good": 9})
    assert tablets.outcomes(other) == ["refused"]
    assert tablets.outcomes(other) == ["known"]
    assert tablets.ledger() == [(1, "done"), (1, "conflict")]
    assert tablets.pieces() == 1


def test_what_lies_beyond_a_gap_waits(tablets):
    answer = tablets.send(tablets.one(1), tablets.one(3)).json()
    assert ([one["seq"] for one in answer["results"]], answer["committed_up_to"]) == ([1], 1)
    assert tablets.outcomes(tablets.one(2), tablets.one(3)) == ["done", "done"]


def test_an_unknown_kind_and_wrong_data_are_refused_in_words(tablets):
    assert "does not know this kind" in tablets.refusals(tablets.one(1, kind="dance"))
    assert "whole number from 1 to 1000" in tablets.refusals(tablets.one(2, data={"good": "many"}))
    assert "whole number" in tablets.refusals(tablets.one(3, data={}))


def test_a_fault_of_the_server_holds_up_nobody(tablets, caplog):
    def broken(*_words):
        raise KeyError("oh")

    tap("broken", by=FLOOR)(broken)
    assert tablets.outcomes(tablets.one(1, kind="broken"), tablets.one(2)) == ["refused", "done"]
    assert "could not be done" in caplog.text


# --- who ---


def edited_ann(tablets, at_us, **data):
    with clock.at(at_us):
        tablets.ann = act(tablets.ann, "edit", SYSTEM, data)


@pytest.mark.parametrize("change", [{"is_active": False}, {"grants": []}])
def test_whoever_lost_the_role_after_the_tap_is_accepted_and_before_it_refused(tablets, change):
    edited_ann(tablets, NOW_US - 600 * SECOND, **change)
    before, after = (tablets.one(n, at_us=NOW_US - s * SECOND) for n, s in ((1, 601), (2, 599)))
    assert tablets.outcomes(before, after) == ["done", "refused"]


def test_roles_are_those_of_the_tap_even_if_given_back_since(tablets):
    edited_ann(tablets, NOW_US - 900 * SECOND, grants=[])
    edited_ann(tablets, NOW_US - 300 * SECOND, grants=[{"role": Role.operator, "site": tablets.site}])
    taps = [tablets.one(n, at_us=NOW_US - s * SECOND) for n, s in ((1, 1000), (2, 600), (3, 100))]
    assert tablets.outcomes(*taps) == ["done", "refused", "done"]


def test_a_kind_asks_for_its_own_roles(tablets):
    tap("leading", by=LEADERS)(lambda *_words: None)
    assert "role does not allow" in tablets.refusals(tablets.one(1, kind="leading"))


def test_a_pass_holds_on_its_tablet_and_for_a_shift(tablets):
    elsewhere = tablets.one(1, **{"pass": tablets.passed(tablets.second)})
    stale = tablets.one(2, **{"pass": tablets.passed(at_us=NOW_US - 17 * HOUR)})
    early = tablets.one(3, **{"pass": tablets.passed(at_us=NOW_US)}, at_us=NOW_US - HOUR)
    forged = tablets.one(4, **{"pass": tablets.passed()[:-2] + "xx"})
    assert tablets.outcomes(elsewhere, stale, early, forged) == ["refused"] * 4


def test_a_badge_scanned_offline_says_who(tablets):
    unknown, nobody = tablets.one(2, badge="999"), tablets.one(3, badge="")
    assert tablets.outcomes(tablets.one(1, badge="0451"), unknown, nobody) == ["done", "refused", "refused"]
    assert Fact.objects.get().actor == tablets.ann.pseudonym


def test_a_badge_alone_is_not_enough_beyond_the_floor(tablets):
    edited_ann(tablets, NOW_US - HOUR, grants=[{"role": Role.manager, "site": tablets.site}])
    assert "badge alone" in tablets.refusals(tablets.one(1, badge="0451"))


# --- who tries badges over and over ---


def many(first: int, badges: list[str], tablets) -> list[dict]:
    return [tablets.one(first + place, badge=badge) for place, badge in enumerate(badges)]


def test_who_tries_badges_over_and_over_is_held_up_and_loses_nothing(tablets):
    guesses = many(1, [f"{number:05d}" for number in range(12)], tablets)
    assert tablets.outcomes(*guesses) == ["refused"] * 10
    held = tablets.send(*guesses[10:])
    assert (held.status_code, held.headers["Retry-After"]) == (429, "60")
    assert "too many wrong tries" in held.json()["problems"][0]["message"]
    assert tablets.send(*many(11, ["0451"], tablets)).status_code == 429
    assert tablets.ledger()[-1] == (10, "refused")


def test_passes_go_on_while_badges_are_held_up(tablets):
    tablets.outcomes(*many(1, [f"{number:05d}" for number in range(10)], tablets))
    assert tablets.outcomes(tablets.one(11), *many(12, ["0451"], tablets)) == ["done"]


def test_many_taps_with_one_badge_that_is_not_known_are_one_try(tablets):
    assert tablets.outcomes(*many(1, ["999"] * 40, tablets)) == ["refused"] * 40
    assert tablets.outcomes(*many(41, ["0451"] * 3, tablets)) == ["done"] * 3


# --- when ---


def test_impossible_times_are_refused_in_words(tablets):
    ahead = tablets.one(1, at_us=NOW_US + HOUR)
    long_ago = tablets.one(2, at_us=NOW_US - 25 * HOUR, **{"pass": tablets.passed(at_us=NOW_US - 26 * HOUR)})
    told = tablets.refusals(ahead, long_ago)
    assert "is ahead" in told
    assert "more than 24 hours ago" in told


def test_a_tap_a_moment_ahead_counts_as_of_its_arrival(tablets):
    assert tablets.outcomes(tablets.one(1, at_us=NOW_US + 5 * SECOND)) == ["done"]
    assert Fact.objects.get().t_us == NOW_US


def test_the_clock_of_the_tablet_is_put_right(tablets):
    wrong_us = -7 * HOUR
    known = tablets.one(1, at_us=NOW_US - 90 * SECOND + wrong_us, offset_us=-wrong_us)
    unknown = tablets.one(2, at_us=NOW_US - 30 * SECOND + wrong_us, offset_us=None)
    assert tablets.outcomes(known, unknown, clock_us=NOW_US + wrong_us) == ["done", "done"]
    times = [NOW_US - one for one in Fact.objects.order_by("lsn").values_list("t_us", flat=True)]
    assert times == [90 * SECOND, 30 * SECOND]


# --- the door ---


def test_strangers_and_wall_boards_find_no_door(tablets):
    tablets.paired("wall", kind="wall")
    assert tablets.send(tablets.one(1), device="nobody").status_code == 401
    assert tablets.send(tablets.one(1), device="wall").status_code == 403
    act(tablets.first, "revoke", SYSTEM)
    assert tablets.send(tablets.one(1)).status_code == 401


def test_the_numbers_of_another_tablet_are_not_taken(tablets):
    assert tablets.outcomes(tablets.one(1)) == ["done"]
    assert tablets.send(tablets.one(2), device="second").status_code == 409
    assert TapSession.objects.get(pk=SESSION).up_to == 1


@pytest.mark.parametrize(
    "body",
    [
        {"taps": [{"seq": 0, "kind": "piece", "clock_us": 1}]},
        {"taps": [{"seq": "1", "kind": "piece", "clock_us": 1}]},
        {"taps": [{"seq": 1, "kind": "piece", "clock_us": 1, "data": {"x": "y" * 9000}}]},
        {"taps": [{"seq": 1, "kind": "", "clock_us": 1}]},
        {"session": "short"},
        {"session": 7},
        {"clock_us": None},
        {"taps": "many"},
    ],
)
def test_what_no_tablet_sends_is_refused_as_a_whole(tablets, body):
    answer = tablets.send(**body)
    assert (answer.status_code, bool(answer.json()["problems"])) == (422, True)
    assert tablets.ledger() == []


# --- a page of a signed-in person ---


def test_a_page_sent_twice_is_done_once(tablets):
    by = Actor.of(tablets.ann)
    for expected in ("done", "known"):
        result = do_tap("piece", {"good": 2}, tablets.site, by, "page-of-somebody").results[0]
        assert result.outcome == expected
    assert do_tap("piece", {"good": 3}, tablets.site, by, "page-of-somebody").results[0].outcome == "refused"
    assert tablets.pieces() == 2


def plain(seq: int, **more) -> dict:
    return {"seq": seq, "kind": "piece", "clock_us": NOW_US - 60_000_000, "data": {"good": 1}} | more


@pytest.mark.requirement("R156")
def test_a_screen_of_ones_own_is_answered_as_a_tablet_is(tablets):
    for outcome in ("done", "known"):
        answer = tablets.send_own(plain(1), plain(2), user=tablets.ann).json()
        assert ([one["outcome"] for one in answer["results"]], answer["committed_up_to"]) == (
            [outcome] * 2,
            2,
        )
    assert tablets.pieces() == 2
    assert {fact.actor for fact in Fact.objects.all()} == {tablets.ann.pseudonym}


def test_own_taps_count_with_the_roles_of_the_tap(tablets):
    edited_ann(tablets, NOW_US - 30_000_000, grants=[])
    assert tablets.send_own(plain(1), user=tablets.ann).json()["results"][0]["outcome"] == "done"
    late = plain(2, clock_us=NOW_US - 10_000_000)
    refused = tablets.send_own(late, user=tablets.ann).json()["results"][0]
    assert (refused["outcome"], bool(refused["problems"][0]["message"])) == ("refused", True)


def test_own_taps_wait_for_their_own_sign_in(tablets):
    signed_out = tablets.send_own(plain(1))
    assert signed_out.status_code == 401
    assert "stays until you sign in again" in signed_out.json()["problems"][0]["message"]
    tablets.send_own(plain(1), user=tablets.ann)
    given = {"username": "bob", "name": "Bob", "grants": [{"role": Role.operator, "site": tablets.site}]}
    bob = act(User, "create", SYSTEM, given)
    assert tablets.send_own(plain(2), user=bob).status_code == 409
    assert tablets.send_own(plain(2), user=tablets.ann, site="NOWHERE").status_code == 409
    assert tablets.send_own(user=tablets.ann, taps="all").status_code == 422
    assert tablets.pieces() == 1
