"""One reading of a list's address (search, filters, sort, page) for page, API, exports and bulk edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, hidden_fields, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Line, Record
from plantbeat.kernel.schema import FieldSpec, fields_of

RESERVED = {"q", "sort", "page", "size", "columns", "site", "shape", "format", "view"}
RANGES = {"from": "gte", "to": "lte"}
MOST_OPTIONS = 200
RANGED = {"integer", "decimal", "quantity", "money", "duration", "date", "datetime"}


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force, as words, with the address that takes it off."""

    label: str
    value: str
    without: str


@dataclass(slots=True)
class ListQuery:
    """What is asked of a list: rows in order, the chips that say so, and the columns."""

    model: type[Record]
    rows: QuerySet[Record]
    columns: list[FieldSpec]
    chips: list[Chip]
    sort: str
    params: dict[str, list[str]]

    def address(self, **changes: str | None) -> str:
        """Query string of the same list with some parameters changed (None takes one off)."""
        params = {**self.params, **{k: [v] for k, v in changes.items() if v is not None}}
        for name, value in changes.items():
            if value is None:
                params.pop(name, None)
        return urlencode(params, doseq=True)


def list_query(model: type[Record], by: Actor, params: QueryDict, site: Site | None) -> ListQuery:
    """Read a list's parameters. Raises `Refused` for an unknown or hidden field or an impossible value."""
    given = {name: [str(value) for value in values] for name, values in params.lists()}
    hidden = hidden_fields(model, by, site.pk if site and model.scope else None) | hidden_fields(model, by)
    specs = {name: spec for name, spec in fields_of(model).items() if name not in hidden}
    rows = model.at_site(visible(model, by), site)
    chips: list[Chip] = []
    if text := " ".join(given.get("q", [])).strip():
        rows = rows.filter(matching(model, text, hidden))
    for name, values in given.items():
        if name in RESERVED or not (values := [value for value in values if value != ""]):
            continue
        condition, chip = _condition(specs, name, values, site)
        rows = rows.filter(condition)
        rest = urlencode({k: v for k, v in given.items() if k not in (name, "page")}, doseq=True)
        chips.append(Chip(*chip, rest))
    sort = given.get("sort", [""])[0]
    columns = _columns(model, specs, given.get("columns", []))
    loaded = joins(model, ["site", *(column.name for column in columns)])
    rows = rows.order_by(*_order(model, specs, sort)).select_related(*loaded)
    return ListQuery(model, rows, columns, chips, sort, given)


def listed(model: type[Record], by: Actor, site: Site | int | None) -> QuerySet[Any]:
    """Rows of the site in view that the actor may see, in the order of the type's lists."""
    return model.at_site(visible(model, by), site).order_by(*(model.face.order or ["pk"]))


def matching(model: type[Record], text: str, hidden: frozenset[str] = frozenset()) -> Q:
    """Condition of a search: every word in one of the searched fields."""
    fields = [name for name in model.face.search if name.split("__")[0] not in hidden]
    condition = Q()
    for word in text.split():
        in_any_field = Q(pk__in=[])
        for name in fields:
            in_any_field |= Q(**{f"{name}__icontains": word})
        condition &= in_any_field
    return condition


def _condition(
    specs: Mapping[str, FieldSpec], name: str, values: Sequence[str], site: Site | None
) -> tuple[Q, tuple[str, str]]:
    base, _sep, side = name.rpartition("_")
    if side in RANGES and base in specs and specs[base].kind in RANGED:
        spec = specs[base]
        value = _parsed(spec, values[0], site)
        sign = "≥" if side == "from" else "≤"
        return Q(**{f"{base}__{RANGES[side]}": value}), (str(spec.label), f"{sign} {values[0]}")
    if name not in specs:
        known = ", ".join(sorted(specs))
        raise Refused(Problem(_("there is no such field to filter by"), name, values[0], known))
    spec = specs[name]
    if spec.kind in ("text", "long_text", "number"):
        return Q(**{f"{name}__icontains": values[0]}), (str(spec.label), values[0])
    if values == ["none"]:
        return Q(**{f"{name}__isnull": True}), (str(spec.label), _("none"))
    parsed = [_parsed(spec, int(v) if spec.kind == "link" and v.isdigit() else v, site) for v in values]
    labels = dict(spec.choices())
    shown = ", ".join(str(labels.get(value, value)) for value in parsed)
    return Q(**{f"{name}__in": parsed}), (str(spec.label), shown)


