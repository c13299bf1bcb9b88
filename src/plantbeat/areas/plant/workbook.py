"""The plant workbook: one sheet for every kind of record people keep of a site, and for the lines they own.

Which sheets there are follows from the declarations: every record type of an area that belongs to a site, has
a key and is created and edited by people. Sheets come in the order they depend on each other.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from django.apps import apps
from django.utils.translation import gettext as _

from plantbeat.areas.plant.workbook_writing import explained, workbook
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.apps import AreaConfig
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of
from plantbeat.surfaces.export.workbook import Sheet, empty_sheet, filled_sheet
from plantbeat.surfaces.import_.columns import (
    Layout,
    Part,
    Plan,
    counts,
    folded,
    layouts,
    understood,
)
from plantbeat.surfaces.import_.reading import Table, read_tables

CLOSE = 0.8


def record_types() -> list[type[Record]]:
    """The record types of the workbook; each after those its needed links point at.

    Where two types point at each other, the first by name goes first and its optional links come last.
    """
    areas = [config.label for config in apps.get_app_configs() if isinstance(config, AreaConfig)]
    waiting = [model for model in registry.records() if model._meta.app_label in areas and _belongs(model)]
    ordered: list[type[Record]] = []
    while waiting:
        ranked = {one: (_obstacle(one, waiting), areas.index(one._meta.app_label)) for one in waiting}
        ordered.append(min(waiting, key=lambda one: (max(ranked[one][0], 1), ranked[one][1], ranked[one][0])))
        waiting.remove(ordered[-1])
    return ordered


def _obstacle(model: type[Record], waiting: Sequence[type[Record]]) -> int:
    """How much stands against a type being next: nothing, a circle of optional links, one, a needed link."""
    if _targets(model, needed=True) & set(waiting):
        return 3
    before = _targets(model) & set(waiting)
    in_circle = any(model in _targets(other) for other in before)
    return 0 if not before else 1 if in_circle else 2


def _belongs(model: type[Record]) -> bool:
    by_hand = bool(model.access.create and model.access.edit)
    return bool(model.scope == "site" and model.key and model.face.menu and by_hand)


def _targets(model: type[Record], *, needed: bool = False) -> set[type[Record]]:
    """Record types the fields of a record and of its lines link to, other than itself."""
    specs: list[FieldSpec] = [*fields_of(model).values()]
    for line in model.line_types().values():
        specs += fields_of(line).values()
    links = [spec for spec in specs if spec.kind == "link" and not (needed and spec.model_field.null)]
    named = {registry.record(code) for code in model.after}
    return ({spec.model_field.related_model for spec in links} | named) - {model}


def plant_layouts() -> list[Layout]:
    """Every sheet of the workbook, in order; owners before their lines."""
    return [layout for model in record_types() for layout in layouts(model)]


@dataclass(slots=True)
class Book:
    """A workbook as it is read: the sheets understood, and the names of those left out."""

    parts: list[Part]
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sheet is to be read that is not one of the plant workbook's own."""

    layout: str
    header_row: int | None = None
    mapping: dict[str, str] | None = None
    defaults: dict[str, str] | None = None


def read_book(file: BinaryIO, file_name: str, by: Actor, reading: Reading | None = None) -> Book:
    """Match the sheets of a file with those of the plant workbook; `reading` says what its only sheet is.

    Raises `Refused` if the file cannot be read or holds no sheet that is known.
    """
    tables, known = read_tables(file, file_name), plant_layouts()
    if reading is not None:
        return Book([_as_told(tables[0], reading, known, by)])
    found: dict[str, Part] = {}
    left_out: list[str] = []
    for table in tables:
        layout = next((one for one in known if folded(table.name) in one.names), None)
        if layout is None:
            left_out.append(table.name)
        elif layout.code in found:
            found[layout.code].faults.append(_twice(table, found[layout.code].table))
        else:
            found[layout.code] = understood(layout, table, by)
    titles = [layout.title for layout in known if layout.code not in found]
    for name in [name for name in left_out if name not in _own_pages()]:
        if close := difflib.get_close_matches(folded(name), [folded(title) for title in titles], 1, CLOSE):
            meant = next(title for title in titles if folded(title) == close[0])
            raise Refused(_unknown(name, _("is “%(title)s” meant?") % {"title": meant}))
    if not found:
        allowed = _("one of: %(choices)s") % {"choices": ", ".join(layout.title for layout in known)}
        raise Refused([_unknown(name, allowed) for name in left_out])
    left_out = [name for name in left_out if name not in _own_pages()]
    return Book([found[layout.code] for layout in known if layout.code in found], left_out)


