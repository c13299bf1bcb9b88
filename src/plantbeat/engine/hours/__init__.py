"""The hour board's arithmetic: what an hour was to make, and where what is missing went."""

from plantbeat.engine.hours.gap import GapPart, LostTime, apportioned, gap_parts
from plantbeat.engine.hours.plan import HourPlan, Run, last_working_us, ramped

__all__ = ["GapPart", "HourPlan", "LostTime", "Run", "apportioned", "gap_parts", "last_working_us", "ramped"]
