"""The topics of wall boards that belong to the day."""

from __future__ import annotations

from plantbeat.areas.daily.walls.first_frame import concerns_first, first_frame
from plantbeat.areas.daily.walls.letter_frames import concerns_letters, plant_frame, start_up_frame
from plantbeat.areas.daily.walls.tier_frames import concerns_report, concerns_tier, report_frame, tier_frame
from plantbeat.areas.execution.walls.showing import FIRST
from plantbeat.facts.live.topics import topic

LETTERS_EVERY_S, FIRST_EVERY_S = 5.0, 20.0
TIER_EVERY_S, REPORT_EVERY_S = 15.0, 60.0


def declare_day_topics() -> None:
    """Let boards watch the plant, the start-up, tier boards, the last week, and who gets help first."""
    topic("plant", plant_frame, concern=concerns_letters, every_s=LETTERS_EVERY_S)
    topic("start_up", start_up_frame, concern=concerns_letters, every_s=LETTERS_EVERY_S)
    topic(FIRST, first_frame, concern=concerns_first, every_s=FIRST_EVERY_S)
    topic("tier", tier_frame, concern=concerns_tier, every_s=TIER_EVERY_S)
    topic("report", report_frame, concern=concerns_report, every_s=REPORT_EVERY_S)
