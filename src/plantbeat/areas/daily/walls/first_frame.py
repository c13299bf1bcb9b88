"""Who gets help first, as a live line of every wall board of a site."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.questions import priority_of
from plantbeat.areas.daily.records.priority import Priority
from plantbeat.areas.daily.walls.letter_frames import site_of_key
from plantbeat.areas.execution.live import Frame
from plantbeat.areas.execution.review.site_shifts import shifts_around
from plantbeat.areas.execution.walls.showing import FIRST
from plantbeat.facts.live.topics import Message
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor


@rules_read_once()
def first_frame(key: str, by: Actor) -> Frame:
    """What was decided for the shift that goes on, else for the next, at the site with the code `key`."""
    site = site_of_key(key, by)
    shift = shifts_around(site, clock.now_us(), by).at_hand
    found = priority_of(site, shift.day, shift.name, by) if shift is not None else None
    return {f"{key}.{FIRST}": {"text": _words(found), "url": reverse("start_up")}}


def _words(found: Priority | None) -> str:
    if found is None:
        return _("Help first: not decided yet")
    if not found.what:
        return _("Help first: nothing needs it")
    owner = f", {found.owner.name}" if found.owner is not None else ""
    return _("Help first: %(what)s") % {"what": f"{found.what}{owner}"}


def concerns_first(message: Message, _key: str) -> bool:
    """Decisions, and the shifts they are for."""
    return message.topic.startswith((f"record:{Priority.type_code()}", "record:plant."))
