"""From the record of a stop to its own page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class StopPanel:
    """A link to the page of the stop."""

    template: str
    title: str
    address: str


def stop_panel(stop: Any, by: Actor) -> StopPanel:
    """A way from the record to the page with minutes, reason, calls, hours, scrap and actions."""
    address = reverse("stop", kwargs={"code": stop.place, "at_us": stop.start_us})
    return StopPanel("execution/_stop_panel.html", _("One event"), address)
