"""The inputs of a list's filter bar, from the declaration."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of
from plantbeat.surfaces.filter.query import RANGED

MOST = 200


@dataclass(frozen=True, slots=True)
class FilterInput:
    """One filter: a choice of values, a range, or text."""

    name: str
    label: str
    unit: str
    widget: str
    options: list[tuple[str, str, bool]]
    text: str = ""
    low: str = ""
    high: str = ""


def filter_inputs(model: type[Record], by: Actor, given: QueryDict, site: Site | None) -> list[FilterInput]:
    """Filters the record type declares, with what is set now."""
    hidden = hidden_fields(model, by, site.pk if site else None)
    specs = fields_of(model)
    return [
        _input(specs[name], by, given, site)
        for name in model.face.filters
        if name in specs and name not in hidden
    ]


def _input(spec: FieldSpec, by: Actor, given: QueryDict, site: Site | None) -> FilterInput:
    chosen = set(given.getlist(spec.name))
    label, name = str(spec.label), spec.name
    if spec.kind in ("choice", "state"):
        options = [(str(v), str(text), str(v) in chosen) for v, text in spec.model_field.flatchoices]
        return FilterInput(name, label, "", "choice", options)
    if spec.kind == "boolean":
        options = [("yes", _("yes"), "yes" in chosen), ("no", _("no"), "no" in chosen)]
        return FilterInput(name, label, "", "choice", options)
    if spec.kind == "link":
        model = spec.model_field.related_model
        rows = visible(model, by)
        if site is not None and model.scope not in (None, "id"):
            rows = rows.filter(**{model.scope: site})
        options = [
            (str(r.pk), str(r), str(r.pk) in chosen)
            for r in rows.order_by(*(model.face.order or ["pk"]))[:MOST]
        ]
        return FilterInput(name, label, "", "choice", options)
    if spec.kind in RANGED:
        low, high = given.get(f"{name}_from", ""), given.get(f"{name}_to", "")
        widget = "dates" if spec.kind in ("date", "datetime") else "range"
        return FilterInput(name, label, spec.unit, widget, [], low=low, high=high)
    return FilterInput(name, label, "", "text", [], text=given.get(name, ""))
