"""Wall boards: what they show, how many tiles, for whom."""

from __future__ import annotations

import pytest
from django.test import Client
from half_shift import DAY, NOW, early
from line_of_machines import SYSTEM, at
from test_hour_board import freeze, line  # noqa: F401  (a fixture)

from people_of_the_plant import Plant
from plantbeat.areas.execution.andon.actions import raise_call
from plantbeat.areas.execution.records.wall_board import WallBoard
from plantbeat.areas.execution.walls.call_frames import calls_frame, concerns_calls
from plantbeat.areas.execution.walls.hour_frames import concerns_hours, hours_frame
from plantbeat.facts.live.topics import Message, topic_named
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R151", "R117")]


@pytest.fixture
def screen(line):  # noqa: F811
    """A paired wall board without anybody signed in."""
    people = Plant.__new__(Plant)
    people.user(Role.administrator, everywhere=True)
    by, token = people.actor(Role.supervisor, site=line.site), "secret of the wall"
    devices.enrol(devices.waiting_code(token), by, site=line.site, name="Wall", kind="wall", place="H")
    client = Client()
    client.cookies[devices.COOKIE] = token
    return client


def board(made, **values):
    usual = {"code": "H", "name": "Hours", "kind": "hours", "line": made.line}
    return made.make(WallBoard, **(usual | values))


def test_the_hours_form_shows_the_last_three_the_current_and_the_next(line):  # noqa: F811
    freeze(line, ("W1", 480, "14:00"))
    frame = hours_frame("L1", SYSTEM)
    hours = [frame[f"L1.h{offset}"] for offset in range(-3, 2)]
    shown = [(one["name"], one["text"], one["unit"]) for one in hours]
    assert shown == [
        ("09:00–10:00", "90", "/ 60"), ("10:00–11:00", "0", "/ 60"), ("11:00–12:00", "110", "/ 60"),
        ("12:00–13:00", "0", "/ 60"), ("13:00–14:00", "60", "pcs"),
    ]  # fmt: skip
    assert frame["L1.h1"]["status_word"] == "planned"
    assert frame["L1.behind"]["name"] == "Missing by now"
    assert frame["L1.h-2"]["status"] == "act"
    assert frame["L1.h1"]["status"] == "none"
    assert frame["L1.behind"]["text"] == "190"
    assert (frame["L1.takt"]["text"], frame["L1.takt"]["unit"]) == ("117.0", "s per piece")


def test_hours_reach_into_the_shifts_before_and_after(line):  # noqa: F811
    with clock.at(at(DAY, "14:20")):
        line.drain()
        frame = hours_frame("L1", SYSTEM)
        assert [frame[f"L1.h{n}"]["name"] for n in (-1, 0)] == ["13:00–14:00", "14:00–15:00"]


def test_a_paired_screen_shows_its_board_in_the_size_of_its_distance(line, screen):  # noqa: F811
    board(line, distance="3", screen_cm=122)
    assert screen.get("/screen/")["Location"] == "/wall/H/"
    page = screen.get("/wall/H/")
    assert page.context["live_topic"] == "hours/L1 first/B"
    assert [tile["name"] for tile in page.context["tiles"]][3] == "12:00–13:00"
    style = screen.get(page.context["fit_url"])
    assert style["Content-Type"].startswith("text/css")
    assert "--pb-wall-text: 2.1806vw; --pb-wall-columns: 3" in style.content.decode()


def test_tiles_drop_out_before_text_shrinks_the_least_important_first(line, screen):  # noqa: F811
    board(line, distance="6", screen_cm=122)
    tiles = screen.get("/wall/H/").context["tiles"]
    assert [tile["name"] for tile in tiles] == ["11:00–12:00", "12:00–13:00"]
    assert "4.3612vw" in screen.get(screen.get("/wall/H/").context["fit_url"]).content.decode()
    near = screen.get("/wall/H/?distance=3")
    assert len(near.context["tiles"]) == 5
    assert len(screen.get("/wall/H/?distance=7&width=9999999").context["tiles"]) == 2


