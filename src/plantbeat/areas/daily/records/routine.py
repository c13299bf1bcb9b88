"""Leader standard work: what a role does every shift, day, week or month."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, LEADERS, NOBODY, Access, Actor, Role
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, InstantField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, open_


class Cadence(models.TextChoices):
    """How often a routine comes round."""

    shift = "shift", _("every shift")
    daily = "daily", _("every day")
    weekly = "weekly", _("every week")
    monthly = "monthly", _("every month")


class Routine(Record):
    """Something a role does again and again, with the page it is done on."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("what is done"), max_length=120)
    role = ChoiceField(Role, verbose_name=_("role"))
    cadence = ChoiceField(Cadence, default=Cadence.daily, verbose_name=_("how often"))
    on_working_day = models.PositiveSmallIntegerField(
        _("on working day"), default=1, validators=[MinValueValidator(1), MaxValueValidator(23)],
        help_text=_("of the week or the month, for what is done weekly or monthly"),
    )  # fmt: skip
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=10, validators=[MinValueValidator(1), MaxValueValidator(480)]
    )
    page = models.CharField(
        _("page"),
        max_length=200,
        blank=True,
        help_text=_("address of the page it is done on, as in “/tiers/”"),
    )
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    valid_from = models.DateField(_("from"), default=None, null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "role", "cadence", "on_working_day", "minutes", "area"),
        filters=("role", "cadence", "area"),
        search=("code", "name"),
        order=("role", "code"),
        icon="calendar-repeat",
    )

    class Meta:
        db_table = "daily_routine"
        verbose_name = _("routine")
        verbose_name_plural = _("routines")

    def problems(self) -> Iterator[Problem]:
        """Its page is one of the product; it ends after it begins."""
        if self.page and (not self.page.startswith("/") or self.page.startswith("//")):
            yield Problem(_("is no page of this product"), "page", self.page, _("an address as “/tiers/”"))
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            yield Problem(_("lies before “from”"), "valid_to", self.valid_to)


def oneself(record: Record, by: Actor) -> bool:
    """the person whose routine it is"""
    return by.user_id is not None and cast("RoutineMark", record).person.user_id == by.user_id


def its_day_has_come(record: Record, by: Actor) -> Problem | None:
    """its day has come"""
    from plantbeat.facts.views.rules_at_hand import rules_of

    mark = cast("RoutineMark", record)
    if mark.day > rules_of(mark.site_id).day_at(clock.now_us()):
        return Problem(_now("it is due on %(day)s") % {"day": mark.day})
    return None


def _marked(record: Record, by: Actor, data: dict[str, Any]) -> None:
    mark = cast("RoutineMark", record)
    mark.marked_us = data.get("at_us") or clock.now_us()


def _open_again(record: Record, by: Actor, data: dict[str, Any]) -> None:
    mark = cast("RoutineMark", record)
    mark.marked_us, mark.reason = None, ""


def why_is_said(record: Record, by: Actor) -> Problem | None:
    """why it was not done is said"""
    if not cast("RoutineMark", record).reason.strip():
        return Problem(_now("say why it was not done"), "reason")
    return None


class RoutineMark(Record):
    """One occurrence of a routine for one person: due, done, or not done and why.

    Only the person sees it; all others see sums over at least five people.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    routine = models.ForeignKey("daily.Routine", models.PROTECT, verbose_name=_("routine"))
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("person"))
    occurrence = models.CharField(_("occurrence"), max_length=60)
    day = models.DateField(_("due"))
    reason = models.CharField(_("why not"), max_length=200, blank=True)
    marked_us = InstantField(verbose_name=_("marked"), null=True)

    class State(States):
        due = open_(_("Due"))
        done = done(_("Done"))
        not_done = bad(_("Not done"))

    lifecycle = Lifecycle(
        step("do", State.due, State.done, by=oneself, label=_("Done"), guard=its_day_has_come,
             effect=_marked),
        step("leave", State.due, State.not_done, by=oneself, label=_("Not done"), asks=("reason",),
             guard=(its_day_has_come, why_is_said), effect=_marked),
        step("undo", (State.done, State.not_done), State.due, by=oneself, label=_("Undo"),
             effect=_open_again),
    )  # fmt: skip

    key = ("site", "routine", "person", "occurrence")
    access = Access(read=ANYONE, create=NOBODY, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("day", "routine", "state", "reason", "marked_us"),
        filters=("state", "routine", "day"),
        search=("routine__name",),
        order=("-day",),
        icon="calendar-repeat",
        menu=False,
    )

    class Meta:
        db_table = "daily_routine_mark"
        verbose_name = _("routine of a day")
        verbose_name_plural = _("routines of days")
        indexes = [models.Index(fields=["site", "day"], name="daily_mark_day")]

    @classmethod
    def narrowed(cls, rows: models.QuerySet[Any], by: Actor) -> models.QuerySet[Any]:
        """One's own alone, whatever the role."""
        return rows.filter(person__user=by.user_id) if by.user_id is not None else rows.none()
