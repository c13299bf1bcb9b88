"""Handoffs on the ladder: once a signature is late, its rungs tell whoever is on duty, until somebody signs.

When a signature is due stands in the handoff itself, so a worker that was away puts it on the ladder later.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.site_now import DRAFTER
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.execution.andon.ladder import handoff_ladder_of
from plantbeat.areas.execution.andon.planning_rungs import guard_signature, stop_rungs
from plantbeat.areas.execution.andon.subjects import Message, Subject, declare_subject
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.people.duty import OnDuty
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.writing import writing

LONGEST = 200
LATE = DueRows("late handoff", again_s=10.0)
UNSIGNED = (str(Handoff.State.drafted), str(Handoff.State.signed_out))


def declare_handoffs() -> None:
    """Let handoffs climb the ladder of calls for help."""
    declare_subject(
        Handoff.type_code(), Subject(_waits, _place, due_us, message_of, _told, _title, _address, _brief)
    )


def escalate_late(site: Site) -> list[Handoff]:
    """Put handoffs that nobody has signed in time on the ladder, each once for each signature."""
    rows = visible(Handoff, DRAFTER).filter(site=site, due_us__lte=clock.now_us(), state__in=UNSIGNED)
    late: list[Handoff] = []

    def put_on_it(handoff: Handoff) -> None:
        if not _climbs(handoff):
            rungs, _is_default = handoff_ladder_of(site, handoff.place)
            with writing():
                guard_signature(site, reference_of(handoff), due_us(handoff), rungs)
            late.append(handoff)

    LATE.each(rows.select_related("area", "site").order_by("due_us", "pk"), put_on_it)
    return late


def _climbs(handoff: Handoff) -> bool:
    steps = visible(EscalationStep, DRAFTER).filter(subject=reference_of(handoff))
    return steps.filter(due_us__gte=due_us(handoff)).exists()


def leave_the_ladder(handoff: Handoff) -> None:
    """Somebody has signed: nobody is told any more."""
    stop_rungs(reference_of(handoff))


def reference_of(handoff: Handoff) -> str:
    """A handoff as `type code:id`."""
    return f"{handoff.type_code()}:{handoff.pk}"


def _waits(handoff: Handoff, _limit: str) -> bool:
    return handoff.state in UNSIGNED and handoff.due_us is not None and handoff.due_us <= clock.now_us()


def due_us(handoff: Handoff) -> int:
    """When the signature that is missing was due."""
    due_us: int = handoff.due_us or handoff.boundary_us
    return due_us


def _place(handoff: Handoff) -> tuple[str, str]:
    return "", handoff.place


def _title(handoff: Handoff) -> str:
    what = _("Handoff %(area)s: nobody has signed it out")
    if handoff.state == str(Handoff.State.signed_out):
        what = _("Handoff %(area)s: nobody has signed it in")
    return what % {"area": handoff.where}


def _brief(_handoff: Handoff) -> str:
    return _("Unsigned handoff")


def _address(handoff: Handoff) -> str:
    return reverse("handoff", kwargs={"number": handoff.number})


def _told(handoff: Handoff, step: EscalationStep, people: Sequence[OnDuty]) -> None:
    """Note on the handoff who was told; the first rung begins the escalation of a signature."""
    role = str(Role(step.role).label)
    names = ", ".join(f"{one.name} ({role})" for one in people[:3])
    said = names or _("nobody is on duty as %(role)s") % {"role": role}
    # Told a second time they are named once.
    told = "; ".join(dict.fromkeys(filter(None, (*handoff.escalated_to.split("; "), said))))
    act(handoff, "escalate", DRAFTER, {"escalated_to": told[:LONGEST]})


def message_of(handoff: Handoff) -> Message:
    """What a message about an unsigned handoff says."""
    subject = f"{_title(handoff)} ({handoff.number})"
    zone = ZoneInfo(handoff.site.zone)
    values = {
        "shift": handoff.shift, "next": handoff.next_shift or "–", "site": handoff.site.name,
        "time": f"{clock.from_us(due_us(handoff)).astimezone(zone):%H:%M}",
    }  # fmt: skip
    text = _("%(shift)s to %(next)s at %(site)s: it was to be signed by %(time)s.")
    fields = {
        "handoff": handoff.number, "area": handoff.place, "sign": "in" if handoff.signed_out_us else "out",
        "due_us": due_us(handoff), "opens": _address(handoff), "test": False,
    }  # fmt: skip
    return Message(subject, f"{subject}\n{text % values}", fields)
