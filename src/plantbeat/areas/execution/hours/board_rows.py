"""Hour boards as pages show them."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from plantbeat.areas.execution.hours.answers import BoardRow, GapReason, HourBoard, Phase
from plantbeat.areas.execution.hours.plan_rows import plan_address
from plantbeat.areas.execution.hours.wording import gap_status, number, part_state, part_word, source_words
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.engine.hours import GapPart
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site

HOUR_US = 3_600_000_000
_OPENS = {
    GapPart.scrap: MeasureCode.loss_scrap,
    GapPart.rework: MeasureCode.loss_rework,
    GapPart.slower: MeasureCode.loss_reduced_speed,
    GapPart.faster: MeasureCode.performance,
    GapPart.unexplained: MeasureCode.loss_not_yet_explained,
}
"""The measure a part of a gap that is no stop opens to."""


def board_context(site: Site, board: HourBoard, shift: FactShift) -> dict[str, Any]:
    """Everything the page of one board shows of it."""
    gap = board.cumulative_gap
    status, word = gap_status(gap, Phase.past)
    return {
        "board": board,
        "period": f"{shift.owner_day.isoformat()} {shift.shift}",
        "shift_id": shift.pk,
        "source": source_words(board),
        "rows": [row_of(site, board, row) for row in board.rows],
        "opens": opened(site, board),
        "due_url": plan_address(board) if board.due is not None else "",
        "changed": bool(board.changed_to),
        "has_rework": board.rework > 0,
        "totals": {
            "plan": _text(board.plan), "due": _text(board.due), "good": number(board.good),
            "scrap": number(board.scrap), "rework": number(board.rework), "gap": _text(gap),
            "status": status, "word": word,
        },
    }  # fmt: skip


def row_of(site: Site, board: HourBoard, row: BoardRow) -> dict[str, Any]:
    """An hour of the board; what lies ahead shows its plan alone."""
    is_ahead = row.phase is Phase.ahead
    status, word = gap_status(row.gap, row.phase)
    behind = None
    if row.cumulative_plan is not None and row.gap is not None:
        before = row.cumulative_plan - (row.plan or 0) + (row.due or 0)
        behind = before - row.cumulative_good
    return {
        "start": clock.from_us(row.start_us),
        "end": clock.from_us(row.end_us),
        "start_us": row.start_us,
        "end_us": row.end_us,
        "phase": row.phase.value,
        "plan": _text(row.plan),
        "plan_url": plan_address(board, row.start_us) if row.plan is not None else "",
        "now_url": plan_address(board, row.start_us, now=True) if row.plan_now is not None else "",
        "plan_now": "" if row.plan_now is None else number(row.plan_now),
        "due": _text(row.due) if row.phase is Phase.current else "",
        "good": "" if is_ahead else number(row.good),
        "scrap": "" if is_ahead else number(row.scrap),
        "rework": "" if is_ahead else number(row.rework),
        "gap": "" if row.gap is None else number(row.gap),
        "behind": "" if behind is None else number(behind),
        "cumulative_plan": _text(row.cumulative_plan),
        "cumulative_good": "" if is_ahead else number(row.cumulative_good),
        "status": status,
        "word": word,
        "parts": [_part(site, board, one) for one in row.reasons],
        "wants_reason": any(one.needs_reason for one in row.reasons),
        "bar": _bar(row),
        "opens": {} if is_ahead else opened(site, board, row),
    }


def opened(site: Site, board: HourBoard, row: BoardRow | None = None) -> dict[str, str]:
    """Where pieces of the shift, or of one of its hours, open to: the measure they are counted in.

    The cube counts by civil hours: a row that is none shows the hours of its shift.
    """
    asked: dict[str, str | int] = {"period": "shift", "shift": board.shift.id}
    if row is not None:
        is_civil = row.start_us % HOUR_US == 0 and row.end_us - row.start_us == HOUR_US
        asked |= {"where": f"hour:{row.start_us}"} if is_civil else {"cut": "hour"}
    scope = Scope.line(site.pk, board.line)
    measures = {
        "good": MeasureCode.throughput, "scrap": MeasureCode.scrap_percent,
        "rework": MeasureCode.first_pass_yield,
    }  # fmt: skip
    if row is None and board.plan is not None:
        measures["plan"] = MeasureCode.schedule_adherence_quantity
    return {name: kpi_address(measure, scope, **asked) for name, measure in measures.items()}


def _text(value: int | None) -> str:
    return "–" if value is None else number(value)


def _bar(row: BoardRow) -> dict[str, int]:
    """Width of what was made against the plan of the hour, of 100; the plan's mark at the end or before."""
    plan, good = row.plan or 0, row.good
    whole = max(plan, good, 1)
    return {"good": round(100 * good / whole), "plan": round(100 * plan / whole) if plan else 0}


def _part(site: Site, board: HourBoard, one: GapReason) -> dict[str, Any]:
    url = ""
    if one.part is GapPart.stop and one.stop_us is not None:
        url = reverse("stop", kwargs={"code": board.line, "at_us": one.stop_us})
    elif one.part in _OPENS:
        url = kpi_address(
            _OPENS[one.part], Scope.line(site.pk, board.line), period="shift", shift=board.shift.id
        )  # fmt: skip
    return {
        "word": part_word(one),
        "state": part_state(one),
        "us": one.us,
        "pieces": number(one.pieces),
        "has_plan": board.plan is not None,
        "url": url,
        "needs_reason": one.needs_reason,
    }


def line_strip(site: Site, board: HourBoard, pace: dict[str, Any]) -> dict[str, Any]:
    """A line of the page of all lines."""
    gap = board.cumulative_gap
    status, word = gap_status(gap, Phase.past)
    url = f"{reverse('line_hours', kwargs={'code': board.line})}?shift={board.shift.id}"
    return {
        "code": board.line,
        "name": board.name,
        "url": url,
        "source": source_words(board),
        "missing": board.missing,
        "as_of_us": board.as_of_us,
        "opens": opened(site, board),
        "cells": [
            _cell(row)
            | {
                "opens": f"{url}#hour-{row.start_us}",
                "plan_url": plan_address(board, row.start_us) if row.plan is not None else "",
            }
            for row in board.rows
        ],
        "due": _text(board.due),
        "due_url": plan_address(board) if board.due is not None else "",
        "good": number(board.good),
        "scrap": number(board.scrap),
        "gap": _text(gap),
        "status": status,
        "word": word,
        "pace": pace,
    }


def _cell(row: BoardRow) -> dict[str, Any]:
    status, word = gap_status(row.gap, row.phase)
    worst = next((one for one in row.reasons if one.part is not GapPart.faster and one.pieces > 0), None)
    return {
        "phase": row.phase.value,
        "status": status,
        "word": word,
        "plan": _text(row.plan),
        "good": "–" if row.phase is Phase.ahead else number(row.good),
        "worst": part_word(worst) if worst is not None else "",
        "wants_reason": any(one.needs_reason for one in row.reasons),
    }
