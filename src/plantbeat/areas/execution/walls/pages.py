"""Wall boards as pages: a paired screen shows its board, anybody else may look at it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.records.wall_board import MOST_TILES, BoardKind, Distance, Look, WallBoard
from plantbeat.areas.execution.walls.showing import Shown, fit_of, shown_on, tiles_of
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.pages.view import actor_of, board, site_of

NARROWEST_CM, WIDEST_CM = 40, 600
USUAL_CM = 122
MOST_LINES = 3


def wall_board(site: Site, code: str, by: Actor) -> WallBoard | None:
    """The board of a code; for a line without a board of its own the usual one of that line."""
    found = visible(WallBoard, by).filter(site=site, code=code).select_related("site", "line", "area").first()
    if found is not None:
        return found
    line = visible(Line, by).filter(site=site, code=code).first()
    if line is None:
        return None
    return WallBoard(site=site, code=code, name=line.name, kind=BoardKind.line, line=line)


@require_GET
@board
@rules_read_once()
def wall(request: HttpRequest, code: str) -> HttpResponse:
    """A wall board, live and read only; `?distance=` (m), `?width=` (cm), `?look=` try another place.

    `?upright=1` is a screen that is higher than wide; the page asks for it by itself.
    """
    by, site = actor_of(request), site_of(request)
    one = wall_board(site, code, by) if site is not None else None
    if one is None:
        raise Http404
    return wall_page(request, one)


def wall_page(request: HttpRequest, one: WallBoard, *, day: str = "") -> HttpResponse:
    """A board in its own language, laid out for its screen; 404 where it shows nothing the reader may see."""
    _tried(one, request)
    with translation.override(one.language or translation.get_language()):
        try:
            shown = shown_on(one, actor_of(request), day=day, upright=_is_upright(request))
        except Refused:
            raise Http404 from None
        return render(request, "execution/wall.html", _context(request, shown))


def _is_upright(request: HttpRequest) -> bool:
    return request.GET.get("upright") == "1"


def _context(request: HttpRequest, shown: Shown) -> dict[str, object]:
    one, fit = shown.board, shown.fit
    asked = {
        "tiles": len(shown.codes), "lines": len(shown.lines), "distance": one.distance,
        "width": one.screen_cm, "upright": int(_is_upright(request)),
    }  # fmt: skip
    opens = actor_of(request).device_id is None
    return {
        "page_title": f"{one.line.code} {one.line.name}" if one.line is not None else one.name,
        "live_topic": shown.topics,
        "site": one.site,
        "distance": one.distance,
        "fit": fit,
        "upright": _is_upright(request),
        "fit_url": f"{reverse('wall_fit')}?{urlencode(asked)}",
        "theme": one.look,
        "kind": one.kind,
        "heading": {"key": shown.heading, "part": shown.frame[shown.heading]} if shown.heading else None,
        "tiles": tiles_of(shown, opens=opens),
        "lines": [
            {"key": name, "part": shown.frame[name], "url": shown.frame[name].get("url", "") if opens else ""}
            for name in shown.lines[: fit.lines]
        ],
    }


def _tried(one: WallBoard, request: HttpRequest) -> None:
    """Take another distance, width or light, only for this look."""
    if request.GET.get("look") in Look.values:
        one.look = request.GET["look"]
    distance, width = request.GET.get("distance", ""), _whole(request, "width", WIDEST_CM, 0)
    if distance in Distance.values:
        one.distance = distance
    if width >= NARROWEST_CM:
        one.screen_cm = width


def _whole(request: HttpRequest, name: str, most: int, usual: int) -> int:
    """A whole number of an address, up to a bound; the usual one where it is none."""
    text = request.GET.get(name, "")
    is_number = text.isascii() and text.isdecimal() and len(text) < 5
    return int(text) if is_number and int(text) <= most else usual


@require_GET
@board
def wall_fit(request: HttpRequest) -> HttpResponse:
    """The size of text and the columns of a board, as a style sheet: the page itself may carry no style."""
    one = WallBoard(screen_cm=USUAL_CM)
    _tried(one, request)
    tiles, lines = _whole(request, "tiles", MOST_TILES, MOST_TILES), _whole(request, "lines", MOST_LINES, 0)
    fit = fit_of(tiles, lines, float(one.distance), one.screen_cm, upright=_is_upright(request))
    text = (
        f".pb-wall[data-fit] {{ --pb-wall-text: {fit.text_vw:.4f}vw; --pb-wall-columns: {fit.columns}; }}\n"
    )
    return HttpResponse(text, content_type="text/css; charset=utf-8")
