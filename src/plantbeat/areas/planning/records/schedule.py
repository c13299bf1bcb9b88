"""Versions of the schedule."""

from __future__ import annotations

from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import NOBODY, PLANNING, Access, Actor
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Text
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


TUNED = (*SUMMARY, "based_on", "frozen_until_us", "tuned", "tuned_by")


def _finish(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Schedule", record).solved_us = clock.now_us()


def _publish(record: Record, by: Actor, data: dict[str, Any]) -> None:
    from plantbeat.areas.planning.publishing import publish

    publish(cast("Schedule", record), by)


def is_tuned(record: Record, by: Actor) -> Text | None:
    """it was made from another version"""
    return None if cast("Schedule", record).tuned else _("only a draft made from a version is discarded")


class Schedule(Record):
    """One version of the finite schedule of a site: solved, looked at, tuned, published, replaced."""

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
    based_on = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("made from"),
    )
    tuned = models.BooleanField(_("tuned by hand"), default=False, editable=False)
    tuned_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("tuned by"),
    )
    frozen_until_us = InstantField(verbose_name=_("frozen until"), null=True)
    failure = models.TextField(_("why it failed"), blank=True, editable=False)

    class State(States):
        solving = waiting(_("Being solved"))
        draft = open_(_("Draft"))
        published = done(_("Published"))
        superseded = off(_("Replaced"))
        failed = bad(_("Failed"))
        discarded = off(_("Discarded"))

    lifecycle = Lifecycle(
        step("finish", State.solving, State.draft, by=NOBODY, asks=TUNED, effect=_finish, label=_("Finish")),
        step("tune", State.draft, State.draft, by=NOBODY, asks=TUNED, label=_("Tune")),
        step("discard", State.draft, State.discarded, by=PLANNING, guard=is_tuned, label=_("Discard")),
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
