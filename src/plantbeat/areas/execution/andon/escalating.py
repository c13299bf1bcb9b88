"""The ladder climbs: rungs that are due tell whoever is on duty, exactly once, and each is recorded.

The due rows are in the database, so a worker that was stopped goes on with them. What a rung is about (a
call, a handoff) is locked before its rows, by the worker as by whoever takes or signs it, so that no rung is
told after somebody has. A rung that cannot be told is said in the log and tried again;
those after it are told.
"""

from __future__ import annotations

from typing import Any

from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.execution.andon.subjects import ANDON, Subject, subject_locked
from plantbeat.areas.execution.records.escalation_step import EscalationStep, Limit
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.areas.people.duty import Duty, OnDuty
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many, locked
from plantbeat.kernel.record import Record
from plantbeat.kernel.writing import writing

AT_ONCE = 100
"""Rungs of one look at the table; the next look follows at once."""
RUNGS = DueRows("rung", again_s=2.0)


def fire_due() -> int:
    """Tell every rung that is due now; how many were."""
    due = visible(EscalationStep, ANDON).filter(state="waiting", due_us__lte=clock.now_us())
    return RUNGS.each(RUNGS.awake(due).order_by("due_us", "pk")[:AT_ONCE], _fire)


def _fire(due: EscalationStep) -> bool:
    """Tell one rung, unless another worker or somebody who took the call was faster."""
    with writing():
        subject, record = subject_locked(due)
        step = locked(EscalationStep, [{"id": due.pk}])[0]
        if step.state != "waiting":
            return False
        if not subject.waits(record, step.limit):
            act(step, "stop", ANDON)
            return True
        people = _people(subject, record, step)
        _write_notices(step, people)
        act(step, "tell" if people else "pass_on", ANDON, {"told_us": clock.now_us()})
        subject.told(record, step, people)
        if not people and step.limit != Limit.test:
            _pass_on(step)
    return True


def _people(subject: Subject, record: Record, step: EscalationStep) -> list[OnDuty]:
    """The nearest of those on duty: who is at home on the line, else in its area, else anybody."""
    line, area = subject.place(record)
    found = Duty(step.site, ANDON).answering(step.role, clock.now_us(), area=area, line=line)
    return [one for one in found if one.near == found[0].near]


def _pass_on(step: EscalationStep) -> None:
    """Nobody was there to be told: the next rung is due at once."""
    waiting = visible(EscalationStep, ANDON).filter(call=step.call_id, subject=step.subject, state="waiting")
    following = waiting.order_by("due_us", "place").first()
    now_us = clock.now_us()
    if following is not None and following.due_us > now_us:
        act(following, "bring_forward", ANDON, {"due_us": now_us})


def _write_notices(step: EscalationStep, people: list[OnDuty]) -> None:
    """Who is told by which channel. Boards and tablets show the call by themselves; the rest is sent."""
    now_us, rows = clock.now_us(), []
    common: dict[str, Any] = {"escalation": step, "role": step.role, "at_us": now_us}
    if not people:
        rows.append({**common, "channel": Channel.board, "state": "nobody", "result": ""})
    for channel in step.channels.split():
        shown = channel in (Channel.board, Channel.sound)
        how = {"state": "shown"} if shown else {"state": "waiting", "try_us": now_us}
        rows += [{**common, "channel": channel, "person_id": one.person_id, **how} for one in people]
        if shown and not people:  # boards and tablets show the call all the same
            rows.append({**common, "channel": channel, **how})
    named = [{"place": place, **row} for place, row in enumerate(rows, 1)]
    persons = _persons(row.pop("person_id", None) for row in named)
    for row, person in zip(named, persons, strict=True):
        row["person"] = person
    act_many(Notice, "create", ANDON, named)


def _persons(ids: Any) -> list[Any]:
    from plantbeat.areas.people.records.person import Person

    wanted = list(ids)
    known = {one.pk: one for one in visible(Person, ANDON).filter(pk__in={pk for pk in wanted if pk})}
    return [known.get(pk) for pk in wanted]
