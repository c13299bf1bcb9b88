"""What other rooms ask of the kernel's own tables: names behind pseudonyms, changes of a record, sites."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar, cast

from django.db.models import Max, QuerySet

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.log import Change
from plantbeat.kernel.record import Line, Record

M = TypeVar("M", bound=Record)
L = TypeVar("L", bound=Line)


def names_of(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Names people may be shown under beside their deeds; erased people are missing."""
    rows = User._base_manager.filter(pseudonym__in=set(pseudonyms))
    return dict(rows.values_list("pseudonym", "name"))


def changes_of(record: Record, limit: int) -> list[Change]:
    """The latest acts on a record the actor has been shown, newest first, private values with them."""
    rows = Change.objects.filter(type_code=type(record).type_code(), record_id=record.pk)
    return list(rows.prefetch_related("private").order_by("-pk")[:limit])


def changes_of_records(type_code: str, ids: Iterable[int]) -> QuerySet[Change]:
    """Every act on the records of a type the actor has been shown, in order; no values."""
    rows = Change.objects.filter(type_code=type_code, record_id__in=set(ids))
    return rows.only("record_id", "at_us", "verb", "reason", "actor").order_by("pk")


def names_of_records(model: type[Record], ids: Iterable[int]) -> dict[int, str]:
    """How records are called that a history mentions; only the name, whatever site they belong to."""
    return {one.pk: str(one) for one in model._base_manager.filter(pk__in=set(ids))}


def lines_of(model: type[L], by: Actor) -> QuerySet[L]:
    """Lines (operations, components) of the records the actor may see."""
    parent = model.parent_field()
    owners = visible(cast("type[Record]", parent.related_model), by)
    return model._base_manager.filter(**{f"{parent.name}__in": owners})


def own(model: type[M], **values: object) -> M | None:
    """The one record with these key values, whoever may see it: to write it, `act()` still asks who may."""
    return model._base_manager.filter(**values).first()


def changes_under(request_id: str) -> list[Change]:
    """Every act done under one request or import id, latest first, private values with them."""
    rows = Change.objects.filter(request_id=request_id).prefetch_related("private")
    return list(rows.order_by("-pk")) if request_id else []


def latest_changes(type_code: str, ids: Iterable[int], but_under: Iterable[str]) -> dict[int, int]:
    """The latest act on each of the records, by record id, acts under the request ids named left out."""
    rows = Change.objects.filter(type_code=type_code, record_id__in=set(ids))
    rows = rows.exclude(request_id__in=but_under)
    return dict(rows.values("record_id").annotate(last=Max("pk")).values_list("record_id", "last"))
