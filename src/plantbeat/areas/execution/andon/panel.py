"""From the record of a call to its own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class CallPanel:
    """A link to the page of the call."""

    template: str
    title: str
    address: str


def call_panel(call: Any, by: Actor) -> CallPanel:
    """A way from the record to the page with timeline and buttons."""
    return CallPanel(
        "execution/_call_panel.html", _("What happened"), reverse("andon_call", args=[call.number])
    )
