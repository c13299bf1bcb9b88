"""The agenda of a meeting: the board's own, or the usual one, said to be that."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.areas.daily.records.tier_board import AgendaPoint, Part, TierBoard
from plantbeat.kernel.access import Actor
from plantbeat.kernel.questions import lines_of

USUAL = (
    (Part.attendance, 1), (Part.reds, 4), (Part.letters, 2), (Part.escalations, 2), (Part.actions, 3),
    (Part.end, 1),
)  # fmt: skip
USUAL_ABOVE = (
    (Part.attendance, 1), (Part.reds, 4), (Part.below, 4), (Part.escalations, 3), (Part.actions, 3),
    (Part.end, 1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Point:
    """A point with the minutes it has and the part of the page it is about."""

    name: str
    minutes: int
    part: str


def agenda_of(board: TierBoard, by: Actor) -> tuple[list[Point], bool]:
    """The points in order, and whether they are the usual ones because the board has none of its own."""
    own = lines_of(AgendaPoint, by).filter(board=board).order_by("place")
    points = [Point(one.name, one.minutes, one.shows) for one in own]
    if points:
        return points, False
    usual = USUAL if board.tier == 1 else USUAL_ABOVE
    return [Point(str(part.label).capitalize(), minutes, part.value) for part, minutes in usual], True
