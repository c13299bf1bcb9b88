"""What permission needs: sites, users, grants, enrolled devices."""

from __future__ import annotations

import secrets
from typing import ClassVar, cast
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, LEADERS, Access, Privacy, Role
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.record import Face, Line, Parent, Record

CODE = RegexValidator(r"^[\w.\-]+$", _("letters, digits, “.”, “_” and “-” only, without spaces"))


def known_zone(value: str) -> None:
    """Refuse a time zone that the tz database does not know."""
    if value not in available_timezones():
        raise ValidationError(_("unknown time zone; write it as in “Europe/Berlin” or “America/Chicago”"))


def new_pseudonym() -> str:
    """A random id that stands for a person in facts and logs."""
    return f"p-{secrets.token_hex(6)}"


class OwnerDay(models.TextChoices):
    """Which production day a shift that crosses midnight belongs to."""

    start = "start", _("the day it starts")
    end = "end", _("the day it ends")
    majority = "majority", _("the day with most of its hours")


class Site(Record):
    """A plant (ISA-95 site): the boundary of permission, time zone, calendar and log chain."""

    code = models.CharField(_("code"), max_length=20, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    enterprise = models.CharField(_("enterprise"), max_length=120, blank=True)
    zone = models.CharField(
        _("time zone"),
        max_length=60,
        default="UTC",
        validators=[known_zone],
        help_text=_("as in “Europe/Berlin”"),
    )
    currency = models.CharField(
        _("currency"), max_length=3, default="USD", help_text=_("ISO 4217, as in “EUR”")
    )
    owner_day = ChoiceField(OwnerDay, verbose_name=_("a night shift belongs to"), default=OwnerDay.start)

    key = ("code",)
    scope = "id"
    access = Access.to(ADMINISTRATORS)
    face = Face(
        columns=("code", "name", "zone", "currency"),
        search=("code", "name"),
        order=("code",),
        icon="building-factory",
    )

    class Meta:
        db_table = "kernel_site"
        verbose_name = _("site")
        verbose_name_plural = _("sites")

    def __str__(self) -> str:
        return self.name


class Users(BaseUserManager["User"]):
    """Finds users by sign-in name, whatever the case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """The user of a sign-in name."""
        return self.get(username__iexact=username)


def _set_secret(record: Record, by: object, data: dict[str, object]) -> None:
    for name, value in data.items():
        getattr(record, f"set_{name}")(str(value))


class User(AbstractBaseUser, Record):
    """Somebody who signs in. Logs and facts keep the pseudonym; the name can be erased here alone."""

    username = models.CharField(_("sign-in name"), max_length=60, unique=True, validators=[CODE])
    name = models.CharField(_("name"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    badge = models.CharField(_("badge number"), max_length=60, blank=True, db_index=True)
    password = models.CharField(max_length=128, blank=True, editable=False)
    pin_hash = models.CharField(max_length=200, blank=True, editable=False)
    pseudonym = models.CharField(max_length=20, unique=True, default=new_pseudonym, editable=False)
    is_active = models.BooleanField(_("may sign in"), default=True)

    objects: ClassVar[Users] = Users()
    USERNAME_FIELD = "username"

    key = ("username",)
    scope = None
    access = Access.to(ADMINISTRATORS, read=LEADERS, private={"email": Privacy.contact})
    secrets = ("password", "pin_hash", "last_login")
    actions = tuple(
        step(f"set_{name}", by=ADMINISTRATORS, effect=_set_secret, label=label, asks=(name,))
        for name, label in (("password", _("Set password")), ("pin", _("Set PIN")))
    )
    face = Face(
        columns=("username", "name", "is_active"),
        filters=("is_active",),
        search=("username", "name"),
        order=("username",),
        icon="user",
    )

    class Meta:
        db_table = "kernel_user"
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username

    def set_pin(self, pin: str) -> None:
        """Keep a salted hash of the operator's PIN."""
        self.pin_hash = make_password(pin)

    def check_pin(self, pin: str) -> bool:
        """True if the PIN is right; never true while none is set."""
        return bool(self.pin_hash) and check_password(pin, self.pin_hash)


class Grant(Line):
    """A role held by a user, at one site or at all."""

    user = Parent(User, related_name="grants")
    role = ChoiceField(Role, verbose_name=_("role"))
    site = models.ForeignKey(
        Site,
        models.CASCADE,
        verbose_name=_("site"),
        null=True,
        blank=True,
        help_text=_("empty means every site"),
    )

    key = ("user", "role", "site")
    columns = ("role", "site")

    class Meta:
        db_table = "kernel_grant"
        verbose_name = _("role at a site")
        verbose_name_plural = _("roles at sites")


class DeviceKind(models.TextChoices):
    """What an enrolled device is for."""

    wall = "wall", _("Wall board (read only)")
    tablet = "tablet", _("Operator tablet")


def _revoke(record: Record, by: object, data: dict[str, object]) -> None:
    cast("Device", record).revoked_us = clock.now_us()


class Device(Record):
    """An enrolled wall board or tablet with a token of its own, good until revoked."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    name = models.CharField(_("name"), max_length=80)
    kind = ChoiceField(DeviceKind, verbose_name=_("kind"))
    place = models.CharField(_("shows"), max_length=80, blank=True, help_text=_("code of the line it shows"))
    token_hash = models.CharField(max_length=64, unique=True, null=True, editable=False)
    revoked_us = InstantField(verbose_name=_("revoked"), null=True)

    key = ("site", "name")
    access = Access.to(LEADERS)
    secrets = ("token_hash",)
    actions = (step("revoke", by=LEADERS, effect=_revoke, label=_("Revoke")),)
    face = Face(
        columns=("name", "kind", "place", "site"),
        filters=("kind", "site"),
        search=("name", "place"),
        order=("name",),
        icon="device-tablet",
    )

    class Meta:
        db_table = "kernel_device"
        verbose_name = _("device")
        verbose_name_plural = _("devices")
