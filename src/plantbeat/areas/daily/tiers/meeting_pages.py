"""A tier meeting on the screen, and everything that is said in it or at its board."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from plantbeat.areas.daily.persons import person_of
from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.records.tier_board import BoardMember, TierBoard
from plantbeat.areas.daily.records.tier_meeting import MeetingAbsence, TierMeeting
from plantbeat.areas.daily.tiers import meetings, pages, showing
from plantbeat.areas.daily.tiers.agenda import agenda_of
from plantbeat.areas.daily.tiers.boards import board_named
from plantbeat.areas.daily.tiers.forms import action_given, day_given, person_given
from plantbeat.areas.improvement.questions import actions_of
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.writing import writing
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of

STEPS = ("accept", "answer", "confirm", "send_back", "ask_again")


@require_GET
@signed_in
@rules_read_once()
def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting: agenda with its clock, attendance, reds first, what is decided and sent up, the end."""
    by = actor_of(request)
    found: Any = found_record(TierMeeting, by, pk)
    return render(request, "daily/meeting.html", meeting_frame(found, by))


def meeting_frame(found: TierMeeting, by: Actor) -> dict[str, Any]:
    """Everything a meeting goes through."""
    board = found.board
    points, usual = agenda_of(board, by)
    decided = actions_of([f"daily.TierMeeting:{found.pk}", f"daily.TierBoard:{board.pk}"], by)
    of_meeting = decided.get(f"daily.TierMeeting:{found.pk}", [])
    of_board = [row for row in decided.get(f"daily.TierBoard:{board.pk}", []) if row.settled_us is None]
    running = found.state == TierMeeting.State.running
    return {
        **pages.board_frame(board, found.looks_at, by),
        "page_title": _("Meeting: %(board)s") % {"board": board.name},
        "crumbs": [
            {"label": _("Tier boards"), "url": reverse("tiers")},
            {"label": board.name, "url": showing.board_links(board)["board_url"]},
        ],
        "meeting": found,
        "meeting_url": address_of(found),
        "running": running,
        "meeting_state": TierMeeting.states()[found.state],
        "started_us": found.started_us,
        "ended_us": found.ended_us,
        "points": points,
        "usual_agenda": usual,
        "point_seconds": [point.minutes * 60 for point in points],
        "minutes_in_all": sum(point.minutes for point in points),
        "members": _members(found, by),
        "decided": [{"action": row, "link": address_of(row)} for row in of_meeting],
        "older": [{"action": row, "link": address_of(row)} for row in of_board],
        "why_not_end": may(found, "end", by) if running else [],
    }


def _members(found: TierMeeting, by: Actor) -> list[dict[str, Any]]:
    absent = set(lines_of(MeetingAbsence, by).filter(meeting=found).values_list("person", flat=True))
    rows = lines_of(BoardMember, by).filter(board=found.board).select_related("person")
    return [
        {"person": row.person, "absent": row.person_id in absent} for row in rows.order_by("person__name")
    ]


@require_POST
@signed_in
@rules_read_once()
def start(request: HttpRequest, code: str) -> HttpResponse:
    """Start today's meeting of a board, or go to the one that is going on."""
    by, board = actor_of(request), _board(request, code)
    try:
        found = meetings.start_meeting(board, by)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("tier_board", code=code)
    return redirect("tier_meeting", pk=found.pk)


