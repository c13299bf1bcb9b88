"""Walls of the day: one set of cells for plant and start-up, tiers and weeks live, help first on all."""

from __future__ import annotations

from datetime import date

import pytest
from board_of_a_line import MONDAY
from line_of_machines import SYSTEM
from test_start_up import DAY, Morning, at, morning  # noqa: F401  (a fixture)

from plantbeat.areas.daily.start_up.actions import decide
from plantbeat.areas.daily.start_up.cells import cells, cells_so_far, crews_of
from plantbeat.areas.daily.walls.first_frame import concerns_first, first_frame
from plantbeat.areas.daily.walls.letter_frames import concerns_letters, plant_frame, start_up_frame
from plantbeat.areas.daily.walls.tier_frames import report_frame, tier_frame
from plantbeat.areas.execution.records.wall_board import WallBoard
from plantbeat.areas.execution.walls.pages import wall_board
from plantbeat.areas.execution.walls.showing import shown_on
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.areas.safety.records.safety_setting import SafetySetting
from plantbeat.facts.live.topics import Message, topic_named
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R016", "R143", "R151")]


def told(morning: Morning) -> None:  # noqa: F811
    """A night that made scrap, an early shift that stands since 06:10."""
    morning.say(
        morning.fact("state", at("2026-03-09", "22:00"), state="running"),
        morning.fact("count", at(DAY, "05:00"), "M2", good=90, item="P"),
        morning.fact("scrap", at(DAY, "05:01"), "M2", quantity=10, reason="BURR"),
        morning.fact("state", at(DAY, "06:10"), state="stopped"),
    )
    morning.drain()


def test_a_wall_shows_the_cells_of_the_start_up(morning):  # noqa: F811
    told(morning)
    around = morning.around()
    crews = crews_of(morning.site, around.now, SYSTEM)
    frame = start_up_frame("B", SYSTEM)
    page = cells(morning.site, around.last, crews, SYSTEM)
    assert [frame[f"B.{letter}"]["name"] for letter in "SQDCM"] == [tile["name"] for tile in page]
    for letter, tile in zip("SQDCM", page, strict=True):
        part = frame[f"B.{letter}"]
        assert (part["text"], part["status"], part["status_word"], part["url"]) == (
            tile.get("value") or None, tile["status"], tile["word"], tile["url"],
        )  # fmt: skip
    assert frame["B.Q"]["text"] == "90.0"
    assert frame["B.heading"]["text"] == "last shift: night 22:00–06:00"


def test_the_plant_shows_the_same_cells_of_the_shift_that_goes_on(morning):  # noqa: F811
    told(morning)
    around = morning.around()
    frame = plant_frame("B", SYSTEM)
    so_far = cells_so_far(morning.site, around.now, crews_of(morning.site, around.now, SYSTEM), SYSTEM)
    assert [frame[f"B.{letter}"]["text"] for letter in "SQDCM"] == [
        tile.get("value") or None for tile in so_far
    ]
    assert frame["B.M"]["status_word"] == "Not taken"
    assert all(frame[f"B.{letter}"]["status"] != "good" for letter in "QDCM")
    assert frame["B.heading"]["text"] == "early 06:00–14:00"
    assert frame["B.stop"]["text"] == "L1 stands since 06:10: Own stop, no reason yet"
    assert frame["B.stop"]["url"].startswith("/lines/L1/stops/")
    with clock.at(at("2026-01-20", "12:00")):
        closed = plant_frame("B", SYSTEM)
        assert closed["B.heading"]["text"] == "no shift now"
        assert (closed["B.Q"]["status"], closed["B.Q"]["detail"]) == ("none", "no shift now")


