"""A valid record of any type, made from its declaration."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import count

from django.core.validators import MinValueValidator

from people_of_the_plant import SYSTEM
from plantbeat.kernel import registry
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import FieldSpec, fields_of, keyed_fields

_numbers = count(1)

SPECIAL = {
    ("plant.ShiftPattern", "weekdays"): "Mon Tue Wed",
    ("plant.ShiftPattern", "crews"): "A B C",
    ("plant.ShiftChange", "change"): "extra",
    ("plant.ShiftChange", "breaks"): "",
    ("execution.AndonRule", "gateway_url"): "https://gateway.example/calls",
    ("kernel.Site", "zone"): "Europe/Berlin",
    ("kernel.Site", "currency"): "EUR",
    ("people.AttendanceSheet", "rostered"): 9,
    ("execution.WallBoard", "tiles"): "now,oee",
    ("daily.PaperRule", "folder"): "/var/lib/plantbeat/packs",
    ("daily.BoardCell", "day"): date(2026, 1, 2),
    ("daily.Routine", "page"): "/tiers/",
    ("daily.TierBoard", "tier"): 1,
    ("daily.TierMeeting", "looks_at"): date(2025, 12, 31),
}

NEEDED = {("execution.Stop", "line"), ("execution.WallBoard", "line")}
"""Links that may be empty, but not all of them at once."""


def values(model: type[Record], site: Site) -> dict[str, object]:
    """Values for every field that must be filled, and for plain optional ones too."""
    made = {}
    for name, spec in fields_of(model).items():
        if (model.type_code(), name) in NEEDED:
            made[name] = value(spec, site)
        elif not spec.editable and not (spec.required and spec.kind not in ("state", "number")):
            continue
        elif name == "site":
            made[name] = site
        elif (model.type_code(), name) in SPECIAL:
            made[name] = SPECIAL[model.type_code(), name]
        elif (model.type_code(), name) == ("daily.Escalation", "from_board"):
            made[name] = board_below_another(site)
        elif spec.kind == "link" and not spec.required:
            continue
        elif name not in ("valid_to", "left", "released", "machines"):
            made[name] = value(spec, site)
    return made


def value(spec: FieldSpec, site: Site) -> object:
    """One value a field takes."""
    number = next(_numbers)
    field = spec.model_field
    if spec.kind == "link":
        return record(field.related_model, site)
    if spec.kind == "reference":
        return f"{field.to[-1]}:{record(registry.record(field.to[-1]), site).pk}"
    if spec.kind == "choice":
        return field.flatchoices[0][0]
    least = [v.limit_value for v in field.validators if isinstance(v, MinValueValidator)]
    number_kinds = {"decimal": Decimal, "quantity": Decimal, "money": Decimal, "integer": int}
    if spec.kind in number_kinds:
        return number_kinds[spec.kind](max([1, *least]) + 1)
    made = {
        "boolean": True,
        "date": date(2026, 1, 1) + timedelta(days=number),
        "datetime": datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=number),
        "time": time(6, number % 60),
        "duration": 60_000_000 * number,
        "instant": 1_767_225_600_000_000 + number,
    }
    if spec.kind in made:
        return made[spec.kind]
    if spec.name == "email":
        return f"x{number}@example.com"
    return f"{spec.name[:3].upper()}{number}"[: getattr(field, "max_length", None) or 100]


def board_below_another(site: Site) -> Record:
    """A board with one above it to ask."""
    model = registry.record("daily.TierBoard")
    above = act(model, "create", SYSTEM, values(model, site) | {"tier": 2})
    return act(model, "create", SYSTEM, values(model, site) | {"above": above})


def record(model: type[Record], site: Site) -> Record:
    """A record of the type at the site, with one line of each kind."""
    data = values(model, site)
    for name, line in model.line_types().items():
        if model.type_code() == "kernel.User":
            continue
        data[name] = [
            {
                field: value(spec, site)
                for field, spec in keyed_fields(line).items()
                if spec.required or not spec.model_field.null
            }
        ]
        for row in data[name]:
            row.pop("machines", None)
            row.pop("written", None)
            if "breaks" in row:
                row |= {"start": time(6), "end": time(14), "breaks": "10:00-10:15"}
    return act(model, "create", SYSTEM, data)
