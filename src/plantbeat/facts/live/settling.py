"""Facts are told to the boards when the views say what they say: a frame made before would be the old one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from plantbeat.facts.live.topics import Message

DIRTY = "SELECT DISTINCT a.site_id, a.code FROM fact_dirty_day d JOIN fact_asset a ON a.id = d.asset_id"
LONGEST_S = 1.0
"""A message is held back no longer, so that a plant that never rests is still shown."""

Place = tuple[int | None, str]


class Settling:
    """Holds back the messages of assets whose days are still to be computed from what came."""

    def __init__(self, ask: Callable[[str], list[Any]]) -> None:
        self._ask = ask
        self._held: dict[Place, list[tuple[Message, float]]] = {}

    @property
    def is_waiting(self) -> bool:
        """True while a message is held back."""
        return bool(self._held)

    def told(self, facts: Sequence[Message], now_s: float) -> list[Message]:
        """The messages that may go out now: of assets that are settled, and those held for too long."""
        for message in facts:
            place = message.site_id, str(message.payload.get("asset"))
            self._held.setdefault(place, []).append((message, now_s))
        if not self._held:
            return []
        dirty = {(site_id, code) for site_id, code in self._ask(DIRTY)}
        ready: list[Message] = []
        for place, messages in list(self._held.items()):
            if place not in dirty or now_s - messages[0][1] >= LONGEST_S:
                ready += [message for message, _since in self._held.pop(place)]
        return ready
