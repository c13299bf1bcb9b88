"""Live boards against real servers and real databases: a commit in one process reaches screens of another."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from plantbeat.facts.live.settling import LONGEST_S
from shell.plant import Board, Plant, Server, plant_on_this_database


@pytest.fixture(scope="module")
def plant(tmp_path_factory: Any) -> Iterator[Plant]:
    with plant_on_this_database(tmp_path_factory.mktemp("plant")) as made:
        for code in ("B1", "B2"):
            made.write("site", code=code)
        yield made


@pytest.fixture(scope="module")
def server(plant: Plant) -> Iterator[Server]:
    with plant.serving("live", TEST_RECHECK_S="1") as running:
        yield running


def signed_in(plant: Plant, name: str, *roles: tuple[str, str]) -> tuple[int, str]:
    user = plant.write("user", name=name, roles=roles)
    return user, f"sessionid={plant.write('sign_in', user=user)}"


@pytest.mark.requirement("R158")
def test_a_commit_of_another_process_reaches_a_board_well_within_a_second(
    plant: Plant, server: Server
) -> None:
    _, cookie = signed_in(plant, "watcher", ("manager", "B1"))
    reason = plant.write("reason", site="B1", code="JAM", name="Jam")
    with Board(server.url, "/live/reasons/all?site=B1", cookie=cookie) as board:
        first = board.next_event()
        assert first["event"] == "snapshot"
        assert int(first["id"]) >= 1 or first["id"] == "0"
        assert first["data"]["reason-JAM"] == {"text": "Jam", "state": "own_stop"}
        board.seen = first["data"]
        for name in ("Jam at the filler", "Jam at the capper"):
            plant.write("rename", reason=reason, name=name)
            assert board.until("reason-JAM", name) < 1.0


@pytest.mark.requirement("R158")
def test_a_fact_reaches_the_boards_of_its_site(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "counter", ("manager", "B1"))
    plant.write("asset", site="B1", code="M1")
    plant.write("source", site="B1", name="gw")
    with Board(server.url, "/live/reasons/all", cookie=cookie) as board:
        board.until("facts", "0")
        for seq in (1, 2):
            assert plant.write("count", asset="M1", source="gw", seq=seq, good=5) == 1
            # Nobody computes the views here: the boards are told when that has been waited for long enough.
            assert board.until("facts", str(seq)) < LONGEST_S + 1.0


def test_the_headers_keep_proxies_from_holding_the_stream_back(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "headers", ("manager", "B1"))
    with Board(server.url, "/live/reasons/all", cookie=cookie) as board:
        headers = board.answer.headers
    assert headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "no-cache" in headers["cache-control"]
    assert headers["x-accel-buffering"] == "no"


def test_an_id_given_back_is_accepted_and_answered_with_a_snapshot(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "returning", ("manager", "B1"))
    headers = {"cookie": cookie, "last-event-id": "1"}
    with Board(server.url, "/live/reasons/all", **headers) as board:
        assert board.next_event()["event"] == "snapshot"


def test_beats_come_while_nothing_changes(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "patient", ("manager", "B1"))
    with Board(server.url, "/live/reasons/all", cookie=cookie) as board:
        assert board.next_event()["event"] == "snapshot"
        started, beats = time.monotonic(), []
        while len(beats) < 2:
            event = board.next_event()
            assert event["event"] == "beat"
            beats.append(event["data"]["at_us"])
        assert time.monotonic() - started < 6.0
        assert beats[0] < beats[1]


@pytest.mark.requirement("X6")
def test_each_site_sees_its_own_frame_and_its_own_roles_only(plant: Plant, server: Server) -> None:
    plant.write("reason", site="B2", code="OVEN", name="Oven cold")
    _, both = signed_in(plant, "both", ("manager", "B1"), ("quality", "B2"))
    _, second = signed_in(plant, "second", ("planner", "B2"))
    with Board(server.url, "/live/reasons/all?site=B2", cookie=both) as board:
        frame = board.next_event()["data"]
        assert frame["roles"]["text"] == "quality"
        assert "reason-OVEN" in frame
        assert "reason-JAM" not in frame
    with Board(server.url, "/live/reasons/all?site=B1", cookie=second) as board:
        frame = board.next_event()["data"]
        assert "reason-OVEN" in frame, "a site that is not theirs falls back to one that is"
        assert "reason-JAM" not in frame


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/live/reasons/all", {}, 401),
        ("/live/reasons/all", {"cookie": "sessionid=made-up"}, 401),
        ("/live/reasons/all", {"authorization": "Bearer made-up"}, 401),
        ("/live/reasons/all", {"cookie": "plantbeat_device=made-up"}, 401),
    ],
)
def test_nobody_watches_without_showing_who_they_are(
    server: Server, path: str, headers: dict[str, str], status: int
) -> None:
    answer = httpx.get(server.url + path, headers=headers)
    assert answer.status_code == status
    assert answer.json() == {"problems": [{"message": "Please sign in to watch this."}]}


def test_what_cannot_be_watched_is_named_and_shows_no_detail(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "curious", ("manager", "B1"))

    def answer(path: str, method: str = "GET") -> tuple[int, str]:
        given = httpx.request(method, server.url + path, headers={"cookie": cookie})
        return given.status_code, given.json()["problems"][0]["message"]

    assert answer("/live/nothing/1") == (404, "There is nothing to watch under “nothing”.")
    assert answer("/live/reasons/missing") == (404, "there is no such line")
    assert answer("/live/") == (404, "Say what to watch: /live/<topic>/<key>.")
    assert answer("/live/reasons/broken")[0] == 503
    assert "secret" not in answer("/live/reasons/broken")[1]
    assert answer("/live/reasons/all", "POST") == (405, "Only GET is allowed here.")
    too_many = "&".join(f"watch=reasons/{number}" for number in range(33))
    assert answer(f"/live/?{too_many}") == (422, "At most 32 things can be watched at once.")


def test_a_user_without_a_role_anywhere_watches_nothing(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "roleless")
    assert httpx.get(server.url + "/live/reasons/all", headers={"cookie": cookie}).status_code == 401


@pytest.mark.parametrize("door", ["authorization", "cookie"])
@pytest.mark.parametrize(("kind", "role"), [("wall", "analyst"), ("tablet", "operator")])
def test_an_enrolled_device_watches_its_own_site(
    plant: Plant, server: Server, door: str, kind: str, role: str
) -> None:
    token = f"{kind}-{door}"
    plant.write("device", site="B2", token=token, kind=kind)
    shown = (
        {"authorization": f"Bearer {token}"}
        if door == "authorization"
        else {"cookie": f"plantbeat_device={token}"}
    )
    with Board(server.url, "/live/reasons/all?site=B1", **shown) as board:
        frame = board.next_event()["data"]
    assert frame["roles"]["text"] == role
    assert "reason-JAM" not in frame


@pytest.mark.requirement("X6")
def test_a_revoked_device_is_cut_at_the_next_check_and_not_let_in_again(plant: Plant, server: Server) -> None:
    device = plant.write("device", site="B1", token="soon-revoked", kind="wall")
    with Board(server.url, "/live/reasons/all", authorization="Bearer soon-revoked") as board:
        assert board.next_event()["event"] == "snapshot"
        plant.write("revoke", device=device)
        assert board.is_cut()
    answer = httpx.get(server.url + "/live/reasons/all", headers={"authorization": "Bearer soon-revoked"})
    assert answer.status_code == 401


@pytest.mark.requirement("X6")
def test_a_user_who_may_no_longer_sign_in_or_whose_roles_change_is_cut(plant: Plant, server: Server) -> None:
    for name, change in (("leaver", {"is_active": False}), ("mover", {"grants": []})):
        user, cookie = signed_in(plant, name, ("manager", "B1"))
        with Board(server.url, "/live/reasons/all", cookie=cookie) as board:
            assert board.next_event()["event"] == "snapshot"
            plant.write("edit_user", user=user, **change)
            assert board.is_cut(), name
        assert httpx.get(server.url + "/live/reasons/all", headers={"cookie": cookie}).status_code == 401


def test_one_stream_carries_several_frames(plant: Plant, server: Server) -> None:
    _, cookie = signed_in(plant, "several", ("manager", "B1"))
    path = "/live/?watch=reasons/one&watch=reasons/two&site=B1"
    with Board(server.url, path, cookie=cookie) as board:
        event = board.next_event()
        assert event["event"] == "snapshot"
        assert event["data"]["reason-JAM"]["state"] == "own_stop"


def test_a_stop_ends_the_streams_at_once_and_the_process_with_code_0(plant: Plant) -> None:
    _, cookie = signed_in(plant, "last", ("manager", "B1"))
    with plant.serving("live") as server:
        boards = [Board(server.url, "/live/reasons/all", cookie=cookie) for _ in range(5)]
        for board in boards:
            assert board.next_event()["event"] == "snapshot"
        assert server.stop() < 5.0
        assert server.process.returncode == 0
        for board in boards:
            assert board.is_cut()
            board.__exit__()
        assert [line for line in server.logged() if line["level"] in ("warning", "error")] == []
