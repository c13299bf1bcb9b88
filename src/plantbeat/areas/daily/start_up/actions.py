"""The one decision of the start-up."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.priority import ConstraintKind, Priority
from plantbeat.areas.daily.start_up.constraints import Constraint
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Problem, Refused


def decide(
    site: Site,
    day: date,
    shift: str,
    constraint: Constraint | None,
    owner_id: int | None,
    note: str,
    by: Actor,
) -> Priority:
    """Write down who gets help first in a shift and who sees to it; None: nothing needs help first.

    Decided again it is changed, and the record keeps what was decided before.
    Raises `Refused` for who may not decide, without an owner, and for an owner who does not exist.
    """
    says: dict[str, object] = {
        "kind": ConstraintKind.none, "constraint": "", "what": "", "line": None, "owner": None, "note": note,
    }  # fmt: skip
    if constraint is not None:
        owner = visible(Person, by).filter(site=site, pk=owner_id).first() if owner_id else None
        if owner is None:
            allowed = _("somebody of the site")
            raise Refused(Problem(_("choose who sees to it"), "owner", None, allowed))
        line = visible(Line, by).filter(site=site, code=constraint.line).first() if constraint.line else None
        says |= {
            "kind": constraint.kind, "constraint": constraint.key, "what": constraint.what[:240],
            "line": line, "owner": owner,
        }  # fmt: skip
    known = visible(Priority, by).filter(site=site, day=day, shift=shift).first()
    if known is not None:
        return act(known, "decide_again", by, says)
    decided = {"site": site, "day": day, "shift": shift, "decided_us": clock.now_us(), **says}
    return act(Priority, "create", by, decided)
