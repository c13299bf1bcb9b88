"""Gemba walks: where to go and see, one question and one check at each stop, and what was found."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.improvement.questions import actions_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, NOBODY, Access, Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, open_, waiting

WALKED_ON = "/gemba/"
"""The page a routine names that is done by walking."""


def every_stop_is_seen(record: Record, by: Actor) -> Problem | None:
    """every stop was seen or left out with a reason"""
    left = visible(GembaStop, by).filter(walk=record.pk, state=GembaStop.State.to_see).count()
    if left:
        return Problem(_now("%(n)s stops are neither seen nor left out") % {"n": left})
    return None


def _start(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("GembaWalk", record).started_us = clock.now_us()


def _end(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("GembaWalk", record).ended_us = data.get("at_us") or clock.now_us()


class GembaWalk(Record):
    """One walk, prepared from what the floor has told; its stops are records of their own."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("GW-", verbose_name=_("number"))
    day = models.DateField(_("day"))
    walker = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("who walks"))
    prepared_us = InstantField(verbose_name=_("prepared"), default=clock.now_us)
    started_us = InstantField(verbose_name=_("started"), null=True)
    ended_us = InstantField(verbose_name=_("ended"), null=True)

    class State(States):
        prepared = open_(_("Prepared"))
        walking = waiting(_("Walking"))
        done = done(_("Done"))
        dropped = off(_("Not walked"))

    lifecycle = Lifecycle(
        step("start", State.prepared, State.walking, by=MEETS, label=_("Start"), effect=_start),
        step("end", State.walking, State.done, by=MEETS, label=_("End"),
             guard=every_stop_is_seen, effect=_end),
        step("drop", (State.prepared, State.walking), State.dropped, by=MEETS, label=_("Not walked"),
             reason=True),
    )  # fmt: skip

    key = ("site", "number")
    access = Access(create=MEETS, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "day", "walker", "state", "started_us", "ended_us"),
        filters=("state", "walker", "day"),
        search=("number", "walker__name"),
        order=("-number",),
        icon="route",
    )

    class Meta:
        db_table = "daily_gemba_walk"
        verbose_name = _("gemba walk")
        verbose_name_plural = _("gemba walks")

    def written(self, by: Actor, verb: str) -> None:
        """Whoever has walked has done the routine of it."""
        if verb == "end":
            from plantbeat.areas.daily.routines.ticking import tick

            tick(WALKED_ON, self.walker, self.day, self.ended_us)


def the_walk_goes_on(record: Record, by: Actor) -> Problem | None:
    """the walk is going on"""
    if cast("GembaStop", record).walk.state != GembaWalk.State.walking:
        return Problem(_now("its walk is not going on"))
    return None


def what_was_found_is_said(record: Record, by: Actor) -> Problem | None:
    """what was found is said"""
    if not cast("GembaStop", record).finding.strip():
        return Problem(_now("say what was found"), "finding")
    return None


def an_action_came_of_it(record: Record, by: Actor) -> Problem | None:
    """an action with an owner and a date came of it"""
    if not actions_of([f"{record.type_code()}:{record.pk}"], by):
        return Problem(_now("name who does what until when"), "finding")
    return None


def _seen(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("GembaStop", record).seen_us = data.get("at_us") or clock.now_us()


class GembaStop(Record):
    """A place of a walk: why it is on the route, what is asked and checked there, what was found."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    walk = models.ForeignKey("daily.GembaWalk", models.PROTECT, related_name="stops", verbose_name=_("walk"))
    place = models.PositiveSmallIntegerField(_("place"), default=1)
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    why = models.TextField(_("why here"), blank=True)
    points = models.DecimalField(_("points"), max_digits=9, decimal_places=2, default=0)
    question = models.CharField(_("question"), max_length=250)
    check_of = models.CharField(_("check of the standard"), max_length=250, blank=True)
    finding = models.TextField(_("finding"), blank=True)
    seen_us = InstantField(verbose_name=_("seen"), null=True)

    class State(States):
        to_see = open_(_("To see"))
        as_it_should = done(_("As it should be"))
        fixed = done(_("Fixed now"))
        assigned = waiting(_("Assigned"))
        problem = bad(_("To be solved as a problem"))
        left_out = off(_("Left out"))

    lifecycle = Lifecycle(
        step("as_it_should_be", State.to_see, State.as_it_should, by=MEETS, label=_("As it should be"),
             asks=("finding",), guard=the_walk_goes_on, effect=_seen),
        step("fix", State.to_see, State.fixed, by=MEETS, label=_("Fixed now"), asks=("finding",),
             guard=(the_walk_goes_on, what_was_found_is_said), effect=_seen),
        step("assign", State.to_see, State.assigned, by=MEETS, label=_("Assign"), asks=("finding",),
             guard=(the_walk_goes_on, what_was_found_is_said, an_action_came_of_it), effect=_seen),
        step("solve", State.to_see, State.problem, by=MEETS, label=_("Problem-solve"), asks=("finding",),
             guard=(the_walk_goes_on, what_was_found_is_said, an_action_came_of_it), effect=_seen),
        step("leave_out", State.to_see, State.left_out, by=MEETS, label=_("Leave out"),
             guard=the_walk_goes_on, reason=True),
    )  # fmt: skip

    key = ("site", "walk", "place")
    access = Access(create=MEETS, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("walk", "place", "line", "question", "state", "finding", "seen_us"),
        filters=("state", "line", "walk"),
        search=("question", "finding", "line__code"),
        order=("-walk", "place"),
        icon="route",
    )

    class Meta:
        db_table = "daily_gemba_stop"
        verbose_name = _("gemba stop")
        verbose_name_plural = _("gemba stops")
