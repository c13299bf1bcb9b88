"""Who changed what, when: the change log of one record as the actor may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, hidden_fields
from plantbeat.kernel.log import Change
from plantbeat.kernel.questions import changes_of, names_of, names_of_records
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of


@dataclass(frozen=True, slots=True)
class Moment:
    """One act in a record's history."""

    at: datetime
    who: str
    verb: str
    door: str
    changes: list[tuple[str, str, str]]
    reason: str
    signature: dict[str, Any] | None
    hash: str


def history(record: Record, by: Actor, limit: int = 200) -> list[Moment]:
    """The latest acts on a record, newest first; fields the actor may not read are left out."""
    model = type(record)
    rows = changes_of(record, limit)
    names = names_of(row.actor for row in rows)
    hidden = hidden_fields(model, by, record.site_id_of_record)
    links = _linked(model, rows)
    return [
        Moment(
            clock.from_us(row.at_us),
            names.get(row.actor) or row.actor.removeprefix("system:"),
            _label(model, row.verb),
            row.door,
            _changes(model, row, hidden, links),
            row.reason,
            row.signature,
            row.hash,
        )
        for row in rows
    ]


def _label(model: type[Record], verb: str) -> str:
    words = {"create": _("created"), "edit": _("changed"), "remove": _("removed")}
    step = model.steps().get(verb)
    return str(step.label) if step else words.get(verb, verb)


def _linked(model: type[Record], rows: list[Change]) -> dict[tuple[str, int], str]:
    """Today's names of what links pointed to, one query per link field."""
    found: dict[tuple[str, int], str] = {}
    for name, spec in fields_of(model).items():
        if spec.kind != "link":
            continue
        wanted = {
            side[name] for row in rows for side in (row.before, row.after) if isinstance(side.get(name), int)
        }
        for pk, text in names_of_records(spec.model_field.related_model, wanted).items():
            found[name, pk] = text
    return found


def _changes(
    model: type[Record], row: Change, hidden: frozenset[str], links: dict[tuple[str, int], str]
) -> list[tuple[str, str, str]]:
    specs = fields_of(model)
    private = {value.field: value for value in row.private.all()}
    changes = []
    for name in [*specs, *model.line_types()]:
        if name in hidden or (name not in row.before and name not in row.after):
            continue
        before, after = row.before.get(name), row.after.get(name)
        if name in model.access.private:
            kept = private.get(name)
            before, after = (kept.before, kept.after) if kept else ("…", "…")
        if before in (None, "", []) and after in (None, "", []):
            continue
        label = (
            str(specs[name].label)
            if name in specs
            else str(model.line_types()[name]._meta.verbose_name_plural)
        )
        changes.append((label, _shown(specs.get(name), before, links), _shown(specs.get(name), after, links)))
    return changes


def _shown(spec: FieldSpec | None, value: Any, links: dict[tuple[str, int], str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return str(len(value))
    if spec is None:
        return str(value)
    if spec.kind == "link":
        return links.get((spec.name, value), f"#{value}")
    if spec.kind in ("choice", "state"):
        return str(dict(spec.model_field.flatchoices).get(value, value))
    if spec.kind == "datetime":
        return f"{timezone.localtime(datetime.fromisoformat(value)):%Y-%m-%d %H:%M}"
    return f"{value} {spec.unit}".strip()
