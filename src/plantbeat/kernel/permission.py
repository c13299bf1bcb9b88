"""May this actor do this, here, now? The same answer for the write path, buttons and "why can't I?"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.kernel.access import ALL_SITES, READ_ONLY, Actor, Roles, hidden_fields
from plantbeat.kernel.lifecycle import Step
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.record import Record

CREATE, EDIT, REMOVE = "create", "edit", "remove"


def may(record: Record, verb: str, by: Actor) -> list[Problem]:
    """Every reason why the actor cannot do this now; empty if they can. Writes nothing.

    What stands against a field that the step itself asks for is no reason yet: its form can put that right.
    """
    site_id = record.site_id_of_record
    if verb in (EDIT, REMOVE):
        return [] if permitted(type(record), verb, by, site_id, record) else [forbidden(verb)]
    step = named(record, verb)
    allowed = writes(by, site_id) and step.permits(record, by, site_id)
    hindrances = [one for one in step.hindrances(record, by) if one.field not in step.asks]
    return hindrances if allowed else [forbidden(step.label), *hindrances]


def may_create(model: type[Record], by: Actor) -> bool:
    """True if the actor may create a record of the type at some site."""
    if model.access.owner and by.user_id is not None:
        return True
    sites = by.sites(model.access.create)
    return sites is ALL_SITES or (model.scope not in (None, "id") and bool(sites))


def writes(by: Actor, site_id: int | None) -> bool:
    """True if the actor holds any role at the site that may write."""
    return by.trusted or bool(by.roles_at(site_id) - READ_ONLY)


def permitted(model: type[Record], verb: str, by: Actor, site_id: int | None, record: Record) -> bool:
    """True if role or ownership allows a built-in verb on a record at a site."""
    owner = model.access.owner
    if owner and by.user_id is not None and getattr(record, f"{owner}_id") == by.user_id:
        return True
    roles: Roles = getattr(model.access, verb) - READ_ONLY
    if model.scope is None or (model.scope == "id" and verb != EDIT):
        return by.sites(roles) is ALL_SITES
    return by.holds(roles, site_id)


def forbidden(what: Any) -> Problem:
    """The refusal of a verb or step."""
    return Problem(_("your role does not allow “%(what)s” here") % {"what": what})


def authorise(record: Record, verb: str, by: Actor, site_id: int | None) -> None:
    """Refuse unless the verb is permitted."""
    if not permitted(type(record), verb, by, site_id, record):
        raise Refused(forbidden(verb), Kind.forbidden)


def named(record: Record, verb: str) -> Step:
    """The declared step or action of a verb; refused if the type has none."""
    steps = type(record).steps()
    if verb not in steps:
        allowed = ", ".join([CREATE, EDIT, REMOVE, *steps])
        raise Refused(Problem(_("there is no such action"), "verb", verb, allowed), Kind.missing)
    return steps[verb]


def refuse_closed_fields(record: Record, by: Actor, data: Mapping[str, Any]) -> None:
    """Nobody writes a private field they may not read."""
    site_id = None if record.scope == "id" else record.site_id_of_record
    if closed := hidden_fields(type(record), by, site_id) & data.keys():
        message = _("your role may not read or write this")
        raise Refused([Problem(message, name) for name in sorted(closed)], Kind.forbidden)
