"""The base of every record type: one declaration that lists, forms, the API, imports and tests read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import models
from django.db.models.base import ModelBase
from django.utils.text import camel_case_to_spaces, slugify
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import Access, Actor
from plantbeat.kernel.fields import NumberField, StateField
from plantbeat.kernel.lifecycle import Lifecycle, Step
from plantbeat.kernel.problems import Problem, Text
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
            attrs.setdefault(
                "state",
                StateField(verbose_name=_("state"), choices=states.choices(), default=str(states.first())),
            )
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
        parts = []
        for name in self.key:
            if name == "site" and self.scope == "site":
                continue
            value = getattr(self, name)
            parts.append(
                "" if value is None else value.key_text() if isinstance(value, Record) else str(value)
            )
        return " / ".join(parts)

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
    def narrowed(cls, rows: models.QuerySet[Any], by: Actor) -> models.QuerySet[Any]:
        """Rows the actor may see of those their sites show them; narrower where a record is personal."""
        return rows

    @classmethod
    def number_field(cls) -> NumberField | None:
        """The field that takes a running number, if any."""
        return next((f for f in cls._meta.concrete_fields if isinstance(f, NumberField)), None)


class Parent(models.ForeignKey):  # type: ignore[type-arg]
    """The link of a line to the record that owns it; deleted and logged with it."""

    def __init__(self, to: Any, **options: Any) -> None:
        options["on_delete"] = models.CASCADE
        options.setdefault("editable", False)
        super().__init__(to, **options)


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


def label_of(model: type[models.Model]) -> Text:
    """Name of a record type for people, singular."""
    return model._meta.verbose_name or model.__name__
