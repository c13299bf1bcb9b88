"""Calls for help: one record for one trouble, from the call to its confirmation."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.andon import stepping
from plantbeat.areas.execution.andon.panel import call_panel
from plantbeat.kernel.access import ANYONE, NOBODY, READ_ONLY, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, Step, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import State, States, done, open_, waiting

HELPERS = ANYONE - READ_ONLY


def _may_confirm(record: Record, by: Actor) -> bool:
    """whoever raised the call, works at that station now, or leads the line; not the helper alone"""
    return stepping.may_confirm(cast("AndonCall", record), by)


def _follow(record: Record, by: Actor, data: dict[str, Any]) -> None:
    stepping.follow(cast("AndonCall", record))


def _told(
    verb: str, source: State | tuple[State, ...], target: State, *, by: Any = HELPERS, label: Any
) -> Step:
    """A step that is a fact: it is appended in the transaction of the step."""
    return step(verb, source, target, by=by, label=label, effect=partial(stepping.told, verb))


class AndonCall(Record):
    """A call for help at a line or machine: what its facts say, with who was told in between."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("AC-", verbose_name=_("number"))
    call = models.CharField(_("id of the call"), max_length=80, editable=False)
    asset = models.CharField(_("line or machine"), max_length=60, editable=False)
    line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"), editable=False
    )
    category = models.CharField(_("kind of call"), max_length=80, editable=False)
    note = models.TextField(_("note"), blank=True, editable=False)
    done = models.TextField(_("what was done"), blank=True, editable=False)
    is_test = models.BooleanField(_("test"), default=False, editable=False)
    raised_us = InstantField(verbose_name=_("raised"), db_index=True)
    acknowledged_us = InstantField(verbose_name=_("taken"), null=True)
    arrived_us = InstantField(verbose_name=_("help arrived"), null=True)
    contained_us = InstantField(verbose_name=_("contained"), null=True)
    resolved_us = InstantField(verbose_name=_("resolved"), null=True)
    confirmed_us = InstantField(verbose_name=_("confirmed"), null=True)
    reopened_us = InstantField(verbose_name=_("called again"), null=True)
    reopened = models.PositiveSmallIntegerField(_("times not solved"), default=0, editable=False)
    respond_us = models.BigIntegerField(_("limit to take it (µs)"), editable=False)
    resolve_us = models.BigIntegerField(_("limit to resolve it (µs)"), editable=False)
    raised_by = models.CharField(max_length=60, blank=True, editable=False)
    taken_by = models.CharField(max_length=60, blank=True, editable=False)
    resolved_by = models.CharField(max_length=60, blank=True, editable=False)
    rung = models.PositiveSmallIntegerField(_("rung told"), default=0, editable=False)

    class State(States):
        raised = open_(_("Calling"))
        acknowledged = open_(_("Taken"))
        on_site = open_(_("Help is there"))
        contained = open_(_("Contained"))
        resolved = waiting(_("To be confirmed"))
        confirmed = done(_("Confirmed"))

    _OPEN = (State.raised, State.acknowledged, State.on_site, State.contained)

    lifecycle = Lifecycle(
        _told("acknowledge", State.raised, State.acknowledged, label=_("I take it")),
        _told("arrive", (State.raised, State.acknowledged), State.on_site, label=_("I am here")),
        _told("contain", _OPEN[:3], State.contained, label=_("Contained")),
        _told("resolve", _OPEN, State.resolved, label=_("Resolved")),
        _told("confirm", State.resolved, State.confirmed, by=_may_confirm, label=_("It is solved")),
        _told("reopen", (State.resolved, State.confirmed), State.raised, label=_("Not solved")),
    )
    actions = (
        step("follow", by=NOBODY, effect=_follow, label=_("Follow the facts")),
        step("climb", by=NOBODY, asks=("rung",), label=_("Note the rung told")),
    )

    key = ("site", "number")
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("number", "line", "asset", "category", "state", "raised_us", "resolved_us", "rung"),
        filters=("state", "line", "category", "is_test"),
        search=("number", "asset", "note", "done"),
        order=("-raised_us",),
        panels=(call_panel,),
        icon="bell",
    )

    class Meta:
        db_table = "execution_andon_call"
        verbose_name = _("call for help")
        verbose_name_plural = _("calls for help")
        constraints = [
            models.UniqueConstraint(fields=["site", "asset", "call"], name="execution_andon_call_id")
        ]
        indexes = [
            models.Index(fields=["site", "state"], name="execution_andon_state"),
            models.Index(fields=["site", "asset", "raised_us"], name="execution_andon_asset"),
        ]

    def written(self, by: Actor, verb: str) -> None:
        """A new round of helping has its due rows; what is over has none."""
        stepping.follow_up(self, verb)
