"""The few field kinds of our own: choice, number, duration, quantity with unit, money, reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from plantbeat.kernel import registry

if TYPE_CHECKING:
    from plantbeat.kernel.record import Record

DURATION_UNITS_US = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
}
_DURATION = re.compile(r"^\s*(-?\d+(?:[.,]\d+)?)\s*(us|µs|ms|s|sec|min|h|d)?\s*$", re.IGNORECASE)
_CLOCK = re.compile(r"^\s*(\d+):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?\s*$")
_SPELLINGS = {"µs": "us", "sec": "s"}

EXACT_DIGITS = 15
"""SQLite keeps decimals as binary numbers, which are exact to so many digits."""


class ChoiceField(models.CharField):  # type: ignore[type-arg]
    """One of a fixed set declared as `TextChoices`; a changed label makes no migration."""

    def __init__(self, of: type[models.TextChoices] | None = None, **options: Any) -> None:
        self.of = of
        if of is not None:
            options["choices"] = of.choices
        super().__init__(**{"max_length": 40} | options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("choices", None)
        return name, path, args, options


class StateField(ChoiceField):
    """The state of a lifecycle; only a step changes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"editable": False, "db_index": True} | options)


class NumberField(models.CharField):  # type: ignore[type-arg]
    """A running number such as WO-000123, given once when the record is created."""

    def __init__(self, prefix: str = "", **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**{"max_length": 24, "editable": False} | options)


def duration_text(us: int, unit: str) -> str:
    """A duration as a field of that unit reads it back exactly: `1.5`, or `100 s` where minutes never end."""
    for name in (unit, "s", "ms", "us"):
        if us * 10**13 % DURATION_UNITS_US[name] == 0:
            break
    text = f"{(Decimal(us) / DURATION_UNITS_US[name]).normalize():f}"
    return text if name == unit else f"{text} {name}"


def duration_us(text: str, unit: str) -> int:
    """Microseconds of `38`, `38 s`, `1.5 min` or `00:01:30`; a bare number is in the unit.

    Raises ValidationError.
    """
    if clock := _CLOCK.match(text):
        hours, minutes, seconds = clock.groups(default="0")
        return int(hours) * 3_600_000_000 + int(minutes) * 60_000_000 + int(Decimal(seconds) * 1_000_000)
    if not (match := _DURATION.match(text)):
        raise ValidationError(_("“%(value)s” is not a duration") % {"value": text}, code="invalid")
    given = (match.group(2) or unit).lower()
    us = Decimal(match.group(1).replace(",", ".")) * DURATION_UNITS_US[_SPELLINGS.get(given, given)]
    if us != us.to_integral_value():
        message = _("“%(value)s” is finer than a microsecond")
        raise ValidationError(message % {"value": text}, code="invalid")
    return int(us)


class DurationField(models.BigIntegerField):  # type: ignore[type-arg]
    """A duration in integer microseconds, keyed and shown in `unit`; of at least `min_us`."""

    def __init__(self, *, unit: str = "min", min_us: int | None = 0, **options: Any) -> None:
        self.unit, self.min_us = unit, min_us
        super().__init__(**options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, "unit": self.unit}

    @cached_property
    def validators(self) -> list[Any]:
        return [*super().validators, self._refuse_less]

    def _refuse_less(self, us: int) -> None:
        if self.min_us is not None and us < self.min_us:
            least = f"{(Decimal(self.min_us) / DURATION_UNITS_US[self.unit]).normalize():f}"
            message = _("must be at least %(least)s %(unit)s") % {"least": least, "unit": self.unit}
            raise ValidationError(message, code="min_value")


class InstantField(models.BigIntegerField):  # type: ignore[type-arg]
    """An instant in integer microseconds since 1970 UTC, set by the product, shown in the site's zone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"editable": False, "blank": bool(options.get("null"))} | options)


class QuantityField(models.DecimalField):  # type: ignore[type-arg]
    """An amount with a unit: fixed (`unit="kg"`), or read along a path (`unit_from="item.unit"`)."""

    def __init__(self, *, unit: str = "", unit_from: str = "", **options: Any) -> None:
        self.unit, self.unit_from = unit, unit_from
        super().__init__(**{"max_digits": EXACT_DIGITS, "decimal_places": 6} | options)

    def unit_of(self, record: models.Model) -> str:
        """Unit of the amount in one record; empty if the path ends nowhere."""
        if not self.unit_from:
            return self.unit
        value: Any = record
        for part in self.unit_from.split("."):
            value = getattr(value, part, None)
        return "" if value is None else str(value)


class MoneyField(models.DecimalField):  # type: ignore[type-arg]
    """An amount in the site's currency."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_digits": EXACT_DIGITS, "decimal_places": 4} | options)


class ReferenceField(models.CharField):  # type: ignore[type-arg]
    """Points to a record of one of several types, sideways between areas, as `type code:id`.

    No database constraint stands behind it: it is checked before every save, `plantbeat doctor` verifies it.
    """

    def __init__(self, to: Iterable[str] = (), **options: Any) -> None:
        self.to = tuple(to)
        super().__init__(**{"max_length": 80, "db_index": True} | options)

    def record_of(self, value: str) -> Record | None:
        """The record a stored value points to."""
        code, _colon, pk = value.partition(":")
        if code not in self.to or not pk.isdecimal():
            return None
        return registry.record(code)._base_manager.filter(pk=pk).first()

    def key_of(self, value: str) -> str:
        """A stored value with the key of the record in place of its id, as `read` takes it back."""
        found = self.record_of(value)
        return f"{found.type_code()}:{found.key_text()}" if found is not None else value

    def name_of(self, value: str) -> str:
        """What a stored value points to, for people."""
        found = self.record_of(value)
        return f"{found._meta.verbose_name} {found}" if found is not None else value

    def read(self, text: str, find: Callable[[type[Record], Any], Record | None]) -> str:
        """The value for a type code and key (or id) that somebody gave."""
        code, _colon, key = text.partition(":")
        if code not in self.to:
            allowed = ", ".join(self.to)
            raise ValidationError(_("must point to one of: %(types)s") % {"types": allowed}, code="invalid")
        model = registry.record(code)
        found = find(model, key) or (find(model, int(key)) if key.isdecimal() else None)
        if found is None:
            raise ValidationError(_("there is no “%(key)s”") % {"key": text}, code="unknown")
        return f"{code}:{found.pk}"

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Refuse what points to nothing, or to a record of another site."""
        super().validate(value, model_instance)
        if value in self.empty_values:
            return
        found, holder = self.record_of(value), cast("Record | None", model_instance)
        site = holder.site_id_of_record if holder is not None else None
        if found is None or site not in (None, found.site_id_of_record):
            raise ValidationError(_("there is no “%(key)s”") % {"key": value}, code="unknown")
