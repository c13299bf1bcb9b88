"""Holding a tier meeting: when it is due, what it looks at, what is said in it and what is sent up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from plantbeat.areas.daily.persons import person_of
from plantbeat.areas.daily.records.board_cell import BoardCell
from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.daily.tiers.boards import is_measured, measures_of
from plantbeat.areas.daily.working_days import last_working_day, working_days
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused

OPEN = ("raised", "accepted")
"""States in which an escalation waits for an answer."""


def patterns_of(board: TierBoard) -> frozenset[str]:
    """Shift patterns whose days a board works: its line's, those of its area, or (none) all."""
    if board.line is not None:
        pattern = board.line.shift_pattern
        return frozenset([pattern.code]) if pattern is not None else frozenset()
    if board.area_id is None:
        return frozenset()
    lines = visible(Line, Actor.system("tier boards")).filter(area=board.area_id, shift_pattern__isnull=False)
    return frozenset(lines.values_list("shift_pattern__code", flat=True))


def meeting_day(board: TierBoard) -> date:
    """The production day that is going on at the site of a board."""
    return rules_of(board.site_id).day_at(clock.now_us())


def day_looked_at(board: TierBoard, day: date) -> date:
    """The last working day of a board before a day."""
    return last_working_day(board.site_id, day, patterns_of(board))


def meets_on(board: TierBoard, day: date) -> bool:
    """True on a working day of the board."""
    return bool(working_days(board.site_id, day, day, patterns_of(board)))


def works(board: TierBoard, first: date, last: date) -> dict[date, bool]:
    """Which days of a time the board works."""
    worked = set(working_days(board.site_id, first, last, patterns_of(board)))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return {day: day in worked for day in days}


def meeting_of(board: TierBoard, day: date, by: Actor) -> TierMeeting | None:
    """The meeting of a day, the first of them where a board meets by shift."""
    rows = visible(TierMeeting, by).filter(board=board, day=day)
    return rows.select_related("board", "board__line", "site").order_by("planned_us", "pk").first()


def meetings_held(board: TierBoard, first: date, last: date, by: Actor) -> QuerySet[TierMeeting]:
    """Meetings of a board in a time, the latest first."""
    rows = visible(TierMeeting, by).filter(board=board, day__gte=first, day__lte=last)
    return rows.order_by("-day", "-pk")


def start_meeting(board: TierBoard, by: Actor) -> TierMeeting:
    """Start today's meeting of a board; one that is going on or over already is the same meeting.

    Raises `Refused` where the role does not allow it.
    """
    day = meeting_day(board)
    found = meeting_of(board, day, by)
    if found is None:
        data = {"site": board.site, "board": board, "day": day, "looks_at": day_looked_at(board, day)}
        found = act(TierMeeting, "create", by, data)
    return act(found, "start", by) if found.state == TierMeeting.State.planned else found


def say_of_cell(
    board: TierBoard, day: date, item: str, by: Actor, *, value: str = "", reason: str = "", action: str = ""
) -> BoardCell:
    """Write down what a meeting says of a figure: its value where nobody measures it, why it was red.

    What is not given stays as it was. Raises `Refused` for a figure the board has not and a value that is no
    number.
    """
    line = next((one for one in measures_of([board], by)[board.pk] if one.item == item), None)
    if line is None:
        raise Refused(Problem(_("the board has no such figure"), "item", item), Kind.missing)
    said: dict[str, object] = {}
    if value.strip():
        if is_measured(item):
            raise Refused(Problem(_("is measured and cannot be written"), "value", value))
        said["value"] = _number(value)
    said |= {name: text for name, text in (("reason", reason.strip()), ("action", action)) if text}
    known = visible(BoardCell, by).filter(board=board, day=day, item=item, letter=line.letter).first()
    if known is not None:
        return act(known, "note", by, said)
    key = {"site": board.site, "board": board, "day": day, "letter": line.letter, "item": item}
    return act(BoardCell, "create", by, key | said | {"noted_by": person_of(board.site, by)})


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise Refused(Problem(_("is no number"), "value", text, _("a number as 3 or 2.5"))) from None


def take_attendance(meeting: TierMeeting, absent: list[Person], by: Actor) -> TierMeeting:
    """Note who is missing; all others are there."""
    rows = [{"person": person} for person in absent]
    act(meeting, "edit", by, {"absences": rows})
    return act(meeting, "take_attendance", by)


def escalations_at(board: TierBoard, by: Actor) -> QuerySet[Escalation]:
    """What waits at a board for an answer, the first due first."""
    rows = visible(Escalation, by).filter(at_board=board, state__in=OPEN)
    return rows.select_related("from_board", "at_board", "raised_by").order_by("due_us", "pk")


def escalations_from(board: TierBoard, by: Actor, days: int = 14) -> QuerySet[Escalation]:
    """What a board has sent up and is not settled, and what was settled in the last days."""
    since_us = clock.now_us() - timedelta(days=days) // timedelta(microseconds=1)
    rows = visible(Escalation, by).filter(from_board=board)
    rows = rows.filter(settled_us=None) | rows.filter(settled_us__gte=since_us)
    return rows.select_related("from_board", "at_board", "raised_by").order_by("-raised_us", "-pk")


def open_escalations(boards: list[TierBoard], by: Actor) -> QuerySet[Escalation]:
    """What boards have sent up and still waits for an answer, the first due first."""
    rows = visible(Escalation, by).filter(from_board__in=boards, state__in=OPEN)
    return rows.select_related("from_board", "at_board", "raised_by").order_by("due_us", "pk")
