"""Escalations whose time is over go up one tier by themselves."""

from __future__ import annotations

import logging

from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.tiers.meetings import OPEN
from plantbeat.areas.due_rows import DueRows
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

logger = logging.getLogger("plantbeat.daily")

BY = Actor.system("tier escalation")
QUESTIONS = DueRows("escalation", again_s=20.0)


def climb_overdue() -> int:
    """Take every overdue question with a board above it one tier up; how many went.

    The due time is a row, so that a restart loses none; whoever answers at the same moment wins.
    """
    rows = visible(Escalation, BY).filter(
        state__in=OPEN, due_us__lte=clock.now_us(), at_board__above__isnull=False
    )
    return QUESTIONS.each(rows.select_related("at_board", "at_board__above", "from_board", "site"), _climb)


def _climb(one: Escalation) -> bool:
    try:
        act(one, "climb", BY)
    except Refused as refused:
        logger.info("%s did not go up: %s", one, refused)
        return False
    return True
