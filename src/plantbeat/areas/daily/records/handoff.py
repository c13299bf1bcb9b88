"""What one shift of an area hands over to the next."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.handoffs.keeping import new_code, put_draft, refuse_changed_draft, said
from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, NOBODY, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record
from plantbeat.kernel.states import States, done, open_, waiting

SIGNERS = LEADERS | {Role.line_lead}
LATE_AFTER_US = 30 * 60_000_000
"""So long after it was due an unsigned handoff is escalated."""
SIGNATURES = ("sign_out", "sign_in", "take_over")


class ItemKind(models.TextChoices):
    """What a sentence of a handoff is about, in the order in which it is read."""

    safety = "safety", _("Safety")
    room = "room", _("Incident rooms open")
    call = "call", _("Open calls")
    stop = "stop", _("Stops going on")
    hold = "hold", _("On hold")
    result = "result", _("What happened against plan")
    loss = "loss", _("Largest stops")
    people = "people", _("People")
    order = "order", _("Orders")
    quality = "quality", _("Quality of data")
    planned_stop = "planned_stop", _("Planned stops coming")
    action = "action", _("Actions due")
    risk = "risk", _("Risks and plan B")
    first_hour = "first_hour", _("First hour")
    decision = "decision", _("Decisions")
    note = "note", _("Notes")


def not_the_one_who_signed_out(record: Record, by: Actor) -> str | None:
    """somebody else signed it out"""
    if by.pseudonym == cast("Handoff", record).signed_out_by:
        return _now("you have signed it out yourself; somebody of the shift that takes over signs it in")
    return None


def nothing_unsafe_left_out(record: Record, _by: Actor) -> Problem | None:
    """everything unsafe that is open stands in it"""
    from plantbeat.areas.daily.handoffs.drafting import unsafe_left_out

    if missing := unsafe_left_out(cast("Handoff", record)):
        why = _now(
            "since the draft was made this has come up and must stand in it: %(what)s; refresh it first"
        )
        return Problem(why % {"what": "; ".join(one.rstrip(".") for one in missing)})
    return None


def boundary_reached(record: Record, _by: Actor) -> str | None:
    """its shift is over"""
    if cast("Handoff", record).boundary_us > clock.now_us():
        return _now("its shift is not over yet; whoever is there now signs it out")
    return None


def questions_answered(record: Record, _by: Actor) -> Problem | None:
    """questions asked at the sign-in are answered"""
    handoff = cast("Handoff", record)
    if handoff.questions.strip() and not handoff.answers.strip():
        return Problem(_now("the questions of the shift that took over have no answer yet"), "answers")
    return None


def _redraft(record: Record, by: Actor, data: dict[str, Any]) -> None:
    put_draft(cast("Handoff", record), data["sentences"])


def _sign_out(record: Record, by: Actor, data: dict[str, Any]) -> None:
    handoff = cast("Handoff", record)
    handoff.signed_out_by, handoff.signed_out_us = by.pseudonym, clock.now_us()
    # Who takes over a handoff that was signed out late has as long to read it.
    begins_us = max(handoff.boundary_us, handoff.next_start_us or 0)
    handoff.due_us = max(begins_us, handoff.signed_out_us) + LATE_AFTER_US
    handoff.escalated_us, handoff.escalated_to = None, ""
    handoff.text = said(handoff)


def _sign_in(record: Record, by: Actor, data: dict[str, Any]) -> None:
    handoff = cast("Handoff", record)
    handoff.signed_in_by, handoff.signed_in_us, handoff.due_us = by.pseudonym, clock.now_us(), None
    handoff.text = said(handoff)


def _escalate(record: Record, by: Actor, data: dict[str, Any]) -> None:
    handoff = cast("Handoff", record)
    handoff.escalated_us = handoff.escalated_us or clock.now_us()


class Handoff(Record):
    """The handoff of an area at a shift boundary; what is unsafe and open cannot be taken out of it."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), editable=False)
    number = NumberField("HO-", verbose_name=_("number"))
    area = models.ForeignKey(
        "plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"), editable=False
    )
    place = models.CharField(_("place"), max_length=30, blank=True, editable=False)
    boundary_us = InstantField(verbose_name=_("at"))
    production_day = models.DateField(_("production day"), editable=False)
    shift = models.CharField(_("shift that ends"), max_length=120, editable=False)
    start_us = InstantField(verbose_name=_("began"))
    next_shift = models.CharField(_("shift that takes over"), max_length=120, blank=True, editable=False)
    next_start_us = InstantField(verbose_name=_("it begins"), null=True)
    note = models.TextField(_("in own words"), blank=True)
    questions = models.TextField(_("questions at the sign-in"), blank=True, editable=False)
    answers = models.TextField(_("answers"), blank=True, editable=False)
    drafted_us = InstantField(verbose_name=_("drafted"), null=True)
    signed_out_by = models.CharField(_("signed out by"), max_length=60, blank=True, editable=False)
    signed_out_us = InstantField(verbose_name=_("signed out"), null=True)
    signed_in_by = models.CharField(_("signed in by"), max_length=60, blank=True, editable=False)
    signed_in_us = InstantField(verbose_name=_("signed in"), null=True)
    due_us = InstantField(verbose_name=_("to be signed until"), null=True, db_index=True)
    escalated_us = InstantField(verbose_name=_("escalated"), null=True)
    escalated_to = models.CharField(_("escalated to"), max_length=200, blank=True, editable=False)
    text = models.TextField(_("what it says"), blank=True, editable=False)
    draft = models.TextField(default="", editable=False)

    class State(States):
        drafted = open_(_("Drafted"))
        signed_out = waiting(_("Signed out"))
        signed_in = done(_("Signed in"))
        archived = done(_("Archived"))

    lifecycle = Lifecycle(
        step(
            "sign_out", State.drafted, State.signed_out, by=SIGNERS, label=_("Sign out"),
            guard=nothing_unsafe_left_out, effect=_sign_out,
            signed="This is the truth about my shift as I know it",
        ),
        step(
            "sign_in", State.signed_out, State.signed_in, by=SIGNERS, label=_("Sign in"), asks=("questions",),
            guard=not_the_one_who_signed_out, effect=_sign_in,
            signed="I have read it and take over",
        ),
        step(
            "take_over", State.drafted, State.signed_in, by=SIGNERS, label=_("Take over without a sign-out"),
            asks=("questions",), guard=(boundary_reached, nothing_unsafe_left_out), effect=_sign_in,
            signed="Nobody signed it out; I have read it and take over", reason=True,
        ),
        step(
            "archive", State.signed_in, State.archived, by=SIGNERS, label=_("Archive"), asks=("answers",),
            guard=questions_answered,
        ),
        step(
            "refresh", State.drafted, State.drafted, by=NOBODY, label=_("Refresh"), asks=("sentences",),
            effect=_redraft,
        ),
    )  # fmt: skip
    actions = (step("escalate", by=NOBODY, label=_("Escalate"), asks=("escalated_to",), effect=_escalate),)

    key = ("site", "number")
    access = Access(create=NOBODY, edit=SIGNERS, remove=NOBODY)
    secrets = ("draft",)
    face = Face(
        columns=("number", "area", "production_day", "shift", "state", "signed_out_us", "signed_in_us"),
        filters=("state", "area", "production_day"),
        search=("number", "place", "shift", "text", "note"),
        order=("-boundary_us", "place"),
        icon="transfer",
    )

    class Meta:
        db_table = "daily_handoff"
        verbose_name = _("handoff")
        verbose_name_plural = _("handoffs")
        constraints = [
            models.UniqueConstraint(fields=["site", "place", "boundary_us"], name="daily_handoff_boundary")
        ]
        indexes = [models.Index(fields=["site", "boundary_us"], name="daily_handoff_time")]

    @property
    def where(self) -> str:
        """The area as people call it; the site for lines that stand in none."""
        return self.area.name if self.area is not None else self.site.name

    def written(self, by: Actor, verb: str) -> None:
        """An edit left what is unsafe where it was; a signature stops the rungs that waited for it."""
        if verb == "edit":
            refuse_changed_draft(self)
        elif verb in SIGNATURES:
            from plantbeat.areas.daily.handoffs.laddering import leave_the_ladder

            leave_the_ladder(self)


class HandoffItem(Line):
    """One sentence of a handoff: as it was drafted, from what, and as somebody has put it."""

    handoff = Parent(Handoff, related_name="items")
    code = models.CharField(_("code"), max_length=120, default=new_code)
    kind = ChoiceField(ItemKind, verbose_name=_("kind"), default=ItemKind.note)
    drafted = models.CharField(_("as drafted"), max_length=500, blank=True)
    text = models.CharField(_("in own words"), max_length=500, blank=True)
    source = models.CharField(_("from"), max_length=200, blank=True)
    opens = models.CharField(_("opens"), max_length=300, blank=True)
    unsafe = models.BooleanField(_("unsafe and open"), default=False)

    key = ("handoff", "code")
    columns = ("kind", "drafted", "text", "unsafe", "source")

    class Meta:
        db_table = "daily_handoff_item"
        verbose_name = _("sentence")
        verbose_name_plural = _("sentences")

    @property
    def by_hand(self) -> bool:
        """True for a sentence that somebody has added."""
        return not self.drafted

    @property
    def words(self) -> str:
        """What is read out: the words somebody gave it, else those drafted."""
        return self.text or self.drafted
