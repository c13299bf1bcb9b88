"""Boards as their pages show them: letters with calendars, reds first, what goes up and what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.records.tier_board import Letter, TierBoard
from plantbeat.areas.daily.tiers.boards import Cell, LetterOfBoard, worst
from plantbeat.areas.daily.tiers.letter_shapes import boxes, size
from plantbeat.areas.execution.kpis.wording import STATUS_WORDS, shown
from plantbeat.areas.execution.targets import Status
from plantbeat.areas.improvement.questions import actions_named
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.permission import may
from plantbeat.surfaces.addresses import address_of

BOX = 44
"""Side of a day in a letter, in the units of its drawing: on a phone, where it fills the width, 48 px."""
TREND_DAYS = 28


def letter_frame(
    one: LetterOfBoard, day: date, works: Mapping[date, bool], url: str, by: Actor
) -> dict[str, Any]:
    """A letter: its badge, its figures of the day, its calendar, its trend."""
    columns, rows = size(one.letter)
    return {
        "letter": one.letter,
        "name": one.name,
        "status": one.status.value,
        "word": status_text(one.cells),
        "cells": cell_frames(one.cells, by),
        "view_box": f"0 0 {columns * BOX} {rows * BOX}",
        "boxes": [_box(one, box.day, box.column, box.row, day, works, url) for box in boxes(one.letter, day)],
    }


def _box(
    one: LetterOfBoard, at: date, column: int, row: int, chosen: date, works: Mapping[date, bool], url: str
) -> dict[str, Any]:
    cells = one.days.get(at, ())
    ahead = at > chosen
    word = _("to come") if ahead else status_text(cells) if works.get(at) else _("no shift")
    status = worst(list(cells)) if works.get(at) and not ahead else Status.none
    known = [cell for cell in cells if cell.value is not None]
    texts = ", ".join(f"{cell.name} {cell.text} {cell.unit}".strip() for cell in known)
    return {
        # As texts: coordinates are not numbers to be written as the reader's language does.
        "x": str(column * BOX + 1),
        "y": str(row * BOX + 1),
        "cx": str(column * BOX + BOX // 2),
        "text_y": str(row * BOX + BOX - 7),
        "shape_x": str(column * BOX + BOX // 2 - 8),
        "shape_y": str(row * BOX + 5),
        "number": str(at.day),
        "status": status.value,
        "idle": ahead or not works.get(at),
        "chosen": at == chosen,
        "url": "" if ahead else f"{url}?day={at.isoformat()}",
        "label": f"{date_format(at, 'D j N')}: {word}{f', {texts}' if texts and not ahead else ''}",
    }


def status_text(cells: Iterable[Cell]) -> str:
    """What a letter's badge says."""
    cells = list(cells)
    if not cells:
        return _("not set up")
    status = worst(cells)
    if status is not Status.none:
        return str(STATUS_WORDS[status.value])
    return next(cell.word for cell in cells if cell.status is Status.none)


def cell_frames(cells: Iterable[Cell], by: Actor) -> list[dict[str, Any]]:
    """Figures with what was said about them."""
    cells = list(cells)
    actions = actions_named([cell.note.action for cell in cells if cell.note and cell.note.action], by)
    return [_cell(cell, actions) for cell in cells]


def _cell(cell: Cell, actions: Mapping[str, Any]) -> dict[str, Any]:
    action = actions.get(cell.note.action) if cell.note else None
    return {
        "cell": cell,
        "board": cell.board,
        "letter": cell.letter,
        "letter_name": str(Letter(cell.letter).label),
        "name": cell.name,
        "text": cell.text,
        "unit": cell.unit if cell.value is not None else "",
        "status": cell.status.value,
        "word": cell.word,
        "target": shown(cell.target, cell.unit) if cell.target is not None else "",
        "target_unit": cell.unit,
        "url": cell.url,
        "reason": cell.note.reason if cell.note else "",
        "noted_by": cell.note.noted_by.name if cell.note and cell.note.noted_by else "",
        "noted": clock.from_us(cell.note.noted_us) if cell.note else None,
        "action": action,
        "action_url": address_of(action) if action is not None else "",
        "silent": cell.silent,
        "id": f"{cell.letter}-{slug_of(cell.item)}",
    }


def slug_of(item: str) -> str:
    """A figure's name as part of an id on the page."""
    return "".join(sign if sign.isalnum() else "-" for sign in item.lower())


def trend(one: LetterOfBoard, last: date, works: Mapping[date, bool] | None = None) -> dict[str, Any]:
    """The first figure of a letter over the last weeks, for a sparkline; working days without it are gaps."""
    first = last - timedelta(days=TREND_DAYS - 1)
    by_day = {day: cells[0] for day, cells in one.days.items() if cells}
    days = [first + timedelta(days=n) for n in range(TREND_DAYS)]
    days = [day for day in days if works is None or works.get(day)]
    values = [by_day[day].value if day in by_day else None for day in days]
    if sum(value is not None for value in values) < 2:
        return {}
    target = one.cells[0].target if one.cells else None
    return {
        "spark": ",".join("" if value is None else f"{value:.4g}" for value in values),
        "spark_target": f"{target:.4g}" if target is not None else "",
    }


def wall_part(
    one: LetterOfBoard, last: date, works: Mapping[date, bool], *, days_since: bool = True
) -> dict[str, Any]:
    """A letter on a wall: its worst figure, with target and trend.

    The days since a recordable never lead where there is another figure: they are small print, or, without
    `days_since`, not there.
    """
    counted = [cell for cell in one.cells if cell.item != MeasureCode.days_since_last_recordable]
    small = [cell for cell in one.cells if cell not in counted] if days_since else []
    cells, status = counted or small, worst(counted or small)
    part: dict[str, Any] = {
        "name": f"{one.letter} · {one.name}",
        "text": None,
        "unit": "",
        "status": status.value,
        "status_word": status_text(cells),
        "detail": "",
        "url": "",
    }
    if not cells:
        return part
    leading = min(cells, key=lambda cell: (cell.status is not status, cell.value is None))
    said = [leading.name if leading.value is not None else f"{leading.name}: {leading.word}"]
    if leading.target is not None:
        target = {"value": shown(leading.target, leading.unit), "unit": leading.unit}
        said.append((_("target %(value)s %(unit)s") % target).strip())
    said += [f"{cell.name} {cell.text}" for cell in small if cell is not leading]
    part |= {
        "text": leading.text if leading.value is not None else None,
        "unit": leading.unit if leading.value is not None else "",
        "detail": " · ".join(said),
        "url": leading.url,
    }
    return part | (trend(one, last, works) if leading is one.cells[0] else {})


def escalation_frames(rows: Iterable[Escalation], by: Actor) -> list[dict[str, Any]]:
    """Escalations with their clock and what the reader can do with them."""
    now_us, found = clock.now_us(), []
    for one in rows:
        waits = one.state in ("raised", "accepted")
        late = waits and (one.due_us or 0) < now_us
        found.append(
            {
                "one": one,
                "link": address_of(one),
                "state": Escalation.states()[one.state],
                "late": late,
                "due": clock.from_us(one.due_us or one.raised_us),
                "waits": waits,
                "can": {
                    verb: not may(one, verb, by)
                    for verb in ("accept", "answer", "confirm", "send_back", "ask_again")
                },
            }
        )
    return found


def board_links(board: TierBoard) -> dict[str, str]:
    """Where the pages of a board are."""
    return {f"{page}_url": reverse(f"tier_{page}", kwargs={"code": board.code}) for page in ("board", "wall")}
