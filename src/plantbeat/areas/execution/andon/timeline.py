"""What happened to a call, in order: its facts, the rungs, and who was told by which channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class TimelinePanel:
    """The timeline on the page of a call."""

    template: str
    title: str
    call: Any
    address: str


def timeline_panel(call: Any, by: Actor) -> TimelinePanel | None:
    """A way from the record to the page of the call."""
    from django.urls import reverse

    return TimelinePanel(
        "execution/_call_panel.html", _("What happened"), call, reverse("andon_call", args=[call.number])
    )