def test_hazards_lead_the_safety_tile_and_days_since_are_small_or_off(morning):  # noqa: F811
    morning.make(Hazard, what="Guard open", potential="fatal", line=morning.line)
    for frame_of in (plant_frame, start_up_frame):
        with clock.at(at(DAY, "06:31")):
            part = frame_of("B", SYSTEM)["B.S"]
        assert (part["text"], part["unit"], part["status_word"]) == ("1", "hazard", "1 serious open")
        assert "0 fixed, 1 open" in part["detail"]
        assert "since a recordable" in part["detail"]
    act(SafetySetting, "create", SYSTEM, {"site": morning.site, "show_days_since": False})
    for frame_of in (plant_frame, start_up_frame):
        assert "recordable" not in frame_of("B", SYSTEM)["B.S"]["detail"]


def test_who_gets_help_first_stands_on_every_board(morning):  # noqa: F811
    morning.make(Hazard, what="Guard open", potential="fatal", line=morning.line)
    assert first_frame("B", SYSTEM)["B.first"]["text"] == "Help first: not decided yet"
    (row,) = morning.constraints().rows
    decide(morning.site, date.fromisoformat(DAY), "early", row, morning.people[0].pk, "", SYSTEM)
    said = "Help first: L1: Guard open, Worker 0"
    client = morning.client()
    for kind, more in (
        ("line", {"line": morning.line}), ("hours", {"line": morning.line}), ("plant", {}), ("andon", {}),
        ("start_up", {}), ("week", {}), ("month", {}),
    ):  # fmt: skip
        morning.make(WallBoard, code=f"W-{kind}", name=kind, kind=kind, **more)
        page = client.get(f"/wall/W-{kind}/")
        assert said in page.content.decode(), kind
        assert "first/B" in page.context["live_topic"]
    decide(morning.site, date.fromisoformat(DAY), "early", None, None, "", SYSTEM)
    assert first_frame("B", SYSTEM)["B.first"]["text"] == "Help first: nothing needs it"
    assert concerns_first(Message(1, "record:daily.Priority", morning.site.pk), "B")
    with clock.at(at(DAY, "13:59")):
        assert "nothing needs it" in first_frame("B", SYSTEM)["B.first"]["text"]


def test_a_decision_for_the_next_shift_stands_there_before_it_begins(morning):  # noqa: F811
    with clock.at(at("2026-03-08", "12:00")):
        following = morning.around().at_hand
        decide(morning.site, following.day, following.name, None, None, "", SYSTEM)
        assert morning.around().now is None
        assert first_frame("B", SYSTEM)["B.first"]["text"] == "Help first: nothing needs it"


def test_frames_are_for_the_site_and_follow_what_they_are_made_of(morning):  # noqa: F811
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, morning.site.pk + 1),))
    for name, key in (("plant", "B"), ("start_up", "B"), ("first", "B"), ("tier", "L1"), ("report", "week")):
        with pytest.raises(Refused):
            topic_named(name).frame(key, stranger)
    for frame_of, key in (
        (plant_frame, "X"), (start_up_frame, "X"), (first_frame, "X"), (tier_frame, "NONE"),
        (report_frame, "year"), (report_frame, "week@soon"),
    ):  # fmt: skip
        with pytest.raises(Refused):
            frame_of(key, SYSTEM)
    for topic in ("fact", "record:safety.Hazard", "record:people.AttendanceSheet"):
        assert concerns_letters(Message(1, topic, morning.site.pk), "B")
    assert not concerns_letters(Message(1, "record:daily.Handoff", morning.site.pk), "B")


def test_a_tier_board_is_a_wall_board_too(boards):
    site = boards.plant.north
    reference = f"daily.TierBoard:{boards.line_board.pk}"
    with pytest.raises(Refused, match="required"):
        act(WallBoard, "create", SYSTEM, {"site": site, "code": "T", "name": "T", "kind": "tier"})
    values = {"site": site, "code": "T", "name": "T", "kind": "tier", "tier_board": reference}
    act(WallBoard, "create", SYSTEM, values)
    shown = shown_on(wall_board(site, "T", SYSTEM), SYSTEM)
    assert shown.topics == "tier/L1 first/N"
    frame = tier_frame("L1", SYSTEM)
    assert [f"L1.{code}" for code in shown.codes] == [part for part in frame if "heading" not in part]
    assert shown.frame["L1.heading"]["text"].endswith(MONDAY.isoformat())