@require_POST
@signed_in
@rules_read_once()
def say(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """Something that is said at a board, in its meeting where one is named."""
    by, board = actor_of(request), _board(request, code)
    held: Any = None
    if request.POST.get("meeting", "").isdigit():
        held = found_record(TierMeeting, by, int(request.POST["meeting"]))
        if held.board_id != board.pk:
            raise Http404
    saying = _SAYINGS.get(what)
    if saying is None:
        raise Http404
    try:
        with writing():
            said = saying(request, board, held, by)
    except Refused as refused:
        return _refused(request, board, held, refused)
    messages.success(request, said)
    if held is not None:
        return redirect("tier_meeting", pk=held.pk)
    return redirect(
        f"{showing.board_links(board)['board_url']}?day={pages.day_asked(request, board).isoformat()}"
    )


def _refused(
    request: HttpRequest, board: TierBoard, held: TierMeeting | None, refused: Refused
) -> HttpResponse:
    by = actor_of(request)
    if held is not None:
        frame, template = meeting_frame(held, by), "daily/meeting.html"
    else:
        frame, template = pages.board_frame(board, pages.day_asked(request, board), by), "daily/board.html"
    return render(request, template, frame | {"problems": refused.problems}, status=422)


def _board(request: HttpRequest, code: str) -> TierBoard:
    site = site_of(request)
    found = board_named(site, code, actor_of(request)) if site is not None else None
    if found is None:
        raise Http404
    return found


def _source(board: TierBoard, held: TierMeeting | None) -> str:
    return f"daily.TierMeeting:{held.pk}" if held is not None else f"daily.TierBoard:{board.pk}"


def _cell(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    """A figure is written, or a red gets its reason, and its action where one is named."""
    given = request.POST
    day = held.looks_at if held is not None else day_given(given.get("day", ""), "day")
    if day is None:
        raise Refused(Problem(_("is required"), "day"))
    action = ""
    if given.get("title", "").strip():
        action = action_given(board.site, given, by, source=_source(board, held), line=board.line)
    said = {"value": given.get("value", ""), "reason": given.get("reason", ""), "action": action}
    if not any(text.strip() for text in said.values()):
        raise Refused(Problem(_("say something: a value, a reason or an action"), "reason"))
    meetings.say_of_cell(board, day, given.get("item", ""), by, **said)
    return _("Noted.")


def _action(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    action_given(board.site, request.POST, by, source=_source(board, held), line=board.line)
    return _("Decided: it is on the list of actions.")


def _escalate(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    text = request.POST.get("raised_by", "")
    raised_by = person_given(board.site, text, by) if text.strip() else person_of(board.site, by)
    if raised_by is None:
        raise Refused(Problem(_("name who asks: your sign-in has no person"), "raised_by"))
    question = request.POST.get("question", "").strip()
    data = {"site": board.site, "from_board": board, "question": question, "raised_by": raised_by}
    made = act(Escalation, "create", by, data)
    return _("Sent up to %(board)s.") % {"board": made.at_board}


def _step(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    verb, text = request.POST.get("step", ""), request.POST.get("text", "").strip()
    pk = request.POST.get("escalation", "")
    if verb not in STEPS or not pk.isdigit():
        raise Http404
    found: Any = found_record(Escalation, by, int(pk))
    data = {"answer": {"answer": text}, "ask_again": {"question": text or found.question}}.get(verb, {})
    act(found, verb, by, data, reason=text)
    return _("%(number)s: %(step)s") % {"number": found, "step": Escalation.steps()[verb].label}


def _attendance(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    if held is None:
        raise Http404
    numbers = request.POST.getlist("absent")
    missing = visible(Person, by).filter(site=board.site, number__in=numbers)
    meetings.take_attendance(held, list(missing), by)
    return _("Attendance is taken.")


def _end(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    if held is None:
        raise Http404
    act(held, "end", by, {"summary": request.POST.get("summary", "").strip()})
    return _("The meeting has ended.")


def _call_off(request: HttpRequest, board: TierBoard, held: TierMeeting | None, by: Actor) -> str:
    if held is None:
        raise Http404
    act(held, "call_off", by, reason=request.POST.get("reason", ""))
    return _("Noted as not held.")


Saying = Callable[[HttpRequest, TierBoard, TierMeeting | None, Actor], str]
_SAYINGS: dict[str, Saying] = {
    "cell": _cell,
    "action": _action,
    "escalate": _escalate,
    "step": _step,
    "attendance": _attendance,
    "end": _end,
    "call_off": _call_off,
}
