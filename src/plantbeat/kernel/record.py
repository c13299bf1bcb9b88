"""The base of every record type: one declaration that lists, forms, the API, imports and tests read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.base import ModelBase
from django.utils.text import camel_case_to_spaces, slugify
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import Access, Actor, among
from plantbeat.kernel.fields import NumberField, StateField
from plantbeat.kernel.lifecycle import Lifecycle, Step
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.states import State, States


@dataclass(frozen=True, slots=True)
class Face:
    """What any surface shows of a record: the columns of lists, filters, search and panels."""

    columns: Sequence[str] = ()
    filters: Sequence[str] = ()
    search: Sequence[str] = ()
    order: Sequence[str] = ()
    panels: Sequence[Any] = ()
    label: bool = False
    icon: str = "file"
    menu: bool = True


class RecordBase(ModelBase):
    """Completes a declaration: state field of the lifecycle, unique constraint of the natural key."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any], **options: Any) -> Any:
        meta = attrs.get("Meta")
        states = attrs.get("State")
        if states is not None and issubclass(states, States):
            first, choices = str(states.first()), states.choices()
            attrs.setdefault("state", StateField(verbose_name=_("state"), choices=choices, default=first))
        key = attrs.get("key", ())
        if meta is not None and key and not getattr(meta, "abstract", False):
            unique = models.UniqueConstraint(fields=list(key), name=f"{meta.db_table}_key")
            meta.constraints = [unique, *getattr(meta, "constraints", [])]
        return super().__new__(mcs, name, bases, attrs, **options)


class Record(models.Model, metaclass=RecordBase):
    """One kind of thing the plant keeps a record of.

    Declared by a subclass: fields, `key` (natural key that imports and labels use), `scope` (path to the
    site, or None for records of the whole installation), `access`, `face`, and, where it has one,
    `State` with `lifecycle`. `key` becomes a unique constraint. `after` names types that rules look up by
    code, without a link, so that an import writes them first.
    """

    version = models.PositiveIntegerField(default=1, editable=False)

    # Pages hand record types to templates, which would otherwise make an empty record of them.
    do_not_call_in_templates: ClassVar[bool] = True
    if TYPE_CHECKING:
        state: str

    key: ClassVar[Sequence[str]] = ()
    scope: ClassVar[str | None] = "site"
    access: ClassVar[Access] = Access()
    face: ClassVar[Face] = Face()
    after: ClassVar[Sequence[str]] = ()
    lifecycle: ClassVar[Lifecycle | None] = None
    actions: ClassVar[Sequence[Step]] = ()
    secrets: ClassVar[Sequence[str]] = ()
    has_new_lines = False  # true once `write_lines` has written, so that a step need not read them again

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.key_text() or f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def type_code(cls) -> str:
        """Stable code of the type, as in references and the log: `planning.WorkOrder`."""
        return f"{cls._meta.app_label}.{cls.__name__}"

    @classmethod
    def slug(cls) -> str:
        """The type in addresses: `work-orders`."""
        plural = cls.__dict__.get("plural_slug") or _plural(camel_case_to_spaces(cls.__name__))
        return slugify(plural)

    @classmethod
    def states(cls) -> dict[str, State]:
        """States by value; empty without a lifecycle."""
        declared = getattr(cls, "State", None)
        return cast("dict[str, State]", declared.members) if declared is not None else {}

    @classmethod
    def steps(cls) -> dict[str, Step]:
        """Named operations beyond create, edit and remove: lifecycle steps, then plain actions."""
        steps = dict(cls.lifecycle.steps) if cls.lifecycle else {}
        return steps | {one.verb: one for one in cls.actions}

    @classmethod
    def own_key(cls) -> list[str]:
        """Fields that tell the records of one site apart: the natural key, less the site if more follows."""
        return [one for one in cls.key if not (one == "site" and cls.scope == "site")] or list(cls.key)

    @classmethod
    def line_types(cls) -> dict[str, type[Line]]:
        """Types of the lines the record owns, by the name they have in it (`operations`)."""
        return {
            relation.get_accessor_name() or "": cast("type[Line]", relation.related_model)
            for relation in cls._meta.related_objects
            if isinstance(relation.field, Parent)
        }

    @property
    def site_id_of_record(self) -> int | None:
        """Site the record belongs to; None for records of the whole installation."""
        if self.scope is None:
            return None
        *path, last = self.scope.split("__")
        at: Any = self
        for part in path:
            at = getattr(at, part)
        return cast("int | None", at.pk if last == "id" else getattr(at, f"{last}_id"))

    def key_text(self) -> str:
        """The natural key as people write it, without the site: `WO-000123`, `FIL-1 / 20`."""
        values = [getattr(self, name) for name in self.own_key()]
        texts = [value.key_text() if isinstance(value, Record) else value for value in values]
        return " / ".join("" if text is None else str(text) for text in texts)

    def key_and_name(self) -> str:
        """How the record is named among suggestions."""
        key, name = self.key_text(), str(getattr(self, "name", "") or getattr(self, "title", "") or "")
        return f"{key} – {name}" if name and name != key else key

    def problems(self) -> Iterator[Problem]:
        """Rules over several fields; each yields what is wrong. Called before every save."""
        yield from ()

    def written(self, by: Actor, verb: str) -> None:
        """What follows from a write, in the same transaction (publishing to the fact dimensions)."""

    def refresh_from_db(
        self, using: str | None = None, fields: Any = None, from_queryset: Any = None
    ) -> None:
        """A private field that `visible()` left out is never fetched behind its back."""
        if fields is not None and set(fields) <= set(self.access.private):
            for name in fields:
                self.__dict__[self._meta.get_field(name).attname] = None  # type: ignore[union-attr]
            return
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)

    @classmethod
    def at_site(cls, rows: models.QuerySet[Any], site: Any) -> models.QuerySet[Any]:
        """Rows of a site (or its id); all of them without one or where the type belongs to no site."""
        return rows.filter(**{cls.scope: site}) if site and cls.scope not in (None, "id") else rows

    @classmethod
    def narrowed(cls, rows: models.QuerySet[Any], by: Actor) -> models.QuerySet[Any]:
        """Rows the actor may see of those their sites show them; one's own where a record has an owner."""
        return rows.filter(**{cls.access.owner: by.user_id}) if cls.access.owner else rows

    @classmethod
    def number_field(cls) -> NumberField | None:
        """The field that takes a running number, if any."""
        return next((f for f in cls._meta.concrete_fields if isinstance(f, NumberField)), None)


