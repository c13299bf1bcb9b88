"""What a source's own word for a state means where the plant has not said so itself.

MTConnect `Execution` (ANSI/MTC1.4-2018 part 2), PackML states (ISA-TR88.00.02) and plain words. Only PackML's
Execute is production; Held is the machine's own cause, Suspended one outside it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from plantbeat.engine.oee.states import State

_WORDS: dict[State, str] = {
    State.running: "active execute running run producing production auto automatic working cutting",
    State.own_stop: (
        "ready interrupted feed_hold stopped optional_stop program_stopped program_completed"
        " idle stopping aborting aborted clearing resetting starting completing complete holding held"
        " unholding stop down alarm error fault failure breakdown standing idling own_stop"
    ),
    State.starved: "wait suspending suspended unsuspending starved starving waiting no_material",
    State.blocked: "blocked blocking full outfeed_full",
    State.setup: "setup set_up setting_up changeover change_over retooling",
    State.planned_stop: "maintenance planned planned_stop planned_maintenance cleaning pm break",
    State.no_order: "no_order no_demand unscheduled",
    State.no_data: "unavailable no_data unknown offline disconnected off power_off",
    State.unexplained: "unexplained",
}

STATE_NAMED: Mapping[str, State] = MappingProxyType({state.value: state for state in State})
"""Canonical states by the name under which they are stored."""

_BETWEEN = re.compile(r"[\s\-]+")


@lru_cache(4096)
def spelled(word: str) -> str:
    """The one spelling under which words are compared: `Feed hold` and `FEED_HOLD` are one word."""
    return _BETWEEN.sub("_", word.strip()).casefold()


USUAL_WORDS: Mapping[str, State] = MappingProxyType(
    {word: state for state, words in _WORDS.items() for word in words.split()}
)
"""Canonical state by spelled word, for words that mean the same everywhere."""
