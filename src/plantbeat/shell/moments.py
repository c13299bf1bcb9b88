"""The manager's day as the main navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.problems import Text


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the main navigation."""

    code: str
    time: str
    label: Text
    page: str


MOMENTS = (
    Moment("now", "", _("Now"), "now"),
    Moment("schedule", "08:00", _("Schedule"), "schedule"),
    Moment("results", "15:30", _("Results"), "kpis"),
)


def navigation(path: str) -> list[dict[str, Any]]:
    """Entries whose pages exist, the present one marked."""
    entries: list[dict[str, Any]] = []
    for moment in MOMENTS:
        try:
            url = reverse(moment.page)
        except NoReverseMatch:
            continue
        active = path == url or (url != "/" and path.startswith(url))
        entries.append(
            {"code": moment.code, "time": moment.time, "label": moment.label, "url": url, "active": active}
        )
    return entries
