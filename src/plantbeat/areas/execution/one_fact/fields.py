"""The fields of a fact, each with its name, its unit, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.engine.stream import iso_utc
from plantbeat.facts.declaration import Body
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Text

FIELD_WORDS: dict[str, Text] = {
    "call": _("Call"),
    "case": _("Case"),
    "category": _("Kind of help"),
    "cause": _("Cause"),
    "characteristic": _("Characteristic"),
    "complete": _("Complete"),
    "counter": _("Counter"),
    "crew": _("Crew"),
    "from_us": _("From"),
    "good": _("Good"),
    "item": _("Item"),
    "leave": _("On approved leave"),
    "note": _("Note"),
    "order": _("Order"),
    "outcome": _("Outcome"),
    "person": _("Person"),
    "present": _("Present"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "rework": _("Rework"),
    "rostered": _("On the roster"),
    "scrap": _("Scrap"),
    "serial": _("Serial or sample number"),
    "severity": _("Severity"),
    "shift": _("Shift"),
    "state": _("State"),
    "step": _("Operation of the routing"),
    "test": _("Test of the way to help"),
    "text": _("Text"),
    "unit": _("Unit"),
    "until_us": _("Until"),
    "value": _("Value"),
}
"""What the fields of the kinds are called."""

CHOICE_WORDS: dict[str, Text] = {
    "sent": _("sent to rework"),
    "recovered": _("recovered"),
    "scrapped": _("scrapped after rework"),
    "near_miss": _("near miss"),
    "first_aid": _("first aid"),
    "recordable": _("recordable"),
    "restricted": _("restricted work"),
    "days_away": _("days away from work"),
    "fatality": _("fatality"),
}
"""What the outcomes of rework and the severities of incidents are called."""

_CHOICES = frozenset({"outcome", "severity"})
_PIECES = frozenset({"good", "scrap", "rework", "quantity"})
_PEOPLE = frozenset({"rostered", "present", "leave"})


@dataclass(frozen=True, slots=True)
class FieldShown:
    """A field of a fact: `text` is empty where it says nothing."""

    name: str
    word: str
    text: str
    unit: str = ""


def fields_shown(said: Body) -> list[FieldShown]:
    """Every field of a body in declared order; who worked is not told, as nowhere behind a figure."""
    return [_field(name, getattr(said, name), said) for name in said.__struct_fields__]


def _field(name: str, value: Any, said: Body) -> FieldShown:
    word = str(FIELD_WORDS[name])
    if value is None or value == "":
        return FieldShown(name, word, "")
    if name == "person":
        return FieldShown(name, word, _now("somebody; not shown here"))
    if name.endswith("_us"):
        return FieldShown(name, word, local(value), iso_utc(value))
    if isinstance(value, bool):
        return FieldShown(name, word, _now("yes") if value else _now("no"))
    if isinstance(value, int):
        return FieldShown(name, word, str(number_format(value, force_grouping=True)), _unit(name, said))
    if name in _CHOICES:
        return FieldShown(name, word, str(CHOICE_WORDS[value]))
    return FieldShown(name, word, str(value), _unit(name, said))


def _unit(name: str, said: Body) -> str:
    if name in _PIECES:
        return _now("pcs")
    if name in _PEOPLE:
        return _now("people")
    return str(getattr(said, "unit", "")) if name == "value" else ""


def body_with_defaults(said: Body) -> dict[str, Any]:
    """A body as values by field, those left out with their default."""
    return {name: "" if value is None else value for name, value in msgspec.structs.asdict(said).items()}


def local(at_us: int) -> str:
    """An instant in the zone of the site, to the second and what is below it."""
    shown = timezone.localtime(clock.from_us(at_us))
    below = f".{at_us % 1_000_000:06d}".rstrip("0") if at_us % 1_000_000 else ""
    return f"{shown:%Y-%m-%d %H:%M:%S}{below} {shown:%z}"
