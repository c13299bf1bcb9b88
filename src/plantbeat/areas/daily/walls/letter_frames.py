"""S Q D C M as live frames of wall boards: of the last shift at the start-up, so far for the plant.

Both show the cells of the start-up (`start_up/cells`), so that a wall and a page never say two things.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.start_up.cells import Tile, cells, cells_so_far, crews_of
from plantbeat.areas.execution.answers import LineNow
from plantbeat.areas.execution.live import STATE_WORDS, Frame, site_in_view
from plantbeat.areas.execution.questions import lines_now
from plantbeat.areas.execution.review.site_shifts import SiteShift, shifts_around
from plantbeat.areas.execution.stops.questions import UNPLANNED
from plantbeat.facts.live.topics import Message
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Refused

LETTERS = ("S", "Q", "D", "C", "M")


@rules_read_once()
def plant_frame(key: str, by: Actor) -> Frame:
    """The site with the code `key` so far; `SITE@AREA` narrows the worst stop to an area."""
    code, _at, area = key.partition("@")
    site = site_of_key(code, by)
    around = shifts_around(site, clock.now_us(), by)
    crews = crews_of(site, around.now, by) if around.now is not None else []
    frame = _letters(key, cells_so_far(site, around.now, crews, by))
    frame[f"{key}.heading"] = {"text": _shift_words(around.now) if around.now else _("no shift now")}
    frame[f"{key}.stop"] = _worst_stop(lines_now(site, by), area)
    return frame


@rules_read_once()
def start_up_frame(key: str, by: Actor) -> Frame:
    """The cells of the start-up of the site with the code `key`: the last shift, and who is here now."""
    site = site_of_key(key, by)
    around = shifts_around(site, clock.now_us(), by)
    at_hand = around.at_hand
    crews = crews_of(site, at_hand, by) if at_hand is not None else []
    frame = _letters(key, cells(site, around.last, crews, by))
    last = _("last shift: %(name)s") % {"name": _shift_words(around.last)} if around.last else ""
    frame[f"{key}.heading"] = {"text": last or _("no shift before this")}
    return frame


def site_of_key(code: str, by: Actor) -> Site:
    """The site in view, if it is the one of the code; else refused."""
    site = site_in_view(by)
    if code != site.code:
        raise Refused(_("there is no such site here"), Kind.missing)
    return site


def _letters(key: str, tiles: list[Tile]) -> dict[str, dict[str, Any]]:
    return {f"{key}.{letter}": _part(tile) for letter, tile in zip(LETTERS, tiles, strict=True)}


def _part(tile: Tile) -> dict[str, Any]:
    """A cell as a wall shows it: its number, how it stands, and what explains it in a few words."""
    return {
        "name": tile["name"],
        "text": tile.get("value") or None,
        "unit": tile.get("brief_unit", tile.get("unit", "")),
        "status": tile["status"],
        "status_word": tile["word"],
        "detail": " · ".join(tile.get("brief", ())),
        "at_us": tile.get("at_us"),
        "url": tile.get("url", ""),
    }


def _shift_words(shift: SiteShift) -> str:
    begins, ends = (clock_time(at_us) for at_us in (shift.start_us, shift.end_us))
    return f"{shift.name} {begins}–{ends}"


def clock_time(at_us: int) -> str:
    """An instant as the time of day at the site."""
    return time_format(timezone.localtime(clock.from_us(at_us)), "H:i")


def _worst_stop(lines: list[LineNow], area: str) -> dict[str, Any]:
    """The unplanned stop that has gone on for longest."""
    standing = [
        (line.since_us, line)
        for line in lines
        if line.counts_as in UNPLANNED and line.since_us is not None and area in ("", line.area)
    ]
    if not standing:
        return {"text": _("Nothing stands unplanned now."), "url": ""}
    since_us, worst = min(standing, key=lambda one: one[0])
    said = _("%(line)s stands since %(time)s: %(state)s, %(why)s") % {
        "line": worst.code,
        "time": clock_time(since_us),
        "state": STATE_WORDS[worst.counts_as],
        "why": (worst.reason.name or worst.reason.code) if worst.reason else _("no reason yet"),
    }
    more = len(standing) - 1
    return {
        "text": f"{said} (+{more})" if more else said,
        "url": reverse("stop", kwargs={"code": worst.code, "at_us": since_us}),
    }


def concerns_letters(message: Message, _key: str) -> bool:
    """Any fact, and what decides how it is read, who is here and what is dangerous."""
    return message.topic == "fact" or message.topic.startswith(
        ("record:plant.", "record:planning.WorkOrder", "record:people.", "record:safety.")
    )
