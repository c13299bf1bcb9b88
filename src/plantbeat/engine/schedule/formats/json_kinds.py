"""Kinds of JSON values: what is allowed, what is wrong with a value and where; the same as JSON Schema."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from plantbeat.engine.schedule.formats.faults import MOST_FAULTS, shown_limit

Path = tuple[str | int, ...]
_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class JsonFault:
    """Something wrong at a place in a JSON document: what, and what is allowed."""

    path: Path
    said: str

    def __str__(self) -> str:
        return f"{shown_path(self.path)} {self.said}"


class TooManyFaults(Exception):  # noqa: N818  # a signal, not an error of the reader
    """Enough has been found."""


class Found:
    """Faults as they are found; with the last of `most` the reading ends (None = never)."""

    def __init__(self, most: int | None = MOST_FAULTS) -> None:
        self.faults: list[JsonFault] = []
        self._most = most

    def add(self, path: Path, said: str) -> None:
        """Note a fault; raises TooManyFaults with the last one allowed."""
        self.faults.append(JsonFault(path, said))
        if len(self.faults) == self._most:
            raise TooManyFaults


class Keys(dict[str, Any]):
    """A JSON object that remembers which of its keys were given more than once."""

    twice: tuple[str, ...] = ()


def keys_of(pairs: list[tuple[str, Any]]) -> Keys:
    """Hook for `json.loads`."""
    keys = Keys(pairs)
    if len(keys) < len(pairs):
        times = Counter(key for key, _ in pairs)
        keys.twice = tuple(key for key in keys if times[key] > 1)
    return keys


def shown_path(path: Path) -> str:
    """A place in a document, as in `$.orders[3].minutes["M 1"]`."""
    text = "$"
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if _PLAIN_KEY.fullmatch(part) else f"[{json.dumps(part, ensure_ascii=False)}]"
    return text


def shown(value: Any) -> str:
    """A value as JSON, cut short."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}…"


class Kind(Protocol):
    """What a value may be."""

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        ...

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note everything wrong with a value."""
        ...

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        ...


@dataclass(frozen=True)
class Whole:
    """A whole number within limits; true, false and 1.0 are none."""

    lowest: int
    highest: int

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"a whole number from {shown_limit(self.lowest)} to {shown_limit(self.highest)}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no number or outside the limits."""
        if type(value) is not int or not self.lowest <= value <= self.highest:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}


@dataclass(frozen=True)
class Text:
    """A text of at least so many characters."""

    shortest: int = 1

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return "a text" if self.shortest else "a text, which may be empty"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no text or too short."""
        if type(value) is not str or len(value) < self.shortest:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"type": "string"} | ({"minLength": self.shortest} if self.shortest else {})


@dataclass(frozen=True)
class Flag:
    """true or false."""

    allowed: str = "true or false"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is neither."""
        if type(value) is not bool:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True)
class Exactly:
    """One value and no other."""

    value: str | int

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return shown(self.value)

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note another value."""
        if type(value) is not type(self.value) or value != self.value:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"const": self.value}


@dataclass(frozen=True)
class OneOf:
    """One of some words."""

    words: tuple[str, ...]

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"one of {', '.join(self.words)}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note another value."""
        if type(value) is not str or value not in self.words:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"enum": list(self.words)}


@dataclass(frozen=True)
class Span:
    """[from, to] in whole minutes, to after from; null as the second means for ever."""

    minute: Whole
    allowed: str = "[from, to] in whole minutes, to after from, or null: for ever"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no span of time."""
        pair = value if type(value) is list and len(value) == 2 else (None, None)
        inside = (type(end) is int and self.minute.lowest <= end <= self.minute.highest for end in pair)
        begins, ends = inside
        if not begins or not (pair[1] is None or (ends and pair[0] < pair[1])):
            given = json.dumps(value, ensure_ascii=False)
            given = given if len(given) <= 40 else f"{given[:40]}…"
            found.add(path, f"is {given}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema; that the second is later cannot be said there."""
        ends = {"type": ["integer", "null"]} | {k: v for k, v in self.minute.schema().items() if k != "type"}
        return {"type": "array", "prefixItems": [self.minute.schema(), ends], "minItems": 2, "maxItems": 2}


