"""One reading of a declaration for every door: what a field is, how text becomes its value and back.

Forms, the REST API, CSV and workbooks all hand text or JSON scalars to `FieldSpec.parse`; the message of
a fault and "what is allowed" are therefore the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from plantbeat.kernel import clock, fields
from plantbeat.kernel.access import among
from plantbeat.kernel.problems import Problem, Refused, Text
from plantbeat.kernel.record import Line, Parent, Record

NUMERIC = {"integer", "decimal", "quantity", "money", "duration"}
GROUPED_FROM = 10_000
TRUE_WORDS = {"true", "1", "yes", "y", "x", "ja", "sí", "si", "on"}
FALSE_WORDS = {"false", "0", "no", "n", "nein", "off"}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a record type or line as every surface sees it."""

    name: str
    kind: str
    words: Text
    reader: Callable[[FieldSpec, Any, int | None], Any] | None
    label: Text
    help: Text
    required: bool
    editable: bool
    unit: str
    model_field: Any

    @property
    def numeric(self) -> bool:
        """True if values stand right-aligned in a column."""
        return self.kind in NUMERIC

    def parse(self, raw: Any, site_id: int | None = None) -> Any:
        """Value of what a person or program gave; raises ValidationError with the reason.

        Links are given by natural key (or id as an integer) and looked up at the site.
        """
        if isinstance(raw, str):
            raw = raw.strip()
        if raw is None or raw == "":
            return self._empty()
        return self.reader(self, raw, site_id) if self.reader else _form_field(self.model_field).clean(raw)

    def _empty(self) -> Any:
        field = self.model_field
        if field.has_default() and not field.null:
            return field.get_default()
        if self.required:
            raise ValidationError(_("is required"), code="required")
        if field.null:
            return None
        return False if self.kind == "boolean" else ""

    def allowed(self) -> str:
        """What the field takes, in words for an error message, a workbook header or the docs."""
        field = self.model_field
        if self.kind in ("choice", "state"):
            return _("one of: %(choices)s") % {"choices": ", ".join(str(v) for v, _label in field.choices)}
        if self.kind == "link":
            return _("the code of an existing %(what)s") % {"what": field.related_model._meta.verbose_name}
        if self.kind == "text" and getattr(field, "max_length", None):
            return _("text of at most %(n)s characters") % {"n": field.max_length}
        words = [str(self.words)]
        limits = sorted(field.validators, key=lambda one: isinstance(one, MaxValueValidator))
        for validator in limits if self.kind != "duration" else ():
            limit = getattr(validator, "limit_value", 0)
            if isinstance(validator, MinValueValidator) and limit > -(2**31):
                words.append(_("at least %(low)s") % {"low": limit})
            elif isinstance(validator, MaxValueValidator) and limit < 2**31 - 1:
                words.append(_("at most %(high)s") % {"high": limit})
        return ", ".join(words) + (f" ({self.unit})" if self.unit else "")

    def plain(self, record: models.Model) -> Any:
        """Value as a JSON scalar: what the log, the API and a re-import carry. Links by natural key."""
        value = getattr(record, self.name)
        if isinstance(value, Record):
            return value.key_text()
        if self.kind == "reference":
            return self.model_field.key_of(value)
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        if isinstance(value, datetime | date | time):
            return value.isoformat()
        if self.kind == "instant" and value is not None:
            return clock.from_us(value).isoformat()
        if self.kind == "duration" and value is not None:
            return fields.duration_text(value, self.unit)
        return str(value) if isinstance(value, str) else value

    def shown(self, record: models.Model) -> str:
        """Value as a person reads it, in the active language, without the unit."""
        value = getattr(record, self.name)
        if value is None or value == "":
            return ""
        if self.kind in ("choice", "state"):
            return str(dict(self.choices()).get(value, value))
        if self.kind == "boolean":
            return _("yes") if value else _("no")
        if self.kind == "instant":
            return f"{timezone.localtime(clock.from_us(value)):%Y-%m-%d %H:%M:%S}"
        if self.kind in NUMERIC:
            of_one = fields.DURATION_UNITS_US[self.unit] if self.kind == "duration" else 1
            return _grouped(Decimal(value) / of_one)
        if isinstance(value, datetime):
            return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        return str(self.model_field.name_of(value) if self.kind == "reference" else value)

    def choices(self) -> list[tuple[str, Text]]:
        """Values of a choice or state with their labels; none of other fields."""
        return list(self.model_field.flatchoices or ())

    def unit_of(self, record: models.Model) -> str:
        """Unit of the value in one record, fixed or read from a neighbour."""
        field = self.model_field
        return field.unit_of(record) if isinstance(field, fields.QuantityField) else self.unit


