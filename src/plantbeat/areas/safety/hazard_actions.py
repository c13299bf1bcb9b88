"""The actions that came from a hazard, on its page, and the way to draft one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.improvement.questions import actions_from
from plantbeat.kernel.access import Actor
from plantbeat.kernel.permission import writes
from plantbeat.surfaces.addresses import address_of


@dataclass(frozen=True, slots=True)
class ActionsPanel:
    """Actions of one hazard."""

    template: str
    title: str
    rows: list[dict[str, Any]]
    new_url: str
    reference: str
    may_open_room: bool


def actions_panel(hazard: Any, by: Actor) -> ActionsPanel:
    """What is being done about a hazard, and the form of an action with the hazard filled in."""
    reference = f"{hazard.type_code()}:{hazard.pk}"
    actions = actions_from(reference, by)
    rows = [
        {"action": one, "link": address_of(one), "state": type(one).states()[one.state]} for one in actions
    ]
    return ActionsPanel(
        "safety/_hazard_actions.html", _("Actions"), rows, action_draft_url(hazard), reference,
        writes(by, hazard.site_id),
    )  # fmt: skip


def action_draft_url(hazard: Any) -> str:
    """The form of a new action with what the hazard says."""
    says = {"source": f"{hazard.type_code()}:{hazard.number}", "title": hazard.what[:160]}
    if hazard.line_id is not None:
        says["line"] = hazard.line.code
    new = reverse("new", kwargs={"area": "improvement", "slug": "improvement-actions"})
    return f"{new}?{urlencode(says)}"
