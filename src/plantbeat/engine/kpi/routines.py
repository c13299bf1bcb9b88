"""How leader standard work is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from plantbeat.engine.kpi.ratio import Ratio, Unit

DONE, DUE = "done", "due"


@dataclass(frozen=True, slots=True)
class Mark:
    """One occurrence of a routine for one person: its due day, and `due`, `done` or `not_done`."""

    person: int
    due: date
    state: str


def routine_adherence(marks: Iterable[Mark], today: date) -> Ratio:
    """Occurrences done / occurrences due, those of today (and later) that are still open left out.

    Unit: %. Direction: higher is better. Source: site practice.
    Page: docs/reference/kpi/routine_adherence.md
    """
    settled = [mark for mark in marks if mark.due < today or mark.state != DUE]
    return Ratio(sum(mark.state == DONE for mark in settled), len(settled), Unit.percent)
