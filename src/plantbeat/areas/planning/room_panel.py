"""From an order that has become hot to the room where people meet over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor
from plantbeat.kernel.permission import writes


@dataclass(frozen=True, slots=True)
class RoomPanel:
    """One tap into the incident room of an order; who may not write at the site gets no button."""

    template: str
    title: str
    reference: str
    may_open: bool


def room_panel(order: Any, by: Actor) -> RoomPanel:
    """The way from an order to its incident room."""
    reference = f"{order.type_code()}:{order.pk}"
    return RoomPanel("planning/_room_panel.html", _("Hot order"), reference, writes(by, order.site_id))
