"""States of a lifecycle: one declaration with value, label, tone and shape."""

from __future__ import annotations

from typing import Any, ClassVar

from plantbeat.kernel.problems import Text


class State(str):
    """One state: a plain string in the database that knows how it is shown.

    `tone` is the colour's meaning (open, waiting, done, bad, off); `shape` repeats it for eyes that do not
    see the colour. As declared it has no value yet: that is its name in the `States` it stands in.
    """

    __slots__ = ("label", "shape", "tone")
    label: Text
    tone: str
    shape: str

    def __new__(cls, label: Text, tone: str, shape: str, value: str = "") -> State:
        made = super().__new__(cls, value)
        made.label, made.tone, made.shape = label, tone, shape
        return made


def open_(label: Text) -> State:
    """Somebody has to act."""
    return State(label, "open", "circle")


def waiting(label: Text) -> State:
    """Waits for time, evidence or somebody outside."""
    return State(label, "waiting", "half")


def done(label: Text) -> State:
    """Reached what it was made for."""
    return State(label, "done", "check")


def bad(label: Text) -> State:
    """Ended without reaching it, or needs attention now."""
    return State(label, "bad", "cross")


def off(label: Text) -> State:
    """No longer in force: cancelled, obsolete."""
    return State(label, "off", "dash")


class States:
    """Base of a record's nested `State` class; the first state declared is the one a new record has."""

    members: ClassVar[dict[str, State]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.members = {
            name: State(declared.label, declared.tone, declared.shape, name)
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
