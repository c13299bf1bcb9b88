"""How the plan of each hour is made, as its page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution.hours.answers import HourBoard, HourOfPlan, PlanOfHours
from plantbeat.areas.execution.hours.wording import number, source_words, why_word
from plantbeat.engine.hours import PlanPart, Run, TakenOut
from plantbeat.kernel import clock

HOUR_US = 3_600_000_000
SHOWN_FROM_US = 1_000_000
"""Time beside the parts that is shorter is in the sums alone."""
Parts = Sequence[PlanPart | TakenOut]


def plan_address(board: HourBoard, start_us: int | None = None, *, now: bool = False) -> str:
    """Where the plan of an hour opens to; without one, where what is due by now does."""
    anchor = "due" if start_us is None else f"{'now' if now else 'plan'}-{start_us}"
    page = reverse("line_hours_plan", kwargs={"code": board.line})
    return f"{page}?shift={board.shift.id}#{anchor}"


def plan_context(found: PlanOfHours) -> dict[str, Any]:
    """Everything the page shows of a shift's plan."""
    board = found.board
    hours = [_hour(one, found.cycles_us) for one in found.hours]
    return {
        "board": board,
        "source": source_words(board),
        "hours": hours,
        "has_plan": board.plan is not None,
        "plan": "" if board.plan is None else number(board.plan),
        "due": "" if board.due is None else number(board.due),
        "due_hours": [hour for hour in hours if hour["due"]],
    }


def _hour(one: HourOfPlan, cycles_us: Mapping[str, int]) -> dict[str, Any]:
    row = one.row
    before = (row.cumulative_plan or 0) - (row.plan or 0)
    return {
        "start": clock.from_us(row.start_us),
        "end": clock.from_us(row.end_us),
        "start_us": row.start_us,
        "phase": row.phase.value,
        "plan": number(row.plan or 0),
        "due": "" if row.due is None else number(row.due),
        "until": clock.from_us(one.until_us),
        "before": number(before),
        "so_far": number(before + (row.plan or 0)),
        "table": _table(one, one.parts, one.taken_out, row.due, cycles_us),
        "plan_now": "" if row.plan_now is None else number(row.plan_now),
        "table_now": _table(one, one.parts_now, one.taken_out_now, None, cycles_us)
        if row.plan_now is not None
        else None,
    }


def _table(
    hour: HourOfPlan, parts: Sequence[PlanPart], idle: Sequence[TakenOut], due: int | None,
    cycles_us: Mapping[str, int],
) -> dict[str, Any]:  # fmt: skip
    """The rows of an hour in order of time, its sums, and after which row the facts end."""
    rows: Parts = [*parts, *(one for one in idle if one.us >= SHOWN_FROM_US)]
    ordered = sorted(rows, key=lambda one: (one.start_us, one.end_us))
    is_cut = due is not None and hour.row.start_us < hour.until_us < hour.row.end_us
    edge_us = hour.until_us if is_cut else hour.row.start_us
    return {
        "before": [_row(one, cycles_us) for one in ordered if one.end_us <= edge_us],
        "after": [_row(one, cycles_us) for one in ordered if one.end_us > edge_us],
        "is_cut": is_cut,
        "worked_us": sum(part.us for part in parts),
        "out_us": sum(one.us for one in idle),
        "exact": _decimal(sum((part.exact for part in parts), Fraction(0))),
        "pieces": number(sum(part.pieces for part in parts)),
    }


def _row(one: PlanPart | TakenOut, cycles_us: Mapping[str, int]) -> dict[str, Any]:
    times = {"start": clock.from_us(one.start_us), "end": clock.from_us(one.end_us), "us": one.us}
    if isinstance(one, TakenOut):
        what = why_word(one.why)
        return times | {"what": what, "run": one.run.order if one.run is not None else "", "is_out": True}
    cycle_us, rate = cycles_us.get(one.run.item), one.pieces_per_h
    return times | {
        "what": one.run.order or one.run.item or _("order without a number"),
        "item": one.run.item if one.run.order else "",
        "run": _window(one.run),
        "rate": "" if rate is None else _decimal(rate),
        "standard": _decimal(Fraction(HOUR_US, cycle_us)) if cycle_us else "",
        "percent": one.percent if one.percent < 100 else None,
        "exact": _decimal(one.exact),
        "pieces": number(one.pieces),
        "is_out": False,
    }


def _window(run: Run) -> str:
    """What the whole run is, of which a part is shown: its pieces and its time in the shift."""
    begins, ends = (
        time_format(timezone.localtime(clock.from_us(at)), "H:i") for at in (run.start_us, run.end_us)
    )
    values = {"n": number(run.pieces), "begins": begins, "ends": ends}
    return _("%(n)s pcs of the shift, %(begins)s–%(ends)s") % values


def _decimal(value: Fraction) -> str:
    return str(number_format(round(float(value), 1), decimal_pos=1, force_grouping=value >= 10_000))