class Parent(models.ForeignKey):  # type: ignore[type-arg]
    """The link of a line to the record that owns it; deleted and logged with it."""

    def __init__(self, to: Any, **options: Any) -> None:
        super().__init__(to, **{"editable": False} | options | {"on_delete": models.CASCADE})


class Line(models.Model, metaclass=RecordBase):
    """A row that lives inside a record (operation of a routing, component of a bill of materials).

    `key` names the fields that tell the lines of one parent apart; a line is written, logged and
    permitted with its parent only.
    """

    key: ClassVar[Sequence[str]] = ()
    columns: ClassVar[Sequence[str]] = ()

    class Meta:
        abstract = True

    def problems(self) -> Iterator[Problem]:
        """Rules over several fields of the line."""
        yield from ()

    @classmethod
    def parent_field(cls) -> Parent:
        """The link to the owner."""
        return next(f for f in cls._meta.concrete_fields if isinstance(f, Parent))

    @classmethod
    def line_key(cls) -> tuple[str, ...]:
        """Key fields without the parent."""
        parent = cls.parent_field().name
        return tuple(name for name in cls.key if name != parent)


def _plural(words: str) -> str:
    if words.endswith("y") and words[-2] not in "aeiou":
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("s", "x", "ch", "sh")) else f"{words}s"


Rows = Iterable[Mapping[str, Any]]
Key = tuple[Any, ...]


def write_lines(
    records: Sequence[Record], given: Sequence[Mapping[str, Rows]]
) -> list[dict[str, list[Line]]]:
    """Make the lines of each saved record exactly those given for it, matched by their key; returns them.

    Raises `Refused` with every problem: `place` is the record's from 1, `sheet` and `row` are the line's.
    """
    types = records[0].line_types() if records else {}
    stored: dict[str, dict[Key, Line]] = {}
    for name, model in types.items():
        owners = [record.pk for record, lines in zip(records, given, strict=True) if name in lines]
        stored[name] = {
            place_of(one): one for one in among(model._base_manager.all(), _parent(model), owners)
        }
    made: list[dict[str, list[Line]]] = []
    problems: list[Problem] = []
    for place, (record, lines) in enumerate(zip(records, given, strict=True), 1):
        made.append({})
        record.has_new_lines = True
        for name, rows in lines.items():
            made[-1][name], found = _checked(record, name, rows, stored[name])
            problems += [replace(problem, place=place) for problem in found]
    if problems:
        raise Refused(problems)
    for name, model in types.items():
        _save(model, [line for mine in made for line in mine.get(name, ())], stored[name].values())
    return made


def _checked(
    record: Record, name: str, rows: Rows, stored: dict[Key, Line]
) -> tuple[list[Line], list[Problem]]:
    """The lines of one record, those stored already taken out of `stored`, and what is wrong with them."""
    model = record.line_types()[name]
    lines: dict[Key, Line] = {}
    problems: list[Problem] = []
    for at, row in enumerate(rows, 1):
        line = model(**{**row, _parent(model): record})
        found = line_problems(line)
        if (key := place_of(line)) in lines:
            text = " / ".join(str(part) for part in key_of(line))
            found = [Problem(_("stands twice"), model.line_key()[0], text)]
        elif old := stored.pop(key, None):
            line.pk = old.pk
        lines[key] = line
        problems += [replace(problem, sheet=name, row=at) for problem in found]
    return list(lines.values()), problems


def _save(model: type[Line], lines: Sequence[Line], gone: Iterable[Line]) -> None:
    fields = [field.name for field in model._meta.concrete_fields if not field.primary_key]
    model._base_manager.filter(pk__in=[line.pk for line in gone]).delete()
    model._base_manager.bulk_update([line for line in lines if line.pk], fields, batch_size=200)
    model._base_manager.bulk_create([line for line in lines if not line.pk], batch_size=500)


def _parent(model: type[Line]) -> str:
    return model.parent_field().name


def place_of(line: Line) -> Key:
    """The record that owns a line, by id, then what tells its lines apart."""
    return getattr(line, line.parent_field().attname), *key_of(line)


def key_of(line: Line) -> Key:
    """Values of the fields that tell the lines of one record apart."""
    fields: list[Any] = [line._meta.get_field(name) for name in line.line_key()]
    return tuple(getattr(line, field.attname) for field in fields)


def line_problems(line: Line) -> list[Problem]:
    """Everything wrong with one line; a link given as a record in hand needs no look-up."""
    links = [field for field in line._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    try:
        line.clean_fields(exclude=[field.name for field in links if field.is_cached(line)])
    except ValidationError as error:
        return [Problem(m, field) for field, messages in error.message_dict.items() for m in messages]
    return list(line.problems())
