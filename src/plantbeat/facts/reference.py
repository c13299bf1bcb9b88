"""The kinds of facts as a page of the reference, read off their declarations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from msgspec import inspect

from plantbeat.facts.declaration import FactKind
from plantbeat.facts.kinds import KINDS


def kinds_in_markdown() -> str:
    """Every kind with its meaning and the fields of its body."""
    return "\n\n".join(_section(kind) for kind in KINDS.values()) + "\n"


def _section(kind: FactKind) -> str:
    parts = [f"### `{kind.code}`", kind.meaning]
    if not kind.sent:
        parts.append("Written by Plantbeat only; a source cannot send it.")
    rows = [
        f"| `{note.name}` | {note.allowed} | {'yes' if note.required else 'no'} | {note.meaning} |"
        for note in field_notes(kind)
    ]
    if rows:
        head = ["| Field | Allowed | Required | Meaning |", "| --- | --- | --- | --- |"]
        parts.append("\n".join([*head, *rows]))
    else:
        parts.append("The body has no fields.")
    return "\n\n".join(parts)


@dataclass(frozen=True, slots=True)
class FieldNote:
    """One field of a body for the reference page."""

    name: str
    allowed: str
    required: bool
    meaning: str


def field_notes(of: FactKind) -> Iterator[FieldNote]:
    """Fields of a kind's body, as declared."""
    described = cast("inspect.StructType", inspect.type_info(of.body))
    for field in described.fields:
        meaning = ""
        shown = field.type
        if isinstance(shown, inspect.Metadata):
            meaning = (shown.extra_json_schema or {}).get("description", "")
            shown = shown.type
        yield FieldNote(field.name, _allowed(shown), field.required, meaning)


def _allowed(shown: inspect.Type) -> str:
    if isinstance(shown, inspect.Metadata):
        return _allowed(shown.type)
    if isinstance(shown, inspect.UnionType):
        kinds = [t for t in shown.types if not isinstance(t, inspect.NoneType)]
        decimal = [t for t in kinds if isinstance(t, inspect.DecimalType)]
        return " or ".join(_allowed(t) for t in decimal or kinds)
    if isinstance(shown, inspect.IntType):
        return f"whole number, {shown.ge:,} to {shown.le:,}"
    if isinstance(shown, inspect.StrType):
        return f"text of {shown.min_length or 0} to {shown.max_length} characters"
    if isinstance(shown, inspect.LiteralType):
        return ", ".join(f"`{value}`" for value in shown.values)
    return {inspect.DecimalType: "number", inspect.BoolType: "true or false"}[type(shown)]
