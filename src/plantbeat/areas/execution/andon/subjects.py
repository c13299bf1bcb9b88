"""What climbs the ladder: calls for help, and whatever another area wants somebody to see to in time.

There is one ladder: due rows, a worker that tells whoever is on duty, notices with proof. An area that has
something to escalate declares how its records are read; the rows name the record by reference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import locked
from plantbeat.kernel.record import Record

if TYPE_CHECKING:
    from plantbeat.areas.people.duty import OnDuty

ANDON = Actor.system("andon")
SHOWN_US = 24 * 3_600_000_000
"""So long after a rung was told boards and tablets go on to show what nobody has seen to."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says: subject and text, and the fields of its own that a gateway gets beside them."""

    subject: str
    text: str
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """How the ladder reads records of one type.

    `waits(record, limit)`: somebody is still to be told; `place`: codes of line and area, empty where there
    is none; `since`: when the present round of its rungs began; `message`: what is sent; `told(record, step,
    people)`: notes on the record that a rung was told; `title` and `address`: what boards call it, its page;
    `brief`: what it is in the two or three words a wall has room for.
    """

    waits: Callable[[Any, str], bool]
    place: Callable[[Any], tuple[str, str]]
    since: Callable[[Any], int]
    message: Callable[[Any], Message]
    told: Callable[[Any, EscalationStep, Sequence[OnDuty]], None]
    title: Callable[[Any], str]
    address: Callable[[Any], str]
    brief: Callable[[Any], str]


_declared: dict[str, Subject] = {}


def declare_subject(type_code: str, subject: Subject) -> None:
    """Let records of a type climb the ladder; each type once."""
    _declared[type_code] = subject


def subject_of(step: EscalationStep) -> tuple[Subject, Record]:
    """How the ladder reads what a rung is about, and the record itself."""
    code, pk = _named(step)
    return _declared[code], visible(registry.record(code), ANDON).get(pk=pk)


def subject_locked(step: EscalationStep) -> tuple[Subject, Record]:
    """As `subject_of`, with the record read again under lock. Raises `Refused` where it is gone."""
    code, pk = _named(step)
    return _declared[code], locked(registry.record(code), [{"id": pk}])[0]


def _named(step: EscalationStep) -> tuple[str, int]:
    code, _colon, pk = step.reference.partition(":")
    return code, int(pk)


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a rung was told of and nobody has seen to, beside calls: what boards show and tablets ring for.

    `ring` is the last sound notice, None where no rung sounds.
    """

    reference: str
    title: str
    brief: str
    area: str
    since_us: int
    told_us: int
    ring: int | None
    url: str


def unseen(site: Site, now_us: int, by: Actor) -> list[Unseen]:
    """What climbs the ladder of a site besides calls, once a rung was told: what waits longest first."""
    rows = visible(EscalationStep, by).filter(site=site, call=None, told_us__gt=now_us - SHOWN_US)
    steps: dict[str, list[EscalationStep]] = {}
    for step in rows.prefetch_related("notices").order_by("told_us", "pk"):
        steps.setdefault(step.reference, []).append(step)
    found = [one for told in steps.values() if (one := _unseen(told)) is not None]
    return sorted(found, key=lambda one: (one.since_us, one.reference))


def _unseen(told: list[EscalationStep]) -> Unseen | None:
    subject, record = subject_of(told[-1])
    told = [step for step in told if step.due_us >= subject.since(record)]
    if not told or not subject.waits(record, told[-1].limit):
        return None
    rings = [
        one.pk
        for step in told
        for one in step.notices.all()
        if one.channel == "sound" and one.state == "shown"
    ]
    return Unseen(
        told[-1].reference, subject.title(record), subject.brief(record), subject.place(record)[1],
        told[0].due_us, told[-1].told_us or told[-1].due_us, max(rings, default=None),
        subject.address(record),
    )  # fmt: skip
