"""Ninety days at the boards of the demo plant: meetings, reds with reasons, actions, questions and answers.

Which days were red is asked of the measures, so it is told once the views have followed the facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from plantbeat.areas.daily.records.board_cell import BoardCell
from plantbeat.areas.daily.records.escalation import Escalation
from plantbeat.areas.daily.records.tier_board import TierBoard
from plantbeat.areas.daily.records.tier_meeting import TierMeeting
from plantbeat.areas.daily.tiers.boards import Cell, boards_of, letters_of
from plantbeat.areas.daily.tiers.meetings import patterns_of
from plantbeat.areas.daily.working_days import next_working_day_us, working_days
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, MINUTE_US
from plantbeat.shell.demo.tier_boards import NEAR_MISSES
from plantbeat.shell.demo.tier_words import ACTIONS, EVIDENCE, QUESTIONS, REASONS, SUMMARIES

T = TypeVar("T")
BY = Actor.system("demo plant")
HELD, ABSENT, NEAR_MISS, LATE_ANSWER, LATE_CLOSE = 0.95, 0.08, 0.05, 0.2, 0.25
ACTION_EVERY_DAYS = 5
"""How long one action of a figure answers its reds before another is decided."""
QUESTION_EVERY = 9
"""Of so many meetings of a line one sends a question up."""


@rules_read_once()
def tell_tiers(site: Site, built_us: int, seed: str, days: int) -> None:
    """Tell what happened at the boards in the days before the plant was built; once only."""
    if visible(TierMeeting, BY).filter(site=site).exists():
        return
    today = clock.from_us(built_us).astimezone(ZoneInfo(site.zone)).date()
    first = today - timedelta(days=min(days, 90))
    told = [_OfBoard(site, board, seed, first, today, built_us) for board in boards_of(site, BY)]
    act_many(TierMeeting, "create", BY, [row for one in told for row in one.meetings()])
    for one in told:
        one.look_back()
    made = act_many(ImprovementAction, "create", BY, [row for one in told for row in one.actions])
    references = iter(f"{ImprovementAction.type_code()}:{row.pk}" for row in made)
    cells: list[dict[str, Any]] = []
    for one in told:
        named = [next(references) for _row in one.actions]
        cells += [row if place is None else row | {"action": named[place]} for row, place in one.cells]
    act_many(BoardCell, "create", BY, cells)
    asked = [row for one in told if one.board.above is not None for row in one.questions()]
    act_many(Escalation, "create", BY, sorted(asked, key=lambda row: row["raised_us"]))


class _OfBoard:
    """What is told of one board; `cells` name the action that answers them by its place in `actions`."""

    def __init__(
        self, site: Site, board: TierBoard, seed: str, first: date, today: date, built_us: int
    ) -> None:
        self.site, self.board, self.built_us, self.today = site, board, built_us, today
        self.chance = Chance.of(seed, "board", board.code)
        self.members = [row.person for row in board.members.select_related("person").order_by("person")]
        self.days = working_days(site.pk, first, today, patterns_of(board))
        self.zone = ZoneInfo(site.zone)
        self.actions: list[dict[str, Any]] = []
        self.cells: list[tuple[dict[str, Any], int | None]] = []
        self.met: set[date] = set()

    def _at_us(self, day: date) -> int:
        return clock.to_us(datetime.combine(day, self.board.meets_at, self.zone))

    def meetings(self) -> Iterator[dict[str, Any]]:
        """A meeting on every working day; today's is only planned where its time has not come."""
        for before, day in pairwise(self.days):
            planned_us = self._at_us(day)
            row = {"site": self.site, "board": self.board, "day": day, "looks_at": before}
            row |= {"planned_us": planned_us}
            if planned_us > self.built_us - HOUR_US:
                continue
            if not self.chance.happens(HELD):
                yield row | {"state": "missed"}
                continue
            started_us = planned_us + max(-1, round(self.chance.normal() * 2 + 1)) * MINUTE_US
            lasted_us = self.chance.between(6, 15) * MINUTE_US
            absent = [one for one in self.members if self.chance.happens(ABSENT)]
            self.met.add(before)
            yield row | {
                "state": "ended", "started_us": started_us, "attendance_us": started_us + MINUTE_US,
                "ended_us": started_us + lasted_us, "absences": [{"person": one} for one in absent],
                "summary": SUMMARIES[self.chance.between(0, len(SUMMARIES) - 1)],
            }  # fmt: skip

    def look_back(self) -> None:
        """Write down what nobody measures; give each red its reason and, now and then, a new action."""
        if not self.days:
            return
        latest: dict[str, tuple[date, int]] = {}
        last = self.days[-1] if self.days[-1] < self.today else self.days[-2] if self.days[1:] else None
        if last is None:
            return
        written = {day: self._near_misses() for day in self.days if day <= last}
        for letter in letters_of(self.board, last, BY, self.days[0]):
            for day in self.days[: self.days.index(last) + 1]:
                for cell in letter.days.get(day, ()):
                    self._cell(cell, written[day], last, latest)

    def _near_misses(self) -> int:
        return (1 + self.chance.happens(0.2)) if self.chance.happens(NEAR_MISS) else 0

    def _cell(self, cell: Cell, near_misses: int, last: date, latest: dict[str, tuple[date, int]]) -> None:
        row: dict[str, Any] = {"site": self.site, "board": self.board, "day": cell.day, "letter": cell.letter}
        row |= {"item": cell.item, "noted_by": self.board.led_by, "noted_us": self._at_us(cell.day) + DAY_US}
        if cell.item == NEAR_MISSES:
            row["value"] = Decimal(near_misses)
        red = near_misses > 1 if cell.item == NEAR_MISSES else cell.red
        told = cell.day < last or cell.day in self.met
        if not red or not told:
            if "value" in row and told:
                self.cells.append((row, None))
            return
        row["reason"] = _one_of(self.chance, REASONS[cell.letter])
        since, place = latest.get(cell.item, (cell.day - timedelta(days=99), -1))
        if (cell.day - since).days >= ACTION_EVERY_DAYS:
            self.actions.append(self._action(cell))
            place = len(self.actions) - 1
            latest[cell.item] = cell.day, place
        self.cells.append((row, place))

    def _action(self, cell: Cell) -> dict[str, Any]:
        raised_us = self._at_us(cell.day) + DAY_US
        due = cell.day + timedelta(days=self.chance.between(2, 12))
        row: dict[str, Any] = {
            "site": self.site, "title": _one_of(self.chance, ACTIONS[cell.letter]), "line": self.board.line,
            "owner": _one_of(self.chance, self.members), "due": due, "raised_us": raised_us,
            "source": f"{TierBoard.type_code()}:{self.board.pk}",
        }  # fmt: skip
        late = self.chance.happens(LATE_CLOSE)
        closed_us = self._at_us(due) + self.chance.between(-40, 8) * HOUR_US + (3 * DAY_US if late else 0)
        if max(closed_us, raised_us) < self.built_us:
            row |= {"state": "closed", "settled_us": max(closed_us, raised_us + HOUR_US)}
            row |= {"evidence": _one_of(self.chance, EVIDENCE)}
        elif self.chance.happens(0.4):
            row |= {"state": "in_work"}
        return row

    def questions(self) -> Iterator[dict[str, Any]]:
        """Questions that went up; most came back in a working day, some late, the last are open."""
        for day in self.days[3::QUESTION_EVERY]:
            raised_us = self._at_us(day) + 10 * MINUTE_US
            if raised_us > self.built_us - HOUR_US:
                continue
            question, answer = _one_of(self.chance, QUESTIONS)
            due_us = next_working_day_us(self.site.pk, raised_us)
            row = {
                "site": self.site, "from_board": self.board, "at_board": self.board.above,
                "question": question, "raised_by": self.members[0], "raised_us": raised_us, "due_us": due_us,
            }  # fmt: skip
            late = self.chance.happens(LATE_ANSWER)
            answered_us = (
                due_us + (self.chance.between(2, 30) if late else -self.chance.between(1, 18)) * HOUR_US
            )
            above = self.board.above.above if self.board.above is not None else None
            if late and above is not None:
                row |= {"at_board": above, "climbs": 1}
            confirmed_us = answered_us + self.chance.between(1, 20) * HOUR_US
            if confirmed_us < self.built_us:
                yield row | {
                    "state": "confirmed", "accepted_us": raised_us + HOUR_US, "answer": answer,
                    "answered_us": answered_us, "settled_us": confirmed_us,
                }  # fmt: skip
            elif answered_us < self.built_us:
                yield row | {"state": "answered", "accepted_us": raised_us + HOUR_US, "answer": answer,
                             "answered_us": answered_us}  # fmt: skip
            else:
                yield row


def _one_of(chance: Chance, things: Sequence[T]) -> T:
    return things[chance.between(0, len(things) - 1)]
