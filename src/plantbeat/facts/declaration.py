"""How a kind of fact is declared: a `Body` class under `@kind(...)`, and what can be read off it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

JSON = bytes | bytearray | memoryview | msgspec.Raw


class Body(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """What a fact of one kind says beyond asset, time and actor. A field at its default is not stored."""


B = TypeVar("B", bound=Body)


@dataclass(frozen=True, slots=True)
class FactKind:
    """One kind of fact.

    schema_v  version of the body's declaration, stored with each fact
    carries   what it says lasts until something else is said, so it can reach the days after
    sent      sources may send it; otherwise only the product itself writes it
    """

    code: str
    schema_v: int
    body: type[Body]
    carries: bool
    sent: bool
    read: Callable[[JSON], Body]

    @property
    def meaning(self) -> str:
        """The declaration's docstring in one line."""
        return " ".join((self.body.__doc__ or "").split())


DECLARED: dict[str, FactKind] = {}


def kind(
    code: str, *, schema_v: int = 1, carries: bool = False, sent: bool = True
) -> Callable[[type[B]], type[B]]:
    """Declare a kind; the same code twice is a fault of the declaration."""

    def declare(body: type[B]) -> type[B]:
        if code in DECLARED:
            raise ValueError(f"two kinds of fact have the code {code}")
        DECLARED[code] = FactKind(code, schema_v, body, carries, sent, msgspec.json.Decoder(body).decode)
        return body

    return declare


def reader_sentence(error: Exception) -> str:
    """What the JSON reader found wrong, in words of the field: `expected int >= 0, at good`."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    text = str(error).replace("`", "").replace(" - at $.", ", at ").replace(" - at $", "")
    return text[:1].lower() + text[1:]
