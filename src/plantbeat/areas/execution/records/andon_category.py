"""Kinds of help that can be called for."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record

MINUTE_US = 60_000_000


class Symbol(models.TextChoices):
    """Pictures on the buttons; the name stands beside them."""

    tool = "tool", _("Wrench")
    checklist = "checklist", _("Check list")
    package = "package", _("Parcel")
    warning = "alert-triangle", _("Warning triangle")
    people = "users", _("People")
    engine = "engine", _("Machine")
    ruler = "ruler", _("Ruler")
    bell = "bell", _("Bell")


class AndonCategory(Record):
    """A kind of help, such as maintenance or material, and how soon it is to come and to be done."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=60)
    symbol = ChoiceField(Symbol, verbose_name=_("picture"), default=Symbol.bell)
    respond_limit = DurationField(
        unit="min", verbose_name=_("taken within"), default=5 * MINUTE_US, min_us=1_000_000,
        help_text=_("from the call until somebody has taken it"),
    )  # fmt: skip
    resolve_limit = DurationField(
        unit="min", verbose_name=_("resolved within"), default=30 * MINUTE_US, min_us=1_000_000,
        help_text=_("from the call until the trouble is over; then the ladder goes on"),
    )  # fmt: skip
    position = models.PositiveSmallIntegerField(_("place of the button"), default=0)
    active = models.BooleanField(_("in use"), default=True)

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "respond_limit", "resolve_limit", "position", "active"),
        filters=("active",),
        search=("code", "name"),
        order=("position", "code"),
        icon="bell",
    )

    class Meta:
        db_table = "execution_andon_category"
        verbose_name = _("kind of call")
        verbose_name_plural = _("kinds of calls")

    def problems(self) -> Iterator[Problem]:
        """It is resolved after it is taken."""
        if self.resolve_limit < self.respond_limit:
            yield Problem(_("is shorter than “taken within”"), "resolve_limit")
