"""A record as JSON, and the JSON schema that describes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of, keyed_fields

JSON_TYPES: Mapping[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "string", "format": "decimal"},
    "quantity": {"type": "string", "format": "decimal"},
    "money": {"type": "string", "format": "decimal"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
}


def plain(record: Record, by: Actor, *, lines: bool = True) -> dict[str, Any]:
    """What the API says of a record: links by natural key, decimals as text, hidden fields left out."""
    model = type(record)
    hidden = hidden_fields(model, by, record.site_id_of_record) | hidden_fields(model, by)
    said: dict[str, Any] = {"id": record.pk, "version": record.version, "key": record.key_text()}
    said |= {name: spec.plain(record) for name, spec in fields_of(model).items() if name not in hidden}
    if lines:
        for name, line in model.line_types().items():
            specs = fields_of(line)
            links = [spec.name for spec in specs.values() if spec.kind == "link"]
            rows = getattr(record, name).select_related(*links).order_by(*line.line_key())
            said[name] = [{field: spec.plain(row) for field, spec in specs.items()} for row in rows]
    return said


def json_schema(model: type[Record], *, writing: bool, partial: bool = False) -> dict[str, Any]:
    """JSON schema of what the API takes (`writing`) or gives for a record type."""
    specs = keyed_fields(model) if writing else fields_of(model)
    schema = _object(specs, required=writing and not partial)
    for name, line in model.line_types().items():
        schema["properties"][name] = {
            "type": "array",
            "items": _object(keyed_fields(line) if writing else fields_of(line), required=writing),
        }
    version = {
        "type": "integer",
        "description": "The version you have in front of you; refused if it is no longer current.",
    }
    if writing and partial:
        schema["properties"]["version"] = version
    if not writing:
        schema["properties"] = {
            "id": {"type": "integer"},
            "version": {"type": "integer"},
            "key": {"type": "string"},
        } | schema["properties"]
    return schema


def _object(specs: Mapping[str, FieldSpec], *, required: bool) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {name: _property(spec) for name, spec in specs.items()},
    }
    if required and (names := [name for name, spec in specs.items() if spec.required]):
        schema["required"] = names
    return schema


def _property(spec: FieldSpec) -> dict[str, Any]:
    described = dict(JSON_TYPES.get(spec.kind, {"type": "string"}))
    if spec.kind in ("choice", "state"):
        described["enum"] = [str(value) for value, _label in spec.model_field.flatchoices]
    words = [str(spec.help) or str(spec.label), spec.allowed() if spec.editable else ""]
    described["description"] = "; ".join(word for word in words if word)
    if spec.unit:
        described["x-unit"] = spec.unit
    if spec.model_field.null:
        described["nullable"] = True
    return described
