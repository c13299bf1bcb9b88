"""What the forms of boards and meetings give, read and named like any other field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.persons import person_named
from plantbeat.areas.improvement.actions import raise_action
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused


def day_given(text: str, name: str = "due") -> date | None:
    """A day as a form gives it; None for nothing. Raises `Refused` for what is no day."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(Problem(_("is no date"), name, text, _("a day as 2026-03-31"))) from None


def person_given(site: Site, text: str, by: Actor) -> Person:
    """A person a form names by number. Raises `Refused` for nobody."""
    found = person_named(site, text, by) if text.strip() else None
    if found is None:
        message = _("there is nobody with this number") if text.strip() else _("is required")
        raise Refused(Problem(message, "owner", text, _("a personnel number of the list")))
    return found


def action_given(
    site: Site, given: Mapping[str, Any], by: Actor, *, source: str, line: Line | None = None
) -> str:
    """The action a form asks for in one line: what, who, until when; its reference.

    Raises `Refused` with every field that is missing, so that nothing is half decided.
    """
    problems = [
        Problem(_("is required"), name)
        for name in ("title", "owner", "due")
        if not given.get(name, "").strip()
    ]
    if problems:
        raise Refused(problems)
    owner, due = person_given(site, given.get("owner", ""), by), day_given(given.get("due", ""))
    return raise_action(site, given.get("title", ""), owner, due, by, source=source, line=line)
