"""What a fact can say, by kind: the table of kinds, and the reading and writing of bodies.

Whatever needs to know a kind (ingest, the views, the reference page) reads it from here; a new kind is a new
class in `bodies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from plantbeat.facts import bodies
from plantbeat.facts.declaration import DECLARED, JSON, Body, FactKind, reader_sentence

__all__ = ["KINDS", "BodyError", "bodies", "body_json", "body_of"]

KINDS: Mapping[str, FactKind] = MappingProxyType(DECLARED)
"""Every kind by its code, in declared order."""

_TEXT = (msgspec.Raw, bytes, bytearray, memoryview)
_canonical = msgspec.json.Encoder(decimal_format="number")


class BodyError(ValueError):
    """A body that its kind does not allow; the message is one sentence that names the field."""


def body_json(of: FactKind, given: JSON | Body | Mapping[str, Any]) -> str:
    """The one spelling of a body: checked against its kind, declared order, defaults left out.

    Raises `BodyError` with the field and what is allowed.
    """
    try:
        if not isinstance(given, _TEXT):
            given = _canonical.encode(given)
        return _canonical.encode(of.read(given)).decode()
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as error:
        sentence = f"the body of “{of.code}” is wrong: {reader_sentence(error)} ({_fields(of)})"
        raise BodyError(sentence) from None


def body_of(code: str, stored: str) -> Body:
    """The body of a stored fact. KeyError if there is no such kind."""
    return KINDS[code].read(stored.encode())


def _fields(of: FactKind) -> str:
    names = [field.name if field.required else f"[{field.name}]" for field in msgspec.structs.fields(of.body)]
    return f"fields: {', '.join(names)}" if names else "it has no fields"
