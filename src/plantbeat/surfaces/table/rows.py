"""A list as a table: the cells of a row with unit, alignment and tone; the same cells make a phone card."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec
from plantbeat.surfaces.addresses import address_of


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as people see it."""

    name: str
    label: str
    text: str
    unit: str
    numeric: bool
    tone: str = ""
    link: str = ""


def cell(record: Record | Line, spec: FieldSpec, *, unit_in_header: bool = True) -> Cell:
    """The value of one field of a record."""
    tone = link = ""
    if spec.kind == "state" and isinstance(record, Record):
        tone = record.states()[getattr(record, spec.name)].tone
    if spec.kind == "link" and isinstance(target := getattr(record, spec.name), Record):
        link = address_of(target)
    if spec.kind == "reference" and (there := spec.model_field.record_of(getattr(record, spec.name))):
        link = address_of(there)
    unit = spec.unit_of(record) if spec.unit == "" or not unit_in_header else ""
    return Cell(spec.name, str(spec.label), spec.shown(record), unit, spec.numeric, tone, link)