def test_an_upright_screen_gets_its_tiles_one_below_the_other(line, screen):  # noqa: F811
    board(line, distance="3", screen_cm=68)
    lying, standing = screen.get("/wall/H/"), screen.get("/wall/H/?upright=1")
    assert len(lying.context["tiles"]) < len(standing.context["tiles"]) == 5
    assert b" data-upright" in standing.content
    assert b" data-upright" not in lying.content
    assert "--pb-wall-columns: 1;" in screen.get(standing.context["fit_url"]).content.decode()


def test_a_board_without_its_line_or_with_strange_tiles_is_refused(line):  # noqa: F811
    with pytest.raises(Refused, match="required"):
        board(line, line=None)
    for tiles in ("now", "h0, h0", "h0,h1,h-1,h-2,h-3,h4"):
        with pytest.raises(Refused, match="no tiles of this board"):
            board(line, tiles=tiles)
    assert board(line, tiles="h0, h-1").tile_codes() == ["h0", "h-1"]


def test_a_board_speaks_its_own_language_and_its_stream_with_it(line, screen):  # noqa: F811
    board(line, language="es")
    page = screen.get("/wall/H/", headers={"accept-language": "en"})
    assert b'<html lang="es"' in page.content
    assert [tile["part"]["status_word"] for tile in page.context["tiles"]][-1] == "por venir"
    board(line, code="E")
    assert b'<html lang="en"' in screen.get("/wall/E/", headers={"accept-language": "en"}).content


def test_a_board_is_lit_as_its_hall_needs_it(line, screen):  # noqa: F811
    board(line, look="light")
    assert b'data-bs-theme="light"' in screen.get("/wall/H/").content
    assert b'data-bs-theme="dark"' in screen.get("/wall/H/?look=dark").content
    assert b'data-bs-theme="light"' in screen.get("/wall/H/?look=pink").content


def test_every_number_opens_where_somebody_signed_in_looks_at_the_board(line, screen):  # noqa: F811
    board(line, code="L1", kind="line")
    people = Plant.__new__(Plant)
    reader = Client()
    reader.force_login(
        people.user(Role.supervisor, site=line.site),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    for code in ("L1", "H"):
        if code == "H":
            board(line)
        tiles = reader.get(f"/wall/{code}/").context["tiles"]
        assert all(tile["url"] for tile in tiles)
        assert {reader.get(tile["url"]).status_code for tile in tiles} == {200}
        assert not any(tile["url"] for tile in screen.get(f"/wall/{code}/").context["tiles"])


def test_open_calls_stand_on_the_wall_until_they_are_resolved(line, screen):  # noqa: F811
    board(line, code="C", kind="andon", line=None)
    assert calls_frame("B", SYSTEM)["B.call1"]["status_word"] == "no call is open"
    raise_call(line.site, "L1", "maintenance", SYSTEM)
    frame = calls_frame("B", SYSTEM)
    assert (frame["B.call1"]["name"], frame["B.call1"]["status"]) == ("L1", "watch")
    assert screen.get("/wall/C/").status_code == 200


def test_frames_are_for_the_site_and_follow_what_concerns_them(line):  # noqa: F811
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, line.site.pk + 1),))
    for name, key in (("hours", "L1"), ("calls", "B")):
        with pytest.raises(Refused):
            topic_named(name).frame(key, stranger)
    with pytest.raises(Refused):
        calls_frame("X", SYSTEM)
    count = Message(0, "fact", line.site.pk, '{"asset": "M2", "line": "L1", "kind": "count"}')
    assert concerns_hours(count, "L1")
    assert not concerns_hours(count, "L2")
    assert not concerns_calls(count, "B")
    assert NOW
    assert early()


def test_a_wall_that_is_none_is_not_found(line, screen):  # noqa: F811
    assert screen.get("/wall/NONE/").status_code == 404
    strange = screen.get("/wall-fit.css?tiles=99&lines=x&distance=7&width=99999")
    assert "2.1806vw" in strange.content.decode()
    assert Client().get("/wall/L1/").status_code == 302
