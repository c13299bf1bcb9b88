"""What a wall board shows: the frames it watches, the tiles and lines that have room on its screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.live import Frame
from plantbeat.areas.execution.records.wall_board import BoardKind, WallBoard
from plantbeat.engine.legibility import Fit, tiles_that_fit
from plantbeat.facts.live.topics import topic_named
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Refused

STALE_S = 30
FIRST = "first"
"""Topic and part of who gets help first: the line that stands on every board of a site."""

LINES = {BoardKind.plant: ("stop",), BoardKind.andon: ("more",)}
"""Parts that are lines of text under the tiles, after who gets help first."""

_TOPICS = {
    BoardKind.hours: "hours", BoardKind.plant: "plant", BoardKind.start_up: "start_up",
    BoardKind.andon: "calls", BoardKind.tier: "tier", BoardKind.week: "report", BoardKind.month: "report",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    """A board with what it shows now.

    key     what its parts are named after: the code of a line, a site or a tier board
    topics  what keeps it alive, as the page asks for it
    codes   tiles it has something for, the most important first; those of `fit` have room
    lines   names of the parts that are lines of text, the most important first
    """

    board: WallBoard
    key: str
    frame: Frame
    topics: str
    codes: list[str]
    lines: list[str]
    fit: Fit

    @property
    def heading(self) -> str:
        """The part that says what the board speaks of just now, such as its shift; empty without one.

        A board of a line shows more than its hours, whose heading explains only these.
        """
        name = f"{self.key}.heading"
        return name if name in self.frame and self.board.kind != BoardKind.line else ""


def shown_on(board: WallBoard, by: Actor, *, day: str = "", upright: bool = False) -> Shown:
    """What a board shows now on a screen that lies or stands, of a report the period that holds `day`.

    Raises `Refused`.

    A kind of board is a live topic; whoever declares the topic makes its frames.
    """
    watched = _watched(board, day)
    frame: dict[str, dict[str, Any]] = {}
    for name, key in watched:
        topic = topic_named(name)
        if topic is None:
            raise Refused(_("there is no such board here"), Kind.missing)
        frame |= {part: dict(said) for part, said in topic.frame(key, by).items()}
    key, site = watched[0][1], board.site.code
    codes = [code for code in board.tile_codes() if _part_of(code, key) in frame]
    lines = [f"{site}.{FIRST}", *(f"{key}.{name}" for name in LINES.get(BoardKind(board.kind), ()))]
    fit = fit_of(len(codes), len(lines), float(board.distance), board.screen_cm, upright=upright)
    return Shown(board, key, frame, " ".join(map("/".join, watched)), codes, lines, fit)


def fit_of(tiles: int, lines: int, distance_m: float, screen_cm: int, *, upright: bool = False) -> Fit:
    """How tiles and lines are laid out on a screen."""
    return tiles_that_fit(tiles, distance_m, screen_cm, lines=lines, upright=upright)


def _watched(board: WallBoard, day: str) -> list[tuple[str, str]]:
    """Topics and keys of a board, the one its parts are named after first."""
    kind, site, first = BoardKind(board.kind), board.site.code, (FIRST, board.site.code)
    if board.line is not None and kind in (BoardKind.line, BoardKind.hours):
        code = board.line.code
        return [*([("line", code)] if kind is BoardKind.line else []), ("hours", code), first]
    key = site + (f"@{board.area.code}" if board.area is not None else "")
    if kind is BoardKind.start_up:
        key = site
    if kind is BoardKind.tier:
        key = str(getattr(WallBoard._meta.get_field("tier_board").record_of(board.tier_board), "code", ""))
    if kind in (BoardKind.week, BoardKind.month):
        key = kind.value + (f"@{day}" if day else "")
    return [(_TOPICS[kind], key), first]


def tiles_of(shown: Shown, *, opens: bool) -> list[dict[str, Any]]:
    """The tiles that fit, in the order they are looked at: hours by time, all else as given.

    Where somebody signed in looks at the board, each number opens to what is behind it.
    """
    codes = shown.codes[: shown.fit.tiles]
    if shown.board.kind == BoardKind.hours:
        codes.sort(key=lambda code: int(code[1:]))
    return [_tile(shown, code, opens=opens) for code in codes]


def _part_of(code: str, key: str) -> str:
    return f"{key}.{'state' if code == 'now' else code}"


def _tile(shown: Shown, code: str, *, opens: bool) -> dict[str, Any]:
    key, kind = _part_of(code, shown.key), BoardKind(shown.board.kind)
    part = {"unit": "", "status": "none", "status_word": "", "detail": "", **shown.frame[key]}
    tile = {
        "key": key,
        "is_current": code == "h0",
        "stale_after": STALE_S if kind is BoardKind.line else None,
        "url": (part.get("url") or _opened(shown, code)) if opens else "",
    }
    if code == "now":
        order = {"key": f"{shown.key}.order", **shown.frame[f"{shown.key}.order"]}
        # A state is as old as it has lasted; that nothing is heard of the line is a state of its own.
        return tile | {"name": _("Now"), "is_state": True, "part": part, "order": order, "stale_after": None}
    if code in ("good", "scrap"):
        made = shown.frame[f"{shown.key}.order"]["text"] if code == "good" else ""
        part |= {"unit": _("pcs"), "status_word": _("this shift"), "detail": made or ""}
    elif code in _factor_names():
        part |= {"unit": "%", "detail": part.get("period", "")}
    return tile | {
        "name": part.get("name") or _names()[code],
        "part": part,
        "named": "name" in part,
        "detailed": code not in ("good", "scrap", *_factor_names()),
    }


def _opened(shown: Shown, code: str) -> str:
    """Where a tile of a line opens to; other frames name their own pages."""
    if shown.board.line is None:
        return ""
    line = shown.board.line.code
    if code in _factor_names():
        return kpi_address(MeasureCode(code), Scope.line(shown.board.site_id, line), period="shift")
    return reverse("line", kwargs={"code": line})


def _factor_names() -> dict[str, str]:
    return {
        "oee": _("OEE"), "availability": _("Availability"), "performance": _("Performance"),
        "quality": _("Quality"),
    }  # fmt: skip


def _names() -> dict[str, str]:
    return _factor_names() | {"good": _("Good pieces"), "scrap": _("Scrap")}
