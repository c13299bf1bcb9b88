"""What boards can watch: each area declares its topics when the applications are ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from plantbeat.kernel.access import Actor

Frame = Mapping[str, Mapping[str, Any]]
"""What a board shows, by `data-live-key`: `{"text", "state", "status", "at_us"}`, the parts it has."""
FrameOf = Callable[[str, Actor], Frame]


@dataclass(frozen=True)
class Message:
    """Something was written: a row of the outbox, or (topic `fact`, id 0) facts of one asset and kind.

    The payload of facts is `{"asset", "line", "kind"}`, with codes.
    """

    id: int
    topic: str
    site_id: int | None
    raw: str = "{}"

    @cached_property
    def payload(self) -> dict[str, Any]:
        """What the writer told about it."""
        value: dict[str, Any] = json.loads(self.raw)
        return value


Concern = Callable[[Message, str], bool]


@dataclass(frozen=True, slots=True)
class Topic:
    """Frames of one kind; `key` says which (the code of a line)."""

    name: str
    frame: FrameOf
    concern: Concern | None
    every_s: float


_topics: dict[str, Topic] = {}


def topic(name: str, frame: FrameOf, *, concern: Concern | None = None, every_s: float = 5.0) -> None:
    """Declare that boards can watch `name`.

    `frame(key, by)` asks questions and returns the whole frame of a key, or raises `Refused`. It is called
    once for all who see the same: `by` holds their roles at the one site in view and is nobody in
    particular; language and time zone are set. `concern(message, key)` tells whether a write can have
    changed the frame (without it: any write at the site or at none). Frames also change with time alone,
    so that each is asked for every `every_s` seconds.
    """
    known = _topics.setdefault(name, Topic(name, frame, concern, every_s))
    if known.frame != frame:
        raise ValueError(f"two topics have the name {name}")


def topic_named(name: str) -> Topic | None:
    """The topic of a name, None if nobody declared it."""
    return _topics.get(name)
