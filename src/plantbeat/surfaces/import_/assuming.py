"""What an import assumed where the file said nothing, kept until somebody knows better."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import fields_of
from plantbeat.surfaces.import_.plans import RowPlan
from plantbeat.surfaces.models import Assumption


def keep_assumptions(
    rows: Sequence[RowPlan], ids: Sequence[int], site: Site, by: Actor, source: str, *, new: bool = False
) -> None:
    """Note what the rows assume of the records with these ids, and forget what they now give.

    `new` says that the records have just been made, so that nothing is known of them yet.
    """
    trusted = by.for_the_product()
    code = rows[0].part.layout.model.type_code()
    pieces = [(pk, line, one) for row, pk in zip(rows, ids, strict=True) for line, one in _pieces(row)]
    if not new:
        known = visible(Assumption, trusted).filter(record_type=code, record_id__in=ids)
        given = (
            {(pk, line, name) for pk, line, one in pieces for name in one.given()} if known.exists() else ()
        )
        better = [{"id": one.pk} for one in known if (one.record_id, one.line, one.field) in given]
        act_many(Assumption, "remove", trusted, better, reason=source)
    notes: list[dict[str, Any]] = [
        {
            "site": site,
            "record_type": code,
            "record_id": pk,
            "line": line,
            "field": name,
            "value": plain_value(one.record, name),
            "source": source[:120],
        }
        for pk, line, one in pieces
        for name in one.assumed
    ]
    act_many(Assumption, "create", trusted, notes, reason=source)


def assumed_fields(model: type[Record], site: Site, by: Actor) -> dict[int, dict[tuple[str, str], str]]:
    """What imports assumed of records of a site: id → (line, field) → value; no line for its own fields."""
    found: dict[int, dict[tuple[str, str], str]] = defaultdict(dict)
    rows = visible(Assumption, by).filter(site=site, record_type=model.type_code())
    for pk, line, name, value in rows.values_list("record_id", "line", "field", "value"):
        found[pk][line, name] = value
    return found


def plain_value(row: Record | Line, name: str) -> str:
    """A field as an assumption keeps it, to see whether it still holds."""
    return str(fields_of(type(row))[name].plain(row))[:200]


def line_label(name: str, line: Line) -> str:
    """How an assumption names a line of a record: `operations 10`."""
    specs = fields_of(type(line))
    return " ".join([name, *(str(specs[field].plain(line)) for field in line.line_key())])


def _pieces(row: RowPlan) -> Iterator[tuple[str, RowPlan]]:
    yield "", row
    for name, lines in row.lines.items():
        for one in lines:
            yield line_label(name, one.record), one