def _own_pages() -> tuple[str, ...]:
    return "Instructions", _("Instructions"), "About", _("About")


def _unknown(name: str, allowed: str) -> Problem:
    return Problem(_("is no sheet of the plant workbook"), allowed=allowed, sheet=name)


def _twice(table: Table, first: Table) -> Problem:
    message = _("holds the same as sheet “%(sheet)s”; put the rows together") % {"sheet": first.name}
    return Problem(message, sheet=table.name)


def _as_told(table: Table, reading: Reading, known: Sequence[Layout], by: Actor) -> Part:
    layout = next(
        (one for one in known if folded(reading.layout) in one.names or one.code == reading.layout), None
    )
    if layout is None:
        allowed = ", ".join(one.title for one in known)
        raise Refused(Problem(_("is no sheet of the plant workbook"), "as", reading.layout, allowed))
    if reading.header_row not in (None, *(number for number, _row in table.lines)):
        message = _("there is no such row with titles")
        raise Refused(Problem(message, "header-row", reading.header_row, sheet=table.name))
    part = understood(layout, table, by, reading.header_row)
    part.defaults = part.defaults | (reading.defaults or {})
    _columns_told(part, reading)
    return part


def _columns_told(part: Part, reading: Reading) -> None:
    """Columns named on the command line go before those guessed."""
    columns = part.layout.columns
    for title, name in (reading.mapping or {}).items():
        if title not in part.table.header:
            allowed = ", ".join(title for title in part.table.header if title)
            raise Refused(Problem(_("there is no such column"), "column", title, allowed, part.table.name))
        _known_field(columns, "column", name)
        part.mapping = {t: n for t, n in part.mapping.items() if n != name} | {title: name}
    for name in reading.defaults or {}:
        _known_field(columns, "assume", name)


def _known_field(columns: Iterable[str], option: str, name: str) -> None:
    if name not in columns:
        allowed = _("fields: %(names)s") % {"names": ", ".join(columns)}
        raise Refused(Problem(_("there is no such field"), option, name, allowed))


def report(book: Book, plan: Plan) -> dict[str, Any]:
    """A plan as plain values: counts per sheet, every problem, what is left out."""
    return {
        "counts": plan.counts(),
        "sheets": [
            {
                "sheet": part.table.name,
                "type": part.layout.code,
                "rows": len(part.rows),
                **counts(part.rows),
                "lines_gone": part.gone,
                "columns_left_out": part.ignored,
                "assumed": sum(len(row.assumed) for row in part.rows),
            }
            for part in plan.parts
        ],
        "left_out": book.left_out,
        "problems": [problem.as_dict() for problem in plan.problems()],
    }


def filled_workbook(site: Site, by: Actor) -> bytes:
    """Everything the actor may read of a site, as its import takes it back."""
    readable = [layout for layout in plant_layouts() if by.sites(layout.model.access.read)]
    sheets = [filled_sheet(layout, by, site) for layout in readable]
    return workbook(sheets, instructions(sheets))


def empty_workbook(by: Actor) -> bytes:
    """The workbook with instructions, notes and drop-downs, ready to be filled in."""
    sheets = [empty_sheet(layout, by) for layout in plant_layouts()]
    return workbook(sheets, instructions(sheets))


def instructions(sheets: Sequence[Sheet]) -> Iterator[list[str]]:
    """How the workbook is filled in, then what each sheet and column takes."""
    yield [_("Plant workbook"), _("One sheet for each kind of record. Leave out the sheets you do not need.")]
    for text in (
        _("Each sheet has its titles in one row and one record per row below; the order of columns is free."),
        _("Dark titles are needed; every title has a note that says what it takes."),
        _("A record that is there already is known by its key and changed; nothing is removed."),
        _("On sheets of lines, the rows of one record together replace the lines it has."),
        _("Links name the other record by its code, whether it is in this workbook or already in the plant."),
        _("Write days as 2026-03-31 and times in the time zone of the site."),
        _("Codes with leading zeros stay text: the columns of codes are formatted so."),
        _("Coloured cells hold a value that was assumed; type the real one over it."),
        _("Load it in the browser, or with: plantbeat import plant.xlsx --site CODE"),
    ):
        yield ["", text]
    for sheet in sheets:
        layout = sheet.layout
        yield []
        key = [*layout.key_columns().values(), *(layout.line_type.line_key() if layout.line else ())]
        told = ", ".join(layout.columns[name].title for name in key if name in layout.columns)
        yield [layout.title, _("rows are told apart by: %(key)s") % {"key": told}]
        for column in sheet.columns:
            yield [f"   {column.title}", explained(column)]
