"""Wall boards as pages: a paired screen shows its board, anybody else may look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.live import Frame, line_frame
from plantbeat.areas.execution.records.wall_board import BoardKind, Distance, WallBoard
from plantbeat.areas.execution.walls.call_frames import calls_frame
from plantbeat.areas.execution.walls.hour_frames import hours_frame
from plantbeat.areas.execution.walls.plant_frames import plant_frame
from plantbeat.areas.plant.records.line import Line
from plantbeat.engine.legibility import Fit, tiles_that_fit
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, board, site_of

STALE_S = 30
LINES = {BoardKind.plant: ("stop", "first"), BoardKind.andon: ("more",)}
"""Lines of text under the tiles."""
NARROWEST_CM, WIDEST_CM = 40, 600


@dataclass(frozen=True, slots=True)
class Shown:
    """A board with what it shows: the frame its tiles are parts of, and the topics that keep it alive."""

    board: WallBoard
    key: str
    frame: Frame
    topics: str
    fit: Fit


def wall_board(site: Site, code: str, by: Actor) -> WallBoard | None:
    """The board of a code; for a line without a board of its own the usual one of that line."""
    found = visible(WallBoard, by).filter(site=site, code=code).select_related("site", "line", "area").first()
    if found is not None:
        return found
    line = visible(Line, by).filter(site=site, code=code).first()
    if line is None:
        return None
    return WallBoard(site=site, code=code, name=line.name, kind=BoardKind.line, line=line)


def fit_of(one: WallBoard) -> Fit:
    """How the board is laid out on its screen."""
    lines = len(LINES.get(BoardKind(one.kind), ()))
    return tiles_that_fit(len(one.tile_codes()), float(one.distance), one.screen_cm, lines=lines)


def shown_on(one: WallBoard, by: Actor) -> Shown:
    """What a board shows now. Raises `Refused` where it cannot be asked."""
    kind, fit = BoardKind(one.kind), fit_of(one)
    line = one.line.code if one.line is not None else ""
    place = one.site.code + (f"@{one.area.code}" if one.area is not None else "")
    if kind is BoardKind.plant:
        return Shown(one, place, plant_frame(place, by), f"plant/{place}", fit)
    if kind is BoardKind.andon:
        return Shown(one, place, calls_frame(place, by), f"calls/{place}", fit)
    if kind is BoardKind.hours:
        return Shown(one, line, hours_frame(line, by), f"hours/{line}", fit)
    frame = {**line_frame(line, by), **hours_frame(line, by)}
    return Shown(one, line, frame, f"line/{line} hours/{line}", fit)


@require_GET
@board
@rules_read_once()
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """A wall board, live and read only; `?distance=` (m) and `?width=` (cm) try another place for it."""
    by, site = actor_of(request), site_of(request)
    one = wall_board(site, code, by) if site is not None else None
    if site is None or one is None:
        raise Http404
    _tried(one, request)
    try:
        shown = shown_on(one, by)
    except Refused:
        raise Http404 from None
    fit_url = reverse("wall_fit", kwargs={"code": code})
    context = {
        "page_title": f"{one.line.code} {one.line.name}" if one.line is not None else one.name,
        "live_topic": shown.topics,
        "site": site,
        "distance": one.distance,
        "fit_url": f"{fit_url}?distance={one.distance}&width={one.screen_cm}",
        "theme": "dark",
        "kind": one.kind,
        "tiles": _tiles(shown, opens=by.device_id is None),
        "lines": [
            {"key": f"{shown.key}.{name}", "text": shown.frame[f"{shown.key}.{name}"]["text"]}
            for name in LINES.get(BoardKind(one.kind), ())
        ],
    }
    return render(request, "execution/wall.html", context)


def _tried(one: WallBoard, request: HttpRequest) -> None:
    """Take another distance or width, only for this look."""
    distance, width = request.GET.get("distance", ""), request.GET.get("width", "")
    if distance in Distance.values:
        one.distance = distance
    if width.isdecimal() and len(width) < 5 and NARROWEST_CM <= int(width) <= WIDEST_CM:
        one.screen_cm = int(width)


@require_GET
@board
def wall_fit(request: HttpRequest, code: str) -> HttpResponse:
    """The size of text and the columns of a board, as a style sheet: the page itself may carry no style."""
    by, site = actor_of(request), site_of(request)
    one = wall_board(site, code, by) if site is not None else None
    if one is None:
        raise Http404
    _tried(one, request)
    fit = fit_of(one)
    text = (
        f".pb-wall[data-fit] {{ --pb-wall-text: {fit.text_vw:.4f}vw; --pb-wall-columns: {fit.columns}; }}\n"
    )
    return HttpResponse(text, content_type="text/css; charset=utf-8")


def _tiles(shown: Shown, *, opens: bool) -> list[dict[str, Any]]:
    """The tiles that fit, in the order they are looked at: hours by time, all else as given.

    Where somebody signed in looks at the board, a measure of a line opens to its page.
    """
    codes = shown.board.tile_codes()[: shown.fit.tiles]
    if shown.board.kind == BoardKind.hours:
        codes.sort(key=lambda code: int(code[1:]))
    return [_tile(shown, code) | {"url": _opened(shown, code) if opens else ""} for code in codes]


def _opened(shown: Shown, code: str) -> str:
    if code not in _factor_names() or shown.board.line is None:
        return ""
    scope = Scope.line(shown.board.site_id, shown.key)
    return kpi_address(MeasureCode(code), scope, period="shift")


def _tile(shown: Shown, code: str) -> dict[str, Any]:
    if code == "now":
        key = f"{shown.key}.state"
        return {"key": key, "name": _("Now"), "is_state": True, "part": shown.frame[key]}
    key, kind = f"{shown.key}.{code}", BoardKind(shown.board.kind)
    part = {"unit": "", "status": "none", "status_word": "", "detail": "", **shown.frame[key]}
    if code in ("good", "scrap"):
        order = shown.frame[f"{shown.key}.order"]["text"] if code == "good" else ""
        part |= {"unit": _("pcs"), "status_word": _("this shift"), "detail": order or ""}
    elif code in _factor_names():
        part |= {"unit": "%", "detail": part.get("period", "")}
    return {
        "key": key,
        "name": part.get("name") or _names()[code],
        "part": part,
        "is_current": code == "h0",
        "stale_after": STALE_S if kind is BoardKind.line else None,
        "named": "name" in part,
        "detailed": code not in ("good", "scrap", *_factor_names()),
    }


def _factor_names() -> dict[str, str]:
    return {
        "oee": _("OEE"), "availability": _("Availability"), "performance": _("Performance"),
        "quality": _("Quality"),
    }  # fmt: skip


def _names() -> dict[str, str]:
    return _factor_names() | {"good": _("Good pieces"), "scrap": _("Scrap")}
