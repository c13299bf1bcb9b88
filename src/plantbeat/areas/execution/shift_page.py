"""What a shift of a line came to, as its page shows it: strip, pieces, hours, losses, reasons, stops."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.answers import LossBridge, Reason, Stop, StripSpan
from plantbeat.areas.execution.hours.board_rows import row_of
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.hours.takt import paces
from plantbeat.areas.execution.hours.wording import pace_words
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.wording import shown, status_word
from plantbeat.areas.execution.live import STATE_WORDS, drawn
from plantbeat.areas.execution.loss_parts import loss_parts
from plantbeat.areas.execution.stop_pages import stop_row
from plantbeat.areas.execution.targets import Targets, status_of
from plantbeat.engine.oee import State
from plantbeat.facts.questions import assets
from plantbeat.facts.views.catalogue import Direction, Figure
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

SHOWN_STOPS = 60
SHOWN_REASONS = 12

_LOSS_OF = {
    State.own_stop: MeasureCode.loss_breakdowns,
    State.micro_stop: MeasureCode.loss_minor_stops,
    State.setup: MeasureCode.loss_setup,
    State.starved: MeasureCode.loss_starved,
    State.blocked: MeasureCode.loss_blocked,
}
"""The measure that time lost in a state belongs to."""


def shift_context(site: Site, code: str, shift: FactShift, bridge: LossBridge, by: Actor) -> dict[str, Any]:
    """Everything the page of a line shows of one shift but its tiles."""
    period, until_us = Period.of_shift(shift), min(shift.end_us, clock.now_us())
    found = questions.stops(site, code, period, by)
    opens, board = _Opens(Scope.line(site.pk, code), shift), hour_board(site, code, shift.pk, by)
    return {
        "period": period.label,
        "strip": _strip(site, code, shift.start_us, shift.end_us, until_us, by),
        "counts": questions.counts(site, code, period, by),
        "counts_open": {
            "good": opens.of(MeasureCode.throughput),
            "scrap": opens.of(MeasureCode.scrap_percent),
            "rework": opens.of(MeasureCode.first_pass_yield),
        },
        "bridge": _bridge(bridge, opens),
        "hours": [row_of(site, board, row) for row in board.rows],
        "hours_url": f"{reverse('line_hours', kwargs={'code': code})}?shift={shift.pk}",
        "pace": pace_words(paces(site, shift, by).get(code), site, code, shift.pk),
        "stops": [_stop(stop, opens) for stop in reversed(found[-SHOWN_STOPS:])],
        "stops_in_all": len(found),
        "stops_shown": min(len(found), SHOWN_STOPS),
        "stopped_us": sum(stop.duration_us for stop in found),
    }


def past_tiles(
    site: Site, code: str, shift: FactShift, bridge: LossBridge, by: Actor
) -> list[dict[str, Any]]:
    """OEE and its factors of a shift that is over; they do not change by themselves."""
    targets, opens = Targets(site.pk, shift.owner_day, by), _Opens(Scope.line(site.pk, code), shift)
    tiles = []
    for measure in (MeasureCode.oee, MeasureCode.availability, MeasureCode.performance, MeasureCode.quality):
        ratio = getattr(bridge.oee, measure.value)
        figure = Figure.of(ratio, 0) if ratio is not None else Figure(0, 0, None, 0)
        target = targets.of(measure.value, opens.scope)
        status = status_of(figure.value, target, Direction.higher_is_better)
        tiles.append(
            {
                "name": measure.label,
                "value": shown(figure.value, "%") if figure.value is not None else "",
                "unit": "%",
                "status": status.value,
                "word": status_word(figure, status.value, has_target=target is not None),
                "n": number_format(bridge.elements.produced, force_grouping=True),
                "period": Period.of_shift(shift).label,
                "url": opens.of(measure),
            }
        )
    return tiles


class _Opens:
    """Addresses that a shift's figures open to."""

    def __init__(self, scope: Scope, shift: FactShift) -> None:
        self.scope = scope
        self._shift = shift.pk

    def of(self, measure: MeasureCode, **more: str) -> str:
        """The page of a measure for the shift."""
        return kpi_address(measure, self.scope, period="shift", shift=self._shift, **more)

    def reason(self, state: State, reason: Reason | None) -> str:
        """The facts behind the time lost in a state for one reason; empty where it is no loss."""
        measure = _LOSS_OF.get(state)
        if measure is None:
            return ""
        where = f"reason:{reason.code if reason else ''}"
        return f"{self.of(measure, cut='none', where=where, facts='1')}#facts"


def _strip(site: Site, code: str, start_us: int, end_us: int, until_us: int, by: Actor) -> dict[str, Any]:
    machines = (
        assets(by).filter(site=site, line=code, valid_to_us=None).exclude(level="line").order_by("code")
    )
    lanes = [(code, _("Line"))] + [(machine.code, machine.name) for machine in machines]
    return {
        "from_us": start_us,
        "to_us": end_us,
        "lanes": [
            {
                "id": lane,
                "name": f"{lane} {name}",
                "key": f"{lane}.state" if lane == code and until_us < end_us else None,
                "spans": _spans(questions.machine_timeline(site, lane, start_us, until_us, by).spans),
            }
            for lane, name in lanes
        ],
    }


def _spans(spans: Iterable[StripSpan]) -> list[dict[str, Any]]:
    return [
        {
            "state": drawn(span.state),
            "from_us": span.start_us,
            "to_us": None if span.open else span.end_us,
            "reason": (span.reason.name or span.reason.code) if span.reason else str(STATE_WORDS[span.state]),
        }
        for span in spans
    ]


def _bridge(bridge: LossBridge, opens: _Opens) -> dict[str, Any]:
    losses, whole = bridge.losses, bridge.losses.pbt_us
    rows = [
        {
            "name": name,
            "us": us,
            "percent": 100 * us / whole,
            "bar": max(0, round(100 * us / whole)),
            "url": opens.of(measure),
            "good": measure is MeasureCode.oee,
        }
        for measure, name, us in loss_parts(losses)
        if us and whole
    ]
    return {"rows": rows, "whole_us": whole, "reasons": _reasons(bridge, opens)}


def _reasons(bridge: LossBridge, opens: _Opens) -> list[dict[str, Any]]:
    return [
        {
            "name": (one.reason.name or one.reason.code) if one.reason else _("no reason given"),
            "state": drawn(one.state),
            "word": str(STATE_WORDS[one.state]),
            "us": one.us,
            "stops": one.stops,
            "url": opens.reason(one.state, one.reason),
        }
        for one in bridge.reasons[:SHOWN_REASONS]
    ]


def _stop(stop: Stop, opens: _Opens) -> dict[str, Any]:
    return {**stop_row(stop), "url": opens.reason(stop.state, stop.reason)}
