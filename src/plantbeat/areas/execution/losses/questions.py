"""What other areas and pages ask about losses; every function takes who asks and refuses who has no role.

Each answer carries its period, how much it rests on (n), an interval or chance, and the facts behind it.
"""

from __future__ import annotations

from plantbeat.areas.execution.losses.calls import ANSWER_WITHIN_US, unanswered
from plantbeat.areas.execution.losses.changeovers import changeover_trend
from plantbeat.areas.execution.losses.gemba import gemba_signals
from plantbeat.areas.execution.losses.pareto import pareto
from plantbeat.areas.execution.losses.rates import drifts
from plantbeat.areas.execution.losses.repeats import repeats
from plantbeat.areas.execution.losses.staffing import understaffed
from plantbeat.areas.execution.losses.unusual import look, unusual

__all__ = [
    "ANSWER_WITHIN_US",
    "changeover_trend",
    "drifts",
    "gemba_signals",
    "look",
    "pareto",
    "repeats",
    "unanswered",
    "understaffed",
    "unusual",
]
