"""Escalations: a question that goes to the board above and comes back with an answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.kernel import clock
from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, NOBODY, READ_ONLY, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, open_, waiting


def raiser(record: Record, by: Actor) -> bool:
    """the person who raised it"""
    person = cast("Escalation", record).raised_by
    return by.user_id is not None and person.user_id == by.user_id


def raiser_or_their_leaders(record: Record, by: Actor) -> bool:
    """the person who raised it, or who speaks at its board where they cannot sign in"""
    person, site_id = cast("Escalation", record).raised_by, record.site_id_of_record
    return raiser(record, by) or (person.user_id is None and by.holds(MEETS, site_id))


def board_above(record: Record, by: Actor) -> bool:
    """who speaks at the board it is at: its members, and everybody who speaks above the lines"""
    from plantbeat.areas.daily.records.tier_board import BoardMember

    one = cast("Escalation", record)
    if by.holds(MEETS - {Role.line_lead}, one.site_id):
        return True
    members = lines_of(BoardMember, by).filter(board=one.at_board_id, person__user=by.user_id)
    return by.user_id is not None and members.exists()


def an_answer_is_given(record: Record, by: Actor) -> Problem | None:
    """an answer is given"""
    if not cast("Escalation", record).answer.strip():
        return Problem(_now("say what the answer is"), "answer")
    return None


def its_time_is_over(record: Record, by: Actor) -> Problem | None:
    """its time is over and there is a board above"""
    one = cast("Escalation", record)
    if one.at_board is None or one.at_board.above is None:
        return Problem(_now("there is no board above %(board)s") % {"board": one.at_board})
    if (one.due_us or 0) > clock.now_us():
        return Problem(_now("its time to be answered is not over"))
    return None


def _accept(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Escalation", record).accepted_us = clock.now_us()


def _answer(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Escalation", record).answered_us = clock.now_us()


def _settle(record: Record, by: Actor, data: dict[str, Any]) -> None:
    cast("Escalation", record).settled_us = clock.now_us()


def _anew(record: Record, by: Actor, data: dict[str, Any]) -> None:
    """Open again at its board: the time to answer begins anew; the answer before stays in the log."""
    from plantbeat.areas.daily.working_days import next_working_day_us

    one = cast("Escalation", record)
    one.accepted_us = one.answered_us = one.settled_us = None
    one.answer = ""
    one.due_us = next_working_day_us(one.site_id, clock.now_us())


def _climb(record: Record, by: Actor, data: dict[str, Any]) -> None:
    one = cast("Escalation", record)
    one.at_board = one.at_board.above if one.at_board is not None else None
    one.climbs += 1
    _anew(record, by, data)


class Escalation(Record):
    """A question to the board above: accepted, answered within a working day, confirmed by the raiser.

    Not answered in time it goes up one tier by itself.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("ES-", verbose_name=_("number"))
    from_board = models.ForeignKey(
        "daily.TierBoard", models.PROTECT, related_name="sent_up", verbose_name=_("from board")
    )
    at_board = models.ForeignKey(
        "daily.TierBoard", models.PROTECT, null=True, blank=True, related_name="received",
        verbose_name=_("at board"), help_text=_("the board above, unless another is meant"),
    )  # fmt: skip
    question = models.CharField(_("question"), max_length=300)
    raised_by = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("raised by"))
    raised_us = InstantField(verbose_name=_("raised"), default=clock.now_us)
    due_us = InstantField(verbose_name=_("to be answered by"), null=True)
    accepted_us = InstantField(verbose_name=_("accepted"), null=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_us = InstantField(verbose_name=_("answered"), null=True)
    settled_us = InstantField(verbose_name=_("settled"), null=True)
    climbs = models.PositiveSmallIntegerField(_("went up by itself"), default=0, editable=False)

    class State(States):
        raised = open_(_("Raised"))
        accepted = waiting(_("Accepted"))
        answered = waiting(_("Answered"))
        confirmed = done(_("Confirmed"))
        returned = bad(_("Returned"))
        withdrawn = off(_("Withdrawn"))

    lifecycle = Lifecycle(
        step("accept", State.raised, State.accepted, by=board_above, label=_("Accept"), effect=_accept),
        step("answer", State.accepted, State.answered, by=board_above, label=_("Answer"), asks=("answer",),
             guard=an_answer_is_given, effect=_answer),
        step("confirm", State.answered, State.confirmed, by=raiser_or_their_leaders,
             label=_("That answers it"), effect=_settle),
        step("ask_again", (State.answered, State.returned), State.raised, by=raiser_or_their_leaders,
             label=_("Ask again"), asks=("question",), effect=_anew, reason=True),
        step("send_back", (State.raised, State.accepted), State.returned, by=board_above,
             label=_("Return"), reason=True),
        step("climb", (State.raised, State.accepted), State.raised, by=NOBODY, label=_("Goes up one tier"),
             guard=its_time_is_over, effect=_climb),
        step("withdraw", (State.raised, State.accepted, State.returned), State.withdrawn,
             by=raiser_or_their_leaders, label=_("Withdraw"), reason=True, effect=_settle),
    )  # fmt: skip

    key = ("site", "number")
    access = Access(create=ANYONE - READ_ONLY, edit=NOBODY, remove=ADMINISTRATORS)
    face = Face(
        columns=("number", "question", "from_board", "at_board", "raised_by", "state", "due_us"),
        filters=("state", "from_board", "at_board"),
        search=("number", "question", "answer"),
        order=("-number",),
        icon="arrow-up",
    )

    class Meta:
        db_table = "daily_escalation"
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")

    def clean(self) -> None:
        """A new one is asked of the board above, to be answered within one working day."""
        from plantbeat.areas.daily.working_days import next_working_day_us

        if self.at_board is None:
            self.at_board = self.from_board.above
        if self.due_us is None:
            self.due_us = next_working_day_us(self.site_id, self.raised_us)

    def problems(self) -> Iterator[Problem]:
        """It goes up: to a board above the one it comes from."""
        above, seen = self.from_board.above, []
        while above is not None and above.pk not in seen:
            seen.append(above.pk)
            above = above.above
        if not seen:
            yield Problem(_("has no board above it to ask"), "from_board", self.from_board.code)
        elif self.at_board_id not in seen:
            yield Problem(_("must be a board above the one it comes from"), "at_board", str(self.at_board))