@dataclass(frozen=True)
class ListOf:
    """A list of one kind."""

    of: Kind
    at_least: int = 0

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return "a list of objects" if isinstance(self.of, Record) else f"a list, each {self.of.allowed}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no list, or what is wrong in it."""
        if type(value) is not list:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")
            return
        if len(value) < self.at_least:
            found.add(path, f"has {len(value)} entries; allowed are {self.at_least} or more")
        for at, one in enumerate(value):
            self.of.walk(one, (*path, at), found)

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        least = {"minItems": self.at_least} if self.at_least else {}
        return {"type": "array", "items": self.of.schema()} | least


@dataclass(frozen=True)
class ByName:
    """An object whose keys are names."""

    of: Kind
    name: str

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"an object: {self.of.allowed} by {self.name}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no object, or what is wrong in it."""
        if not isinstance(value, dict):
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")
            return
        _note_twice(value, path, found)
        for key, one in value.items():
            self.of.walk(one, (*path, key), found)

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"type": "object", "additionalProperties": self.of.schema()}


@dataclass(frozen=True)
class Either:
    """A plain value, or an object instead."""

    plain: Kind
    object: Kind

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"{self.plain.allowed}, or {self.object.allowed}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note what is wrong with an object, or else with the plain value."""
        if isinstance(value, dict):
            self.object.walk(value, path, found)
            return
        wrong = Found()
        self.plain.walk(value, path, wrong)
        if wrong.faults and type(value) is int:
            found.add(path, wrong.faults[0].said)
        elif wrong.faults:
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {"oneOf": [self.plain.schema(), self.object.schema()]}


@dataclass(frozen=True)
class Field:
    """A key of an object: its kind, what it says, and what holds where it is left out (text for people)."""

    name: str
    kind: Kind
    says: str
    default: str | None = None

    @property
    def required(self) -> bool:
        """Whether it may not be left out."""
        return self.default is None


@dataclass(frozen=True)
class Record:
    """An object of named fields; other keys are refused.

    `rule` says what is wrong between fields, each with its place in the object; it is asked only about
    objects whose fields are right by themselves.
    """

    title: str
    says: str
    fields: tuple[Field, ...]
    rule: Callable[[Any], Iterator[tuple[Path, str]]] | None = None

    @property
    def allowed(self) -> str:
        """What is allowed, in words."""
        return f"an object with {', '.join(field.name for field in self.fields)}"

    def walk(self, value: Any, path: Path, found: Found) -> None:
        """Note a value that is no object, keys that are missing, unknown or given twice, and wrong values."""
        if not isinstance(value, dict):
            found.add(path, f"is {shown(value)}; allowed is {self.allowed}")
            return
        before = len(found.faults)
        _note_twice(value, path, found)
        for field in self.fields:
            if field.name in value:
                field.kind.walk(value[field.name], (*path, field.name), found)
            elif field.required:
                found.add(path, f'has no "{field.name}"; allowed is {field.kind.allowed}')
        known = [field.name for field in self.fields]
        for key in value:
            if key not in known:
                found.add((*path, key), f"is unknown; allowed are {', '.join(known)}")
        for place, said in self.rule(value) if self.rule and len(found.faults) == before else ():
            found.add((*path, *place), said)

    def schema(self) -> dict[str, Any]:
        """The same as JSON Schema."""
        return {
            "title": self.title,
            "description": self.says,
            "type": "object",
            "properties": {f.name: f.kind.schema() | {"description": f.says} for f in self.fields},
            "required": [field.name for field in self.fields if field.required],
            "additionalProperties": False,
        }

    def records(self) -> Iterator[Record]:
        """This record and those inside it, outermost first."""
        yield self
        for field in self.fields:
            kind = field.kind.of if isinstance(field.kind, ListOf) else field.kind
            kind = kind.object if isinstance(kind, Either) else kind
            if isinstance(kind, Record):
                yield from kind.records()


def _note_twice(value: dict[str, Any], path: Path, found: Found) -> None:
    for key in value.twice if isinstance(value, Keys) else ():
        found.add((*path, key), "is given more than once; allowed is once")
