"""The words and figures of the hour board's parts."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution.hours.answers import GapReason, HourBoard, Phase, PlanSource
from plantbeat.areas.execution.hours.takt import Pace
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.live import STATE_WORDS, drawn
from plantbeat.engine.hours import GapPart, Why
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.engine.oee import State
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.accounts import Site

GROUPED_FROM = 10_000


def number(value: int) -> str:
    """A whole number with its true minus sign."""
    text = str(number_format(abs(value), force_grouping=abs(value) >= GROUPED_FROM))
    return f"−{text}" if value < 0 else text


def part_word(one: GapReason) -> str:
    """What a part of a gap is called."""
    if one.part is GapPart.stop:
        if one.reason is not None:
            return one.reason.name or one.reason.code
        if one.needs_reason:
            return _("%(state)s, no reason yet") % {"state": STATE_WORDS[one.state or State.no_data]}
        return str(STATE_WORDS[one.state or State.no_data])
    return {
        GapPart.scrap: _("Scrap"),
        GapPart.rework: _("Rework"),
        GapPart.slower: _("Slower than standard"),
        GapPart.faster: _("Faster than standard"),
        GapPart.unexplained: _("Not yet explained"),
    }[one.part]


def part_state(one: GapReason) -> str:
    """Shape and colour of a part: that of its state; running slow for pace, no data for what is unknown."""
    if one.part is GapPart.stop:
        return drawn(one.state or State.no_data)
    return {GapPart.faster: "running", GapPart.unexplained: "no_data"}.get(one.part, "slow")


def why_word(why: Why) -> str:
    """Why a time makes no pieces."""
    return {
        Why.shift_break: _("Break"),
        Why.planned_stop: _("Planned stop"),
        Why.setup: _("Set-up"),
        Why.nothing: _("Nothing planned"),
    }[why]


def source_words(board: HourBoard) -> str:
    """Where the plan comes from, in words."""
    return {
        PlanSource.frozen: _("plan frozen as the shift began: %(text)s"),
        PlanSource.schedule: _("schedule %(text)s"),
        PlanSource.standard: _("no schedule covers this shift: standard rate of %(text)s"),
        PlanSource.none: _("no plan"),
    }[board.source] % {"text": board.source_text}


def gap_status(gap: int | None, phase: Phase) -> tuple[str, str]:
    """(status, word) of an hour."""
    if gap is None:
        return "none", _("ahead") if phase is Phase.ahead else _("no plan")
    if gap <= 0:
        return "good", _("on plan")
    return ("watch", _("behind so far")) if phase is Phase.current else ("act", _("below plan"))


def figure(ratio: Ratio) -> str:
    """A beat as it is shown: seconds and pieces a minute to one decimal; a dash without a value."""
    value = ratio.value
    return "–" if value is None else str(number_format(round(value, 1), decimal_pos=1))


def unit_words(unit: Unit) -> str:
    """The unit of a beat."""
    return _("pcs/min") if unit is Unit.pieces_per_minute else _("s per piece")


def pace_words(pace: Pace | None, site: Site, line: str, shift_id: int) -> dict[str, Any]:
    """Takt and mean cycle as a page shows them; the reason where no plan was frozen."""
    url = kpi_address(
        MeasureCode.takt_attainment, Scope.line(site.pk, line), period="shift", shift=shift_id
    )  # fmt: skip
    if pace is None:
        return {"missing": _("no takt: no plan was frozen for this shift"), "url": url}
    attained = pace.attainment.value
    return {
        "takt": figure(pace.takt),
        "actual": figure(pace.actual),
        "is_rate": pace.unit is Unit.pieces_per_minute,
        "unit": unit_words(pace.unit),
        "percent": None if attained is None else str(number_format(round(attained, 1), decimal_pos=1)),
        "status": "none" if attained is None else ("good" if attained >= 100 else "act"),
        "url": url,
    }
