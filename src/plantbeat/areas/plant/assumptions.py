"""What imports assumed, and which assumptions are worth most to fix."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet

from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Line, Parent, Record
from plantbeat.kernel.schema import fields_of
from plantbeat.surfaces.import_.columns import line_label, plain_value
from plantbeat.surfaces.models import Assumption

WORST = 10
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """An assumption that still holds: the record, the field, and how many records point there."""

    assumption: Assumption
    record: Record
    label: str
    dependents: int


def standing_assumptions(site: Site, by: Actor) -> list[Standing]:
    """Assumptions whose value nobody has changed since, the most pointed-at first.

    Counted are the records and lines that point at the record; where its own key is a link (the item of a
    routing, of a bill of materials, of an ideal cycle), also those that point at the linked record.
    """
    rows = visible(Assumption, by).filter(site=site).order_by("record_type", "record_id", "pk")
    found: list[Standing] = []
    for code in sorted(set(rows.values_list("record_type", flat=True))):
        model = registry.record(code)
        mine = list(rows.filter(record_type=code))
        records = {one.pk: one for chunk in _chunks(mine) for one in _records(model, chunk, by)}
        lines = _lines(model, {one.record_id for one in mine if one.line}, by)
        dependents = _dependents(model, records, by)
        for one in mine:
            row = lines.get((one.record_id, one.line)) if one.line else records.get(one.record_id)
            if row is not None and plain_value(row, one.field) == one.value:
                label = " ".join(filter(None, (one.line, str(fields_of(type(row))[one.field].label))))
                found.append(Standing(one, records[one.record_id], label, dependents[one.record_id]))
    return sorted(found, key=lambda one: -one.dependents)


def _chunks(rows: list[Any]) -> Iterable[list[Any]]:
    return (rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK))


def _records(model: type[Record], chunk: list[Assumption], by: Actor) -> QuerySet[Record]:
    links = [name for name in model.own_key() if model._meta.get_field(name).is_relation]
    return visible(model, by).select_related(*links).filter(pk__in={one.record_id for one in chunk})


def _lines(model: type[Record], ids: set[int], by: Actor) -> dict[tuple[int, str], Line]:
    found: dict[tuple[int, str], Line] = {}
    for name, line_type in model.line_types().items() if ids else ():
        parent = line_type.parent_field()
        links = [field.name for field in line_type._meta.concrete_fields if field.is_relation]
        for chunk in _chunks(sorted(ids)):
            rows = lines_of(line_type, by).select_related(*links).filter(**{f"{parent.name}__in": chunk})
            found |= {(getattr(row, parent.attname), line_label(name, row)): row for row in rows}
    return found


def _dependents(model: type[Record], records: dict[int, Record], by: Actor) -> Counter[int]:
    """Record id → rows that point at it or at what its key links to."""
    counts = _pointing_at(model, set(records), by)
    for name in model.own_key():
        field: Any = model._meta.get_field(name)
        if not field.is_relation:
            continue
        linked = {pk: getattr(record, field.attname) for pk, record in records.items()}
        theirs = _pointing_at(field.related_model, set(linked.values()), by, but=model)
        counts.update({pk: theirs[target] for pk, target in linked.items()})
    return counts


def _pointing_at(
    model: type[Record], ids: set[int], by: Actor, but: type[Record] | None = None
) -> Counter[int]:
    counts = Counter[int]()
    for relation in model._meta.related_objects:
        source: Any = relation.related_model
        if source is but or isinstance(relation.field, Parent):
            continue
        if issubclass(source, Record):
            rows: QuerySet[Any] = visible(source, by)
        elif issubclass(source, Line):
            rows = lines_of(source, by)
        else:
            continue
        name = relation.field.name
        for chunk in _chunks(sorted(ids)):
            counted = rows.filter(**{f"{name}__in": chunk}).order_by().values(name).annotate(n=Count("pk"))
            counts.update(dict(counted.values_list(name, "n")))
    return counts