@cache
def _form_field(field: models.Field[Any, Any]) -> forms.Field:
    return cast("forms.Field", field.formfield())


def _grouped(value: Decimal) -> str:
    return str(number_format(Decimal(f"{value.normalize():f}"), force_grouping=abs(value) >= GROUPED_FROM))


def _read_boolean(spec: FieldSpec, raw: Any, site_id: int | None) -> bool:
    word = str(raw).strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ValidationError(_("“%(value)s” is neither yes nor no") % {"value": raw}, code="invalid")


def _read_choice(spec: FieldSpec, raw: Any, site_id: int | None) -> str:
    wanted = str(raw).strip().casefold()
    for value, label in spec.choices():
        if wanted in (str(value).casefold(), str(label).casefold()):
            return str(value)
    raise ValidationError(_("“%(value)s” is not one of the choices") % {"value": raw}, code="invalid_choice")


def _read_link(spec: FieldSpec, raw: Any, site_id: int | None) -> Record:
    model = spec.model_field.related_model
    if isinstance(raw, model):
        return cast("Record", raw)
    found = find(model, raw, site_id)
    if found is None:
        message = _("there is no %(what)s “%(key)s” here") % {"what": model._meta.verbose_name, "key": raw}
        raise ValidationError(message, code="unknown")
    return found


def _read_reference(spec: FieldSpec, raw: Any, site_id: int | None) -> Any:
    return spec.model_field.read(str(raw), lambda model, key: find(model, key, site_id))


def _read_duration(spec: FieldSpec, raw: Any, site_id: int | None) -> int:
    us = fields.duration_us(str(raw), spec.unit)
    spec.model_field.run_validators(us)
    return us


Links = dict[tuple[type[Record], Any, int | None], Record | None]
_links: ContextVar[Links | None] = ContextVar("links", default=None)


@contextmanager
def remembered_links() -> Iterator[Links]:
    """Look up each link once while many rows are read; what is put into the dict is found too."""
    known: Links = {}
    token = _links.set(known)
    try:
        yield known
    finally:
        _links.reset(token)


def find_many(model: type[Record], keys: Iterable[str], site_id: int | None) -> None:
    """Look up many natural keys at once for the `remembered_links()` around it."""
    known, names = _links.get(), model.own_key()
    if known is None or len(names) != 1 or not isinstance(model._meta.get_field(names[0]), models.CharField):
        return
    wanted = [key for key in keys if (model, key, site_id) not in known]
    known |= {(model, key, site_id): None for key in wanted}
    for row in among(model.at_site(model._default_manager.all(), site_id), names[0], wanted):
        known[model, getattr(row, names[0]), site_id] = row


def find(model: type[Record], key: Any, site_id: int | None) -> Record | None:
    """A record by id (integer) or natural key text, at a site where the type belongs to sites."""
    known, place = _links.get(), (model, key, site_id)
    if known is None:
        return _found(model, key, site_id)
    if place not in known:
        known[place] = _found(model, key, site_id)
    return known[place]


def _found(model: type[Record], key: Any, site_id: int | None) -> Record | None:
    rows = model.at_site(model._default_manager.all(), site_id)
    if isinstance(key, int):
        return rows.filter(pk=key).first()
    names, parts = model.own_key(), [part.strip() for part in str(key).split(" / ")]
    if len(parts) != len(names):
        return None
    wanted: dict[str, Any] = {}
    for name, part in zip(names, parts, strict=True):
        linked: Any = model._meta.get_field(name).related_model
        wanted[name] = find(linked, part, site_id) if linked else part
    return None if None in wanted.values() else rows.filter(**wanted).first()


