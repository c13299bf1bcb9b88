"""Template words for records: addresses and shapes."""

from __future__ import annotations

from typing import Any

from django import template

from plantbeat.kernel.record import Record
from plantbeat.surfaces import addresses

register = template.Library()


@register.simple_tag
def address(model: type[Record] | Record, page: str = "records", **more: Any) -> str:
    """Address of a page about a record type or a record."""
    if isinstance(model, Record):
        return addresses.address_of(model, "record" if page == "records" else page, **more)
    return addresses.address(model, page, **more)


@register.filter
def words(model: type[Record], plural: str = "") -> str:
    """Name of a record type for people; `plural` for many."""
    return str(model._meta.verbose_name_plural if plural else model._meta.verbose_name)
