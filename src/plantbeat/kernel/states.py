"""States of a lifecycle: one declaration with value, label, tone and shape."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from plantbeat.kernel.problems import Text

TONES = {
    "open": ("circle", "Somebody has to act."),
    "waiting": ("half", "Waits for time, evidence or somebody outside."),
    "done": ("check", "Reached what it was made for."),
    "bad": ("cross", "Ended without reaching it, or needs attention now."),
    "off": ("dash", "No longer in force: cancelled, obsolete."),
}
"""What a colour means: the shape that repeats it for eyes that do not see it, and in words."""


class State(str):
    """One state: a plain string in the database that knows how it is shown.

    As declared it has no value yet: that is its name in the `States` it stands in.
    """

    __slots__ = ("label", "shape", "tone")
    label: Text
    tone: str
    shape: str

    def __new__(cls, label: Text, tone: str, value: str = "") -> State:
        made = super().__new__(cls, value)
        made.label, made.tone, made.shape = label, tone, TONES[tone][0]
        return made


open_ = partial(State, tone="open")
waiting = partial(State, tone="waiting")
done = partial(State, tone="done")
bad = partial(State, tone="bad")
off = partial(State, tone="off")


class States:
    """Base of a record's nested `State` class; the first state declared is the one a new record has."""

    members: ClassVar[dict[str, State]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.members = {
            name: State(declared.label, declared.tone, name)
            for name, declared in vars(cls).items()
            if isinstance(declared, State)
        }
        for name, state in cls.members.items():
            setattr(cls, name, state)

    @classmethod
    def first(cls) -> State:
        """State of a new record."""
        return next(iter(cls.members.values()))

    @classmethod
    def choices(cls) -> list[tuple[str, Text]]:
        """(value, label) pairs in declared order."""
        return [(str(state), state.label) for state in cls.members.values()]
