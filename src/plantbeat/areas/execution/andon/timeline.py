"""What happened to a call, in order: its facts, the rungs told, and who was reached by which channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon.stepping import facts_of
from plantbeat.areas.execution.kpis.evidence import KIND_WORDS
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.questions import names_of

if TYPE_CHECKING:
    from plantbeat.areas.execution.records.andon_call import AndonCall


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline."""

    at_us: int
    what: str
    who: str
    said: str
    status: str
    word: str
    lsn: int | None = None

    @property
    def at(self) -> Any:
        """When, as a date and time."""
        return clock.from_us(self.at_us)


def timeline(call: AndonCall, by: Actor) -> list[Entry]:
    """Everything that happened to a call, by time: facts with who said them, and proof of who was told."""
    facts = facts_of(call)
    names = names_of({one.actor for one in facts if one.actor})
    found = [
        Entry(
            one.t_us, str(KIND_WORDS[one.kind]), names.get(one.actor, "") or _speaker(one.actor), one.note,
            "none", "", one.lsn,
        )
        for one in facts
    ]  # fmt: skip
    found += rungs_told(f"{call.type_code()}:{call.pk}", by)
    return sorted(found, key=lambda entry: (entry.at_us, entry.lsn is None))


def rungs_told(reference: str, by: Actor) -> list[Entry]:
    """Proof of who was told of a call or a handoff, by which channel, in order."""
    rows = visible(Notice, by).filter(escalation__in=_steps(reference, by))
    rows = rows.select_related("person", "escalation").order_by("at_us", "pk")
    return [_told(one) for one in rows]


def _steps(reference: str, by: Actor) -> QuerySet[EscalationStep]:
    """The rungs of a call or of what else climbs the ladder, by its reference."""
    code, _colon, pk = reference.partition(":")
    steps = visible(EscalationStep, by)
    return steps.filter(call=int(pk)) if code == "execution.AndonCall" else steps.filter(subject=reference)


def _speaker(actor: str) -> str:
    """Who said it where no person did."""
    if actor.startswith("system:"):
        return _("Plantbeat")
    return _("a tablet or a person without a name") if actor else _("a machine")


def _told(notice: Notice) -> Entry:
    state = Notice.states()[notice.state]
    role = str(Role(notice.role).label)
    what = _("Rung %(n)s: %(role)s") % {"n": notice.escalation.rung, "role": role}
    channel = "" if notice.state == "nobody" else str(Channel(notice.channel).label)
    said = " · ".join(filter(None, (channel, notice.result)))
    who = notice.person.name if notice.person is not None else ""
    return Entry(notice.at_us, what, who, said, state.tone, str(state.label))


def rungs_ahead(reference: str, by: Actor) -> list[dict[str, Any]]:
    """Rungs that will be told of a call unless somebody helps before, or of a handoff unless they sign."""
    rows = _steps(reference, by).filter(state="waiting").order_by("due_us", "place")
    return [
        {
            "rung": row.rung,
            "role": str(Role(row.role).label),
            "due_us": row.due_us,
            "due": clock.from_us(row.due_us),
        }
        for row in rows
    ]
