"""Template words for records: addresses and shapes."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

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


@register.filter
def duration(us: int) -> str:
    """A duration as people say it: `30 h 43 min`, `7.5 min`, `38 s`; files and programs keep numbers."""
    sign, us = ("−", -us) if us < 0 else ("", us)
    if us < 59_500_000:
        return f"{sign}{round(us / 1e6)} {_('s')}"
    if us < 3_570_000_000:
        tenths = round(us / 6e6)
        return f"{sign}{number_format(tenths / 10, decimal_pos=int(tenths % 10 > 0))} {_('min')}"
    hours, minutes = divmod((us + 30_000_000) // 60_000_000, 60)
    return f"{sign}{number_format(hours, force_grouping=True)} {_('h')} {minutes} {_('min')}"


@register.filter
def minutes(count: int) -> str:
    """So many minutes as people say them: `30 h 43 min`."""
    return duration(count * 60_000_000) if count else f"0 {_('min')}"
