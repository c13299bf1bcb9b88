"""The hub: one frame for all who see the same, coalesced, and no screen that holds up another."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from django.test import Client
from live.screens import AtOnce, Screen, StillWatch, audience_named, soon, written

from people_of_the_plant import Plant
from plantbeat.facts.live import channel, hub, listener, topics
from plantbeat.facts.live.audience import Audience, Credentials
from plantbeat.facts.live.hub import Hub
from plantbeat.kernel import devices
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.problems import Kind, Refused


class Line:
    """What a topic shows; the test changes it."""

    def __init__(self) -> None:
        self.tiles: dict[str, str] = {"state": "running"}
        self.asked: Counter[tuple[str, str]] = Counter()
        self.trouble: Exception | None = None

    def frame(self, key: str, by: Actor) -> dict[str, dict[str, Any]]:
        self.asked[key, ",".join(f"{role}@{site}" for role, site in by.grants)] += 1
        if self.trouble is not None:
            raise self.trouble
        return {name: {"text": text} for name, text in self.tiles.items()}


@pytest.fixture
def line(monkeypatch: Any) -> Line:
    monkeypatch.setattr(topics, "_topics", {})
    monkeypatch.setattr(Credentials, "audience", audience_named)
    made = Line()
    monkeypatch.setattr(hub, "TICK_S", 0.05)
    topics.topic("line", made.frame, every_s=60.0)
    return made


@asynccontextmanager
async def running(**options: Any) -> AsyncIterator[Hub]:
    made = Hub(AtOnce(), watch=StillWatch(), **options)  # type: ignore[arg-type]
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


def story(tell: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """An asynchronous test."""

    def test(line: Line, monkeypatch: Any) -> None:
        asyncio.run(tell(line, monkeypatch))

    test.__name__ = tell.__name__
    return test


@story
async def test_the_first_message_is_a_snapshot_and_a_beat_follows_at_once(line: Line, patch: Any) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
    assert [event for event, _data in screen.events] == ["snapshot", "beat"]
    assert screen.events[0][1] == {"state": {"text": "running"}}


@story
async def test_a_frame_is_computed_once_for_all_who_see_the_same(line: Line, patch: Any) -> None:
    async with running() as served:
        screens = [Screen(served, "/live/line/L1") for _ in range(50)]
        await soon(lambda: all(screen.events for screen in screens))
        line.tiles["state"] = "stopped"
        served.changed(written(1), 1)
        await soon(lambda: all(screen.shown() == {"state": "stopped"} for screen in screens))
        await asyncio.sleep(0.6)
    assert line.asked == {("L1", "manager@1"): 2}


@story
async def test_another_role_site_or_key_has_a_frame_of_its_own(line: Line, patch: Any) -> None:
    async with running() as served:
        asked = [("L1", "1:manager"), ("L1", "1:planner"), ("L1", "2:manager"), ("L2", "1:manager")]
        screens = [Screen(served, f"/live/line/{key}", who) for key, who in asked]
        await soon(lambda: all(screen.events for screen in screens))
    assert set(line.asked) == {
        ("L1", "manager@1"), ("L1", "planner@1"), ("L1", "manager@2"), ("L2", "manager@1"),
    }  # fmt: skip


@story
async def test_a_change_sends_what_differs_and_null_for_what_is_gone(line: Line, patch: Any) -> None:
    line.tiles = {"state": "running", "count": "1", "alarm": "low air"}
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        line.tiles = {"state": "running", "count": "2"}
        served.changed(written(1), 7)
        await soon(lambda: screen.named("delta"))
    assert screen.named("delta") == [{"count": {"text": "2"}, "alarm": None}]


@story
async def test_many_changes_become_at_most_four_frames_a_second_and_the_last_one_is_shown(
    line: Line, patch: Any
) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        for count in range(100):
            line.tiles["count"] = str(count)
            served.changed(written(1), count)
            await asyncio.sleep(0.01)
        await soon(lambda: screen.shown().get("count") == "99")
        asked = sum(line.asked.values())
    assert 3 <= asked <= 8, "about 1.2 s, four a second, the first one at once"


@story
async def test_a_change_after_a_quiet_time_is_shown_at_once(line: Line, patch: Any) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        await asyncio.sleep(0.3)
        line.tiles["state"] = "stopped"
        served.changed(written(1), 1)
        await soon(lambda: screen.shown() == {"state": "stopped"}, within_s=0.1)


@story
async def test_a_write_at_another_site_asks_nobody(line: Line, patch: Any) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        await asyncio.sleep(0.3)
        served.changed(written(2, 3), 2)
        await asyncio.sleep(0.3)
        assert sum(line.asked.values()) == 1
        served.changed(written(None), 3)
        await soon(lambda: sum(line.asked.values()) == 2)


@story
async def test_a_topic_says_which_writes_concern_a_key(line: Line, patch: Any) -> None:
    topics.topic("mine", line.frame, concern=lambda message, key: message.payload["line"] == key, every_s=60)
    async with running() as served:
        screen = Screen(served, "/live/mine/L1")
        await soon(lambda: screen.events)
        await asyncio.sleep(0.3)
        served.changed(written(1, 1, line="L2"), 2)
        await asyncio.sleep(0.3)
        assert sum(line.asked.values()) == 1
        served.changed(written(1, line="L1"), 3)
        await soon(lambda: sum(line.asked.values()) == 2)


@story
async def test_a_flood_of_writes_is_not_examined_one_by_one(line: Line, patch: Any) -> None:
    examined = 0

    def concern(_message: Any, _key: str) -> bool:
        nonlocal examined
        examined += 1
        return False

    topics.topic("mine", line.frame, concern=concern, every_s=60)
    async with running() as served:
        screen = Screen(served, "/live/mine/L1")
        await soon(lambda: screen.events)
        served.changed(written(*[1] * 10_000), 10_000)
        await soon(lambda: sum(line.asked.values()) == 2)
    assert examined == channel.ASKED_AT_MOST


@story
async def test_a_frame_changes_with_time_alone(line: Line, patch: Any) -> None:
    topics.topic("clock", line.frame, every_s=0.3)
    async with running() as served:
        screen = Screen(served, "/live/clock/L1")
        await soon(lambda: screen.events)
        line.tiles["state"] = "no data"
        await soon(lambda: screen.shown() == {"state": "no data"}, within_s=1.0)


@story
async def test_a_slow_screen_loses_old_frames_and_holds_up_no_other(line: Line, patch: Any) -> None:
    patch.setattr(channel, "GAP_S", 0.0)
    async with running() as served:
        slow, quick = Screen(served, "/live/line/L1"), Screen(served, "/live/line/L1")
        await soon(lambda: slow.events and quick.events)
        slow.taking.clear()
        for count in range(40):
            line.tiles["count"] = str(count)
            served.changed(written(1), count)
            await soon(lambda count=count: quick.shown().get("count") == str(count))
        waiting = next(one for one in served.listeners if one._behind or one._queue)
        assert len(waiting._queue) <= listener.QUEUE
        slow.taking.set()
        await soon(lambda: slow.shown().get("count") == "39")
    assert len(quick.named("delta")) == 40
    assert len(slow.named("delta")) < 10
    assert slow.named("snapshot")[-1]["count"] == {"text": "39"}


@story
async def test_a_screen_that_takes_nothing_for_long_is_cut(line: Line, patch: Any) -> None:
    patch.setattr(hub, "STUCK_S", 0.2)
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        screen.taking.clear()
        line.tiles["state"] = "stopped"
        served.changed(written(1), 1)
        await soon(lambda: screen.task.done())
        assert not served.listeners
    assert screen.task.exception() is None


@pytest.mark.requirement("R117")
def test_without_proof_that_it_is_current_a_screen_gets_no_beat(line: Line, monkeypatch: Any) -> None:
    monkeypatch.setattr(hub, "BEAT_S", 0.1)
    monkeypatch.setattr(hub, "COMMENT_S", 0.1)

    async def tell() -> None:
        async with running() as served:
            screen = Screen(served, "/live/line/L1")
            await soon(lambda: len(screen.named("beat")) > 2)
            served._watch.is_current = False  # type: ignore[misc]
            await soon(lambda: screen.comments > 0)
            beats = len(screen.named("beat"))
            await asyncio.sleep(0.5)
            assert len(screen.named("beat")) == beats
            served._watch.is_current = True  # type: ignore[misc]
            await soon(lambda: len(screen.named("beat")) > beats)

    asyncio.run(tell())


@story
async def test_a_question_that_fails_later_leaves_the_screen_without_beats_until_it_works_again(
    line: Line, patch: Any
) -> None:
    patch.setattr(hub, "BEAT_S", 0.1)
    patch.setattr(channel, "LATE_S", 0.2)
    topics.topic("clock", line.frame, every_s=0.3)
    async with running() as served:
        screen = Screen(served, "/live/clock/L1")
        await soon(lambda: len(screen.named("beat")) > 1)
        line.trouble = RuntimeError("the database is locked")
        await asyncio.sleep(0.8)
        beats = len(screen.named("beat"))
        await asyncio.sleep(0.5)
        assert len(screen.named("beat")) == beats
        assert not screen.ended
        line.trouble, line.tiles["state"] = None, "stopped"
        await soon(lambda: screen.shown() == {"state": "stopped"} and len(screen.named("beat")) > beats)


@story
async def test_when_what_is_shown_is_gone_the_stream_ends_and_the_next_one_is_told(
    line: Line, patch: Any
) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        line.trouble = Refused("there is no such line", Kind.missing)
        served.changed(written(1), 1)
        await soon(lambda: screen.ended)
        late = Screen(served, "/live/line/L1")
        await soon(lambda: late.status)
        assert late.status == 404
        line.trouble = None
        back = Screen(served, "/live/line/L1")
        await soon(lambda: back.events)
        assert back.status == 200


@story
async def test_when_the_last_screen_leaves_nothing_is_computed_or_watched_any_more(
    line: Line, patch: Any
) -> None:
    async with running() as served:
        screens = [Screen(served, "/live/line/L1") for _ in range(2)]
        await soon(lambda: all(screen.events for screen in screens))
        screens[0].leave()
        await soon(lambda: len(served.listeners) == 1)
        assert len(served.channels) == 1
        assert served._watch.wanted  # type: ignore[attr-defined]
        screens[1].leave()
        await soon(lambda: not served.listeners)
        assert not served.channels
        assert not served._watch.wanted  # type: ignore[attr-defined]


@story
async def test_too_many_screens_get_503_with_a_time_to_come_back(line: Line, patch: Any) -> None:
    async with running(most_listeners=2) as served:
        screens = [Screen(served, "/live/line/L1") for _ in range(2)]
        await soon(lambda: all(screen.events for screen in screens))
        third = Screen(served, "/live/line/L1")
        await soon(lambda: third.status)
    assert third.status == 503


@story
async def test_after_the_streams_ended_nobody_is_admitted(line: Line, patch: Any) -> None:
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        await served.end_streams()
        assert screen.ended
        late = Screen(served, "/live/line/L1")
        await soon(lambda: late.status)
    assert late.status == 503


@story
async def test_a_screen_whose_roles_change_is_cut_and_comes_back_as_what_it_is_now(
    line: Line, patch: Any
) -> None:
    patch.setattr(hub, "RECHECK_S", 0.1)
    async with running() as served:
        screen = Screen(served, "/live/line/L1")
        await soon(lambda: screen.events)
        await asyncio.sleep(0.5)
        assert not screen.ended, "nothing has changed"
        patch.setattr(
            Credentials, "audience", lambda _self: Audience(1, "UTC", frozenset({Role.analyst}), "en")
        )
        await soon(lambda: screen.ended)


@story
async def test_one_stream_shows_several_keys_and_begins_with_all_of_them(line: Line, patch: Any) -> None:
    topics.topic(
        "key", lambda key, _by: {f"{key}-{name}": {"text": text} for name, text in line.tiles.items()}
    )
    async with running() as served:
        screen = Screen(served, "/live/?watch=key/L1&watch=key/L2&watch=key/L1")
        await soon(lambda: screen.events)
        line.tiles["state"] = "stopped"
        served.changed(written(1), 1)
        await soon(lambda: screen.shown() == {"L1-state": "stopped", "L2-state": "stopped"})
    assert screen.named("snapshot") == [{"L1-state": {"text": "running"}, "L2-state": {"text": "running"}}]


def test_the_same_topic_twice_is_a_fault_of_the_declaration(line: Line) -> None:
    topics.topic("line", line.frame)
    with pytest.raises(ValueError, match="two topics have the name line"):
        topics.topic("line", Line().frame)


def test_an_audience_acts_at_its_site_and_nowhere_else() -> None:
    by = Audience(4, "UTC", frozenset({Role.manager, Role.quality}), "de").actor()
    assert by.sites() == frozenset({4})
    assert by.roles_at(4) == {Role.manager, Role.quality}
    assert not by.roles_at(5)
    assert not by.trusted
    assert by.language == "de"


@pytest.mark.django_db
@pytest.mark.requirement("X9")
def test_frames_speak_the_language_of_the_page_they_stand_on() -> None:
    """A page is in the language of a board or a badge, whatever its browser or its reader prefers."""
    people = Plant()
    reader, token = people.user(Role.supervisor), "secret of a wall"
    people.actor(Role.administrator)
    by = people.actor(Role.supervisor)
    devices.enrol(devices.waiting_code(token), by, site=people.north, name="W", kind="wall", place="L1")
    browser = Client()
    browser.force_login(reader, backend="allauth.account.auth_backends.AuthenticationBackend")
    cookie = browser.cookies.output(header="", sep=";")
    signed_in = [Credentials(cookie, accept_language="es", language=one) for one in ("", "es", "xx")]
    assert [one.audience().language for one in signed_in] == ["en", "es", "en"]
    screen = [
        Credentials(authorization=f"Bearer {token}", accept_language=prefers, language=one)
        for prefers, one in (("es", ""), ("en", "es"), ("es", "en"))
    ]
    assert [one.audience().language for one in screen] == ["es", "es", "en"]
