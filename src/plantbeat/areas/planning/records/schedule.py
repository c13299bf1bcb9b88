"""Versions of the schedule."""

from __future__ import annotations

from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import NOBODY, PLANNING, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, open_, waiting

SUMMARY = (
    "horizon_start_us",
    "orders",
    "operations",
    "late_orders",
    "late_minutes",
    "setup_minutes",
    "left_out",
)


def _finish(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Schedule", record).solved_us = clock.now_us()


def _publish(record: Record, by: Actor, data: dict[str, Any]) -> None:
    from plantbeat.areas.planning.publishing import publish

    publish(cast("Schedule", record), by)


class Schedule(Record):
    """One version of the finite schedule of a site: solved, looked at, published, replaced."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField(prefix="S-", verbose_name=_("version"))
    seconds = models.PositiveSmallIntegerField(
        _("search time (s)"), default=10, validators=[MinValueValidator(1), MaxValueValidator(600)]
    )
    horizon_start_us = InstantField(verbose_name=_("starts"), null=True)
    solved_us = InstantField(verbose_name=_("solved"), null=True)
    published_us = InstantField(verbose_name=_("published"), null=True)
    orders = models.PositiveIntegerField(_("orders"), default=0, editable=False)
    operations = models.PositiveIntegerField(_("operations"), default=0, editable=False)
    late_orders = models.PositiveIntegerField(_("late orders"), default=0, editable=False)
    late_minutes = models.PositiveBigIntegerField(_("minutes late"), default=0, editable=False)
    setup_minutes = models.PositiveBigIntegerField(_("minutes of set-up"), default=0, editable=False)
    left_out = models.PositiveIntegerField(_("not scheduled"), default=0, editable=False)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)

    class State(States):
        solving = waiting(_("Being solved"))
        draft = open_(_("Draft"))
        published = done(_("Published"))
        superseded = off(_("Replaced"))
        failed = bad(_("Failed"))

    lifecycle = Lifecycle(
        step(
            "finish", State.solving, State.draft, by=NOBODY, asks=SUMMARY, effect=_finish, label=_("Finish")
        ),
        step("fail", State.solving, State.failed, by=NOBODY, asks=("failure",), label=_("Fail")),
        step("publish", State.draft, State.published, by=PLANNING, effect=_publish, label=_("Publish")),
        step("replace", State.published, State.superseded, by=NOBODY, label=_("Replace")),
    )

    key = ("site", "number")
    access = Access(create=PLANNING, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("number", "state", "solved_us", "orders", "late_orders", "setup_minutes", "left_out"),
        filters=("state",),
        search=("number",),
        order=("-number",),
        icon="calendar-stats",
    )

    class Meta:
        db_table = "planning_schedule"
        verbose_name = _("schedule version")
        verbose_name_plural = _("schedule versions")
