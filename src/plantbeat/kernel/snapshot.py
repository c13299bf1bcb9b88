"""A record as plain values, for the log and for signatures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import fields_of


def snapshot(record: Record, *, lines: bool = True) -> dict[str, Any]:
    """All fields and lines of a record as JSON scalars and lists of them."""
    taken: dict[str, Any] = {name: _value(record, name) for name in fields_of(type(record))}
    if lines:
        for name, model in record.line_types().items():
            taken[name] = lines_snapshot(model, getattr(record, name).order_by(*model.line_key()))
    return taken


def lines_snapshot(model: type[Line], rows: Iterable[Line]) -> list[dict[str, Any]]:
    """Lines of one record as plain values."""
    return [{field: _value(row, field) for field in fields_of(model)} for row in rows]


def _value(row: Record | Line, name: str) -> Any:
    """Links enter as id, not as text, so that renaming what they point to changes no history."""
    spec = fields_of(type(row))[name]
    kept = spec.kind in ("link", "reference")
    return getattr(row, spec.model_field.attname) if kept else spec.plain(row)


def differences(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The two snapshots cut down to what differs."""
    changed = [name for name in before.keys() | after.keys() if before.get(name) != after.get(name)]
    return {n: before.get(n) for n in sorted(changed)}, {n: after.get(n) for n in sorted(changed)}