def _parsed(spec: FieldSpec, value: Any, site: Site | None) -> Any:
    try:
        return spec.parse(value, site.pk if site else None)
    except ValidationError as error:
        raise Refused(Problem(error.messages[0], spec.name, value, spec.allowed())) from error


def _columns(model: type[Record], specs: Mapping[str, FieldSpec], wanted: Sequence[str]) -> list[FieldSpec]:
    names = [n for part in wanted for n in part.split(",") if n] or list(model.face.columns) or list(specs)
    if unknown := [name for name in names if name not in specs and name not in fields_of(model)]:
        raise Refused(Problem(_("there is no such column"), "columns", unknown[0], ", ".join(specs)))
    return [specs[name] for name in names if name in specs]


def _order(model: type[Record], specs: Mapping[str, FieldSpec], sort: str) -> list[str]:
    name = sort.lstrip("-")
    if name and name not in specs:
        raise Refused(Problem(_("there is no such field to sort by"), "sort", sort, ", ".join(specs)))
    spare = [one for one in [*model.face.order, "pk"] if one.lstrip("-") != name]
    return [_by_key(specs, one) for one in ([sort, *spare] if sort else spare)]


def _by_key(specs: Mapping[str, FieldSpec], name: str) -> str:
    """A link sorts by the natural key people see, not by its id."""
    sign, bare = ("-", name[1:]) if name.startswith("-") else ("", name)
    spec = specs.get(bare)
    if spec is None or spec.kind != "link":
        return name
    model = spec.model_field.related_model
    return "__".join([f"{sign}{bare}", *model.own_key()[-1:]])


def joins(model: type[Record] | type[Line], names: Iterable[str]) -> list[str]:
    """Links to load with the rows, so that showing them (and their keys) costs no query each."""
    found: list[str] = []
    for name in dict.fromkeys(names):
        spec = fields_of(model).get(name)
        if spec is not None and spec.kind == "link":
            target = spec.model_field.related_model
            found += [name, *(f"{name}__{deeper}" for deeper in joins(target, target.own_key()))]
    return found


def filter_inputs(
    model: type[Record], by: Actor, given: QueryDict, site: Site | None
) -> list[dict[str, Any]]:
    """Inputs of the filters the record type declares, with what is set now: choices, a range, or text."""
    hidden = hidden_fields(model, by, site.pk if site else None)
    shown = [name for name in model.face.filters if name not in hidden]
    return [_input(fields_of(model)[name], by, given, site) for name in shown]


def _input(spec: FieldSpec, by: Actor, given: QueryDict, site: Site | None) -> dict[str, Any]:
    name, chosen = spec.name, given.getlist(spec.name)
    made: dict[str, Any] = {
        "name": name,
        "label": str(spec.label),
        "widget": "text",
        "text": given.get(name, ""),
    }
    if spec.kind in ("choice", "state", "boolean", "link"):
        options = _options(spec, by, site)
        made |= {"widget": "choice", "options": [(value, text, value in chosen) for value, text in options]}
    elif spec.kind in RANGED:
        made["widget"] = "dates" if spec.kind in ("date", "datetime") else "range"
        made |= {"low": given.get(f"{name}_from", ""), "high": given.get(f"{name}_to", "")}
    return made


def _options(spec: FieldSpec, by: Actor, site: Site | None) -> list[tuple[str, str]]:
    if spec.kind == "boolean":
        return [("yes", _("yes")), ("no", _("no"))]
    if spec.kind == "link":
        rows = listed(spec.model_field.related_model, by, site)
        return [(str(row.pk), str(row)) for row in rows[:MOST_OPTIONS]]
    return [(str(value), str(label)) for value, label in spec.choices()]
