"""Pages of tier boards: all boards of a site, one board, its wall."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.daily.persons import people_here, person_of
from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.daily.records.tier_board import Letter, TierBoard
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.daily.tiers import meetings, showing
from plantbeat.areas.daily.tiers.boards import Cell, board_named, boards_of, cells_of, letters_of, worst
from plantbeat.areas.daily.tiers.letter_shapes import last_day
from plantbeat.areas.daily.working_days import working_day_ahead
from plantbeat.areas.execution.records.wall_board import BoardKind, WallBoard
from plantbeat.areas.execution.walls.pages import wall_page
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.permission import may_create
from plantbeat.surfaces.addresses import address, address_of
from plantbeat.surfaces.pages.view import actor_of, board, signed_in, site_of

DUE_DAYS = 2


@require_GET
@signed_in
@rules_read_once()
def tiers(request: HttpRequest) -> HttpResponse:
    """Every board of the site with the letters of the last working day: how the tiers roll up."""
    by, site = actor_of(request), site_of(request)
    found = boards_of(site, by) if site is not None else []
    context: dict[str, Any] = {
        "page_title": _("Tier boards"),
        "new_url": address(TierBoard, "new") if may_create(TierBoard, by) else "",
        "as_of_us": clock.now_us(),
    }
    if found:
        days = {one.pk: meetings.day_looked_at(one, meetings.meeting_day(one)) for one in found}
        late, waiting = _waiting(found, by)
        rows = {one.pk: _row(one, days[one.pk], by) for one in found}
        for day in sorted(set(days.values())):
            of_day = [one for one in found if days[one.pk] == day]
            for pk, cells in cells_of(of_day, day, by).items():
                rows[pk]["letters"] = _letter_row(cells)
                rows[pk]["silent"] = sum(cell.silent for cell in cells)
        for one in found:
            rows[one.pk] |= {"waiting": waiting.get(one.pk, 0), "late": late.get(one.pk, 0)}
        context["tiers"] = [
            {"tier": tier, "rows": [rows[one.pk] for one in found if one.tier == tier]}
            for tier in (3, 2, 1)
            if any(one.tier == tier for one in found)
        ]
    return render(request, "daily/tiers.html", context)


def _row(one: TierBoard, day: date, by: Actor) -> dict[str, Any]:
    meeting = meetings.meeting_of(one, meetings.meeting_day(one), by)
    return {
        "board": one,
        "day": day,
        **showing.board_links(one),
        "meeting": TierMeeting.states()[meeting.state] if meeting is not None else None,
    }


def _letter_row(cells: list[Cell]) -> list[dict[str, Any]]:
    rows = [(letter.value, [cell for cell in cells if cell.letter == letter.value]) for letter in Letter]
    return [
        {"letter": letter, "status": worst(mine).value, "word": showing.status_text(mine)}
        for letter, mine in rows
    ]


def _waiting(found: list[TierBoard], by: Actor) -> tuple[dict[int, int], dict[int, int]]:
    """How many questions wait at each board, and how many of them too long."""
    late: dict[int, int] = {}
    waiting: dict[int, int] = {}
    for one in meetings.open_escalations(found, by):
        at = one.at_board_id or 0
        waiting[at] = waiting.get(at, 0) + 1
        late[at] = late.get(at, 0) + ((one.due_us or 0) < clock.now_us())
    return late, waiting


@require_GET
@signed_in
@rules_read_once()
def one_board(request: HttpRequest, code: str) -> HttpResponse:
    """A board on a day (`?day=`, else the last working day)."""
    by, site = actor_of(request), site_of(request)
    found = board_named(site, code, by) if site is not None else None
    if found is None:
        raise Http404
    return render(request, "daily/board.html", board_frame(found, day_asked(request, found), by))


def day_asked(request: HttpRequest, found: TierBoard) -> date:
    """The day an address names, not one of the future; else the one the board looks at now."""
    today = meetings.meeting_day(found)
    try:
        asked = date.fromisoformat(request.GET.get("day", "") or request.POST.get("day", ""))
    except ValueError:
        return meetings.day_looked_at(found, today)
    return min(asked, today)


def board_frame(found: TierBoard, day: date, by: Actor) -> dict[str, Any]:
    """Everything about a board on a day."""
    first = min(day.replace(day=1), day - timedelta(days=showing.TREND_DAYS - 1))
    letters = letters_of(found, day, by, first)
    works = meetings.works(found, first, last_day(day))
    links, today = showing.board_links(found), meetings.meeting_day(found)
    meeting = meetings.meeting_of(found, today, by)
    frames = [
        showing.letter_frame(one, day, works, links["board_url"], by) | showing.trend(one, day, works)
        for one in letters
    ]
    below = list(found.below.order_by("code")) if found.tier > 1 else []
    return {
        "page_title": found.name,
        "crumbs": [{"label": _("Tier boards"), "url": reverse("tiers")}],
        "board": found,
        "board_url": links["board_url"],
        "wall_url": links["wall_url"],
        "record_url": address_of(found),
        "day": day,
        "works": works.get(day, False),
        "day_before": f"{links['board_url']}?day={meetings.day_looked_at(found, day).isoformat()}",
        "letters": frames,
        "reds": [cell for frame in frames for cell in frame["cells"] if cell["status"] == "act"],
        "below": below_frame(below, day, by),
        "asked_here": showing.escalation_frames(meetings.escalations_at(found, by), by),
        "sent_up": showing.escalation_frames(meetings.escalations_from(found, by), by),
        "meeting": meeting,
        "meeting_state": TierMeeting.states()[meeting.state] if meeting is not None else None,
        "meets_today": meetings.meets_on(found, today),
        "held": _held(found, day, by),
        "may_meet": by.holds(MEETS, found.site_id),
        "as_of_us": clock.now_us(),
        **form_frame(found, by),
    }


def form_frame(board: TierBoard, by: Actor) -> dict[str, Any]:
    """What the one-line form of a decision offers."""
    return {
        "owners": people_here(board.site, by).only("number", "name")[:400],
        "usual_due": working_day_ahead(
            board.site_id, timezone.localdate(clock.now()), DUE_DAYS, meetings.patterns_of(board)
        ),
        "me": person_of(board.site, by),
        "say_url": reverse("tier_say", kwargs={"code": board.code, "what": "cell"}).removesuffix("cell/"),
    }


def below_frame(below: list[TierBoard], day: date, by: Actor) -> dict[str, Any]:
    """What the boards below have red on a day, and which questions they wait for."""
    if not below:
        return {}
    cells = cells_of(below, day, by)
    reds = [cell for one in below for cell in cells[one.pk] if cell.red]
    return {
        "boards": [
            {
                "board": one,
                **showing.board_links(one),
                "letters": _letter_row(cells[one.pk]),
            }
            for one in below
        ],
        "reds": showing.cell_frames(reds, by),
        "escalations": showing.escalation_frames(meetings.open_escalations(below, by), by),
    }


def _held(found: TierBoard, day: date, by: Actor) -> list[dict[str, Any]]:
    rows = meetings.meetings_held(found, day - timedelta(days=13), meetings.meeting_day(found), by)
    return [
        {
            "meeting": one,
            "state": TierMeeting.states()[one.state],
            "link": address_of(one),
            "lasted_us": one.lasted_us,
            "started": clock.from_us(one.started_us) if one.started_us else None,
        }
        for one in rows[:10]
    ]


@require_GET
@board
@rules_read_once()
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """The board on a wall as it is now: a tile for each letter, no names, nothing to touch."""
    by, site = actor_of(request), site_of(request)
    found = board_named(site, code, by) if site is not None else None
    if site is None or found is None:
        raise Http404
    reference = f"{TierBoard.type_code()}:{found.pk}"
    shown = WallBoard(site=site, code=code, name=found.name, kind=BoardKind.tier, tier_board=reference)
    return wall_page(request, shown)
