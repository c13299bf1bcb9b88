"""The actions of the demo plant's last weeks: raised, worked on, closed with evidence; some are overdue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US

BY = Actor.system("demo plant")
EVERY_DAYS = 3
DROPPED = 0.06
LATE = (1, 3)
"""Of five actions those that are settled two weeks and more after their day, so that some are overdue now."""
SUPERVISOR, MAINTENANCE, QUALITY, SAFETY = (
    "Supervisor", "Maintenance planner", "Quality engineer", "EHS coordinator"
)  # fmt: skip


class _Idea(NamedTuple):
    title: str
    owner: str
    line: str
    evidence: str


IDEAS = (
    _Idea("Bring the parts of a changeover to the line before it stops", SUPERVISOR, "L2",
          "Ten changeovers watched; the trolley stands ready at each"),
    _Idea("Replace the worn guide at the labeller", MAINTENANCE, "L4", "New guide fitted, photo filed"),
    _Idea("Show every crew how to set the fill level", QUALITY, "L3", "All crews signed the training list"),
    _Idea("Mark the walkway at the palletiser", SAFETY, "L5", "Walked with the operators, lines are painted"),
    _Idea("Order a second set of star wheels", MAINTENANCE, "L3", "Delivered and put on the shelf"),
    _Idea("Check the torque of the capper at every start", QUALITY, "L5", "Check sheet in use for a week"),
    _Idea("Clean the sensor of the infeed every shift", SUPERVISOR, "L4", "Task in the shift's list"),
    _Idea("Agree with the supplier on the height of canisters", QUALITY, "L5", "Drawing signed by both"),
    _Idea("Put a spare belt beside the packer", MAINTENANCE, "L2", "Belt in place, stock card written"),
    _Idea("Find people who can stand in at night", SUPERVISOR, "L3", "Two people trained"),
    _Idea("Inspect the seals of the filler", MAINTENANCE, "L1", "Seals seen, report in the folder"),
    _Idea("Write down who answers a call at night", SUPERVISOR, "L1", "List hangs at the line"),
)  # fmt: skip


class _Past(NamedTuple):
    """An action on its way: raised so many days ago, due then, settled at an instant or not yet."""

    idea: _Idea
    raised_us: int
    due: date
    settled_us: int | None
    dropped: bool


def record_past_actions(site: Site, built_us: int, seed: str, today: date, days: int) -> int:
    """Record the actions of so many days, each step at its time; how many there are."""
    lines = {line.code: line for line in visible(Line, BY).filter(site=site)}
    owners: dict[str, list[Person]] = {}
    for person in visible(Person, BY).filter(site=site).order_by("number"):
        owners.setdefault(person.job, []).append(person)
    count = 0
    for one in _past(built_us, seed, today, days):
        chance = Chance.of(seed, "action", one.raised_us)
        able, line = owners[one.idea.owner], lines[one.idea.line]
        row = {
            "site": site, "title": one.idea.title, "owner": able[chance.between(0, len(able) - 1)],
            "due": one.due, "line": line, "source": f"{Line.type_code()}:{line.pk}",
        }  # fmt: skip
        with clock.at(one.raised_us):
            action = act(ImprovementAction, "create", BY, row)
        _go_on(action, one, built_us)
        count += 1
    return count


def _go_on(action: ImprovementAction, one: _Past, built_us: int) -> None:
    started_us = one.raised_us + DAY_US
    if started_us < built_us:
        with clock.at(started_us):
            action = act(action, "start", BY)
    if one.settled_us is None:
        return
    with clock.at(one.settled_us):
        if one.dropped:
            act(action, "drop", BY, reason="Another way was found")
        else:
            act(action, "close", BY, {"evidence": one.idea.evidence})


def _past(built_us: int, seed: str, today: date, days: int) -> Iterator[_Past]:
    """One action every few days, the oldest first; most are settled by their day, some later."""
    for place, ago in enumerate(range(days, 0, -EVERY_DAYS)):
        chance = Chance.of(seed, "actions", ago)
        idea, given = IDEAS[place % len(IDEAS)], chance.between(7, 21)
        raised_us = built_us - ago * DAY_US + chance.between(0, 8) * HOUR_US
        late = chance.between(16, 30) if place % 5 in LATE else -chance.between(0, 4)
        settled_us = raised_us + (given + late) * DAY_US
        is_settled = settled_us < built_us
        due = today - timedelta(days=ago - given)
        yield _Past(idea, raised_us, due, settled_us if is_settled else None, chance.happens(DROPPED))
