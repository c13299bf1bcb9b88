"""Lines that report hourly counts instead of being connected."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from plantbeat.engine.oee.inputs import CountEvent, CountKind, DayFacts, ReadRules, StateSpan
from plantbeat.engine.oee.states import State
from plantbeat.engine.oee.timeline import segments


@dataclass(frozen=True, slots=True)
class HourlyReport:
    """First-pass pieces a line reports for ``[start_us, end_us)``; zeros are a report too.

    A report should end where a shift or an order ends, for it is booked as a whole.
    """

    start_us: int
    end_us: int
    good: int
    scrap: int = 0
    rework: int = 0


def hourly_day(day: DayFacts, reports: Iterable[HourlyReport], *, explained: bool = False) -> DayFacts:
    """The day of a line that keeps hourly counts, with its reports as states and counts.

    Reported time in which no state was recorded is not yet explained, so that there is an OEE but no
    availability, performance or quality; time without a report stays no data. `explained` says that stops
    and scrap are both recorded for this line: reported time without a recorded stop is then running. Pieces
    are booked at the last instant of such time in their report, never into a break or past the shift.

    Raises:
        ValueError: a report lies partly in another day.
    """
    own: list[HourlyReport] = []
    for report in reports:
        if report.start_us < day.end_us and report.end_us > day.start_us:
            if report.start_us < day.start_us or report.end_us > day.end_us:
                raise ValueError(
                    f"hourly report {report.start_us}-{report.end_us} µs lies partly outside the day "
                    f"{day.start_us}-{day.end_us} µs; it must end at midnight"
                )
            own.append(report)
    filler = State.running if explained else State.unexplained
    filled = [
        StateSpan(start_us, end_us, filler)
        for report in own
        for start_us, end_us in _untold(report, day.states)
    ]
    told = replace(day, states=[*day.states, *filled])
    worked = [span for span in segments(told, ReadRules(0)) if span.state is filler]
    counts = list(day.counts)
    for report in own:
        ends = [
            min(span.end_us, report.end_us)
            for span in worked
            if span.start_us < report.end_us and span.end_us > report.start_us
        ]
        at_us = max(ends, default=report.end_us) - 1
        for kind in (CountKind.good, CountKind.scrap, CountKind.rework):
            pieces = getattr(report, kind.value)
            if pieces:
                counts.append(CountEvent(at_us, kind, pieces))
    return replace(told, counts=counts)


def _untold(report: HourlyReport, states: Sequence[StateSpan]) -> list[tuple[int, int]]:
    """Parts of a report in which no state was recorded."""
    gaps: list[tuple[int, int]] = []
    at_us = report.start_us
    for span in sorted(states, key=lambda span: span.start_us):
        if span.end_us > at_us and span.start_us < report.end_us:
            if span.start_us > at_us:
                gaps.append((at_us, span.start_us))
            at_us = span.end_us
    if at_us < report.end_us:
        gaps.append((at_us, report.end_us))
    return gaps