Reader = Callable[[FieldSpec, Any, int | None], Any]
_KINDS: list[tuple[type[models.Field[Any, Any]], str, Text, Reader | None]] = [
    (fields.StateField, "state", "", None),
    (fields.ChoiceField, "choice", "", _read_choice),
    (fields.NumberField, "number", _lazy("a number of its own, or empty for the next one"), None),
    (
        fields.ReferenceField,
        "reference",
        _lazy("type and key of a record, as in “planning.WorkOrder:WO-000123”"),
        _read_reference,
    ),
    (fields.DurationField, "duration", _lazy("a duration as in 38, 1.5 min or 00:01:30"), _read_duration),
    (fields.InstantField, "instant", "", None),
    (fields.QuantityField, "quantity", _lazy("a number"), None),
    (fields.MoneyField, "money", _lazy("an amount"), None),
    (models.ForeignKey, "link", "", _read_link),
    (models.BooleanField, "boolean", _lazy("yes or no"), _read_boolean),
    (models.DecimalField, "decimal", _lazy("a number"), None),
    (models.IntegerField, "integer", _lazy("a whole number"), None),
    (models.DateTimeField, "datetime", _lazy("a date and time as in 2026-03-31 14:30"), None),
    (models.DateField, "date", _lazy("a date as in 2026-03-31"), None),
    (models.TimeField, "time", _lazy("a time as in 14:30"), None),
    (models.TextField, "long_text", "", None),
    (models.Field, "text", _lazy("text"), None),
]
"""Field class, kind, what it takes in words, how it is read where its form field does not; first match."""


def _spec(field: Any) -> FieldSpec:
    _cls, kind, words, reader = next(row for row in _KINDS if isinstance(field, row[0]))
    return FieldSpec(
        name=field.name,
        kind=kind,
        words=words,
        reader=reader,
        label=field.verbose_name,
        help=field.help_text,
        required=not field.blank and not field.has_default() and kind not in ("boolean", "number"),
        editable=field.editable and not field.primary_key,
        unit=getattr(field, "unit", ""),
        model_field=field,
    )


@cache
def fields_of(model: type[Record] | type[Line]) -> Mapping[str, FieldSpec]:
    """All fields a surface may show, by name: no ids, versions, secrets or links to the owner."""
    left_out = {"id", "version", *getattr(model, "secrets", ())}
    return {
        field.name: _spec(field)
        for field in model._meta.concrete_fields
        if field.name not in left_out and not isinstance(field, Parent)
    }


def keyed_fields(model: type[Record] | type[Line]) -> dict[str, FieldSpec]:
    """Fields a person fills in."""
    return {name: spec for name, spec in fields_of(model).items() if spec.editable}


def parsed(
    model: type[Record] | type[Line], raw: Mapping[str, Any], site_id: int | None,
    only: Iterable[str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Values of the fields present in `raw`, lines as lists of them.

    Raises `Refused` with every problem found, unknown names too; those of a line carry its number as `row`.
    """
    specs = keyed_fields(model)
    names = specs.keys() if only is None else set(only)
    lines = model.line_types() if issubclass(model, Record) else {}
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, given in raw.items():
        if name in lines and isinstance(given, list):
            values[name] = []
            for place, line in enumerate(given, 1):
                try:
                    values[name].append(_line_parsed(lines[name], line, site_id, name))
                except Refused as refused:
                    problems += [replace(one, sheet=name, row=place) for one in refused.problems]
        elif name not in specs or name not in names:
            known = _("fields: %(names)s") % {"names": ", ".join(sorted(set(names) | lines.keys()))}
            problems.append(Problem(_("there is no such field"), name, given, known))
        else:
            try:
                values[name] = specs[name].parse(given, site_id)
            except ValidationError as error:
                problems += [Problem(m, name, given, specs[name].allowed()) for m in error.messages]
    if problems:
        raise Refused(problems)
    return values


def _line_parsed(model: type[Line], raw: Any, site_id: int | None, name: str) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise Refused(Problem(_("must be a set of fields"), name, raw))
    return parsed(model, raw, site_id)
