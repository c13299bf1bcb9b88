"""What the product says in a handoff: kept as message and values, so that each reader gets their language.

Sentences are made with translations switched off (`unspoken`): then `_()` gives the message itself. They are
spoken when somebody reads them.
"""

from __future__ import annotations

from contextlib import AbstractContextManager

import msgspec
from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format

from plantbeat.surfaces.templatetags.records import duration

LONGEST = 500
"""Characters of one sentence."""


class Said(msgspec.Struct, frozen=True, tag="said"):
    """A message of the catalogue with its values; of a plural also `many` and the `n` that decides."""

    message: str
    values: dict[str, Value] = {}
    many: str = ""
    n: int = 0


class Number(msgspec.Struct, frozen=True, tag="number"):
    """A number, written as the reader's language does."""

    value: float
    digits: int = 0


class Lasting(msgspec.Struct, frozen=True, tag="lasting"):
    """A duration, said as every page says it."""

    us: int


class Joined(msgspec.Struct, frozen=True, tag="joined"):
    """Parts one after the other, something between them and something after the last."""

    parts: list[Value]
    between: str = ""
    end: str = ""


Value = str | Said | Number | Lasting | Joined
"""Something to say; a plain text is somebody's own (a name, a note, a time) and the same in all languages."""


def plural(one: str, many: str, n: int, **values: Value) -> Said:
    """A message that depends on a number, which its text calls `n`."""
    return Said(one, {"n": Number(n), **values}, many, n)


def spoken(said: Value) -> str:
    """What is said, in the language that is active; what is too long for a sentence ends with an ellipsis."""
    text = _spoken(said).replace(" %", "\u00a0%")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _spoken(said: Value) -> str:
    match said:
        case str():
            return said
        case Number():
            return number_format(round(said.value, said.digits), said.digits, force_grouping=True)
        case Lasting():
            return duration(said.us)
        case Joined():
            return said.between.join(map(_spoken, said.parts)) + said.end
    found = translation.ngettext(said.message, said.many, said.n) if said.many else _told(said.message)
    return found % {name: _spoken(value) for name, value in said.values.items()} if said.values else found


def _told(message: str) -> str:
    return translation.gettext(message) if message else ""


def unspoken() -> AbstractContextManager[None]:
    """While sentences are made: `_()` and lazy texts give their message, in no language."""
    return translation.override(None)


def kept(said: Value) -> str:
    """What is said in the installation's language, for search and for the log."""
    with translation.override(settings.LANGUAGE_CODE):
        return spoken(said)
