"""Hours of a line as a live frame of wall boards: made once for all boards that show it."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution.hours.answers import BoardRow, HourBoard, Phase
from plantbeat.areas.execution.hours.questions import boards_of
from plantbeat.areas.execution.hours.takt import paces
from plantbeat.areas.execution.hours.wording import gap_status, number, pace_words, part_word
from plantbeat.areas.execution.live import Frame, site_in_view
from plantbeat.areas.execution.lookups import Floor
from plantbeat.engine.hours import GapPart
from plantbeat.facts.live.topics import Message
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

Part = dict[str, Any]
HOUR_US = 3_600_000_000
BACK, AHEAD = 3, 1
"""Hours shown before and after the one that goes on."""

NEAR_US = 14 * HOUR_US
"""How far before and after now the shifts of the hours shown are looked for."""


@rules_read_once()
def hours_frame(key: str, by: Actor) -> Frame:
    """Hours of the line `key` around now, what is missing in its shift, and its takt."""
    site = site_in_view(by)
    floor = Floor(site, by)
    boards = _boards_around(floor, floor.line(key))
    now = next((one for one in boards if one.shift.start_us <= floor.now_us < one.shift.end_us), None)
    rows = [row for board in boards for row in board.rows]
    current = next((at for at, row in enumerate(rows) if row.phase is Phase.current), None)
    frame: dict[str, Part] = {f"{key}.heading": {"text": _("good / plan, pcs per hour")}}
    opens = reverse("line_hours", kwargs={"code": key})
    for offset in range(-BACK, AHEAD + 1):
        at = None if current is None else current + offset
        row = rows[at] if at is not None and 0 <= at < len(rows) else None
        frame[f"{key}.h{offset}"] = _hour(row) | {"url": opens}
    frame[f"{key}.behind"] = _behind(now) | {"url": opens}
    frame[f"{key}.takt"] = _takt(site, now, by)
    return frame


def _boards_around(floor: Floor, line: FactAsset) -> list[HourBoard]:
    """Boards of the shift now, and of its neighbours where the hours shown reach into them."""
    first_us, last_us = floor.now_us - BACK * HOUR_US, floor.now_us + AHEAD * HOUR_US
    shifts = readings.shifts_between(floor.site.pk, floor.now_us - NEAR_US, floor.now_us + NEAR_US)
    return [
        boards_of(floor, [line], shift)[0]
        for shift in floor.shifts_of(line, shifts, floor.today)
        if shift.start_us <= last_us and shift.end_us > first_us
    ]


def _hour(row: BoardRow | None) -> Part:
    if row is None:
        nothing = {"name": "–", "text": None, "unit": "", "detail": "", "at_us": None}
        return nothing | {"status": "none", "status_word": _("no shift")}
    status, word = gap_status(row.gap, row.phase)
    begin, end = (
        time_format(timezone.localtime(clock.from_us(at)), "H:i") for at in (row.start_us, row.end_us)
    )
    plan = "–" if row.plan is None else number(row.plan)
    worst = next((one for one in row.reasons if one.part is not GapPart.faster and one.pieces > 0), None)
    is_ahead = row.phase is Phase.ahead
    return {
        "name": f"{begin}–{end}",
        "text": plan if is_ahead else number(row.good),
        "unit": _("pcs") if is_ahead else f"/ {plan}",
        "status": status,
        "status_word": _("planned") if is_ahead and row.plan is not None else word,
        "detail": "" if worst is None else f"{part_word(worst)} {number(worst.pieces)}",
        "at_us": row.start_us,
    }


def _behind(board: HourBoard | None) -> Part:
    gap = board.cumulative_gap if board is not None else None
    status, word = gap_status(gap, Phase.past)
    made = "" if board is None or board.due is None else f"{number(board.good)} / {number(board.due)}"
    return {
        "name": _("Ahead by now") if gap is not None and gap < 0 else _("Missing by now"),
        "text": None if gap is None else number(abs(gap)),
        "unit": _("pcs"),
        "status": status,
        "status_word": word if board is not None else _("no shift now"),
        "detail": made,
        "at_us": board.as_of_us if board is not None else None,
    }


def _takt(site: Site, board: HourBoard | None, by: Actor) -> Part:
    named: Part = {"name": _("Pace"), "text": None, "unit": "", "detail": "", "at_us": None}
    shift = readings.shift_with_id(site.pk, board.shift.id) if board is not None else None
    if board is None or shift is None:
        return named | {"status": "none", "status_word": _("no shift now")}
    known = pace_words(paces(site, shift, by).get(board.line), site, board.line, shift.pk)
    if "missing" in known:
        return named | {"status": "none", "status_word": _("no plan"), "url": known["url"]}
    return named | {
        "text": known["actual"],
        "unit": known["unit"],
        "status": known["status"],
        "status_word": _("%(percent)s %% of takt") % {"percent": known["percent"] or "–"},
        "detail": _("takt %(value)s") % {"value": known["takt"]},
        "at_us": board.as_of_us,
        "url": known["url"],
    }


def concerns_hours(message: Message, key: str) -> bool:
    """Facts of the line or its machines, and what its plan is made of."""
    if message.topic == "fact":
        return key in (message.payload.get("line"), message.payload.get("asset"))
    return message.topic.startswith(("record:plant.", "record:planning.Schedule", "record:execution.RampUp"))
