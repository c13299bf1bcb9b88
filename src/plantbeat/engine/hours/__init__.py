"""The hour board's arithmetic: what an hour was to make, and where what is missing went."""

from plantbeat.engine.hours.gap import GapPart, LostTime, apportioned, gap_parts
from plantbeat.engine.hours.plan import HourPlan, PlanPart, Run, last_working_us, ramped
from plantbeat.engine.hours.taken_out import ClosedTime, TakenOut, Why, taken_out

__all__ = [
    "ClosedTime", "GapPart", "HourPlan", "LostTime", "PlanPart", "Run", "TakenOut", "Why", "apportioned",
    "gap_parts", "last_working_us", "ramped", "taken_out",
]  # fmt: skip
