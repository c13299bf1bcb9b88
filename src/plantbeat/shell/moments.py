"""The manager's day as the main navigation."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.moments import Moments, moments_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site


def navigation(path: str, site: Site | None, by: Actor) -> list[dict[str, Any]]:
    """Now, the seven moments at the times of the site and the shift, the overview; the page in view marked.

    Without a site there is no day yet: only the overview.
    """
    entries: list[dict[str, Any]] = []
    if site is not None:
        entries.append(_entry("now", "", _("Now"), "now", path))
        entries += _moments(moments_of(site, clock.now_us(), by), path)
    entries.append(_entry("overview", "", _("Overview"), "overview", path))
    return entries


def next_moment(entries: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The moment after the one in view; None on a page of none, and after the last of the day."""
    of_day = [one for one in entries if one["time"]]
    return next((after for shown, after in pairwise(of_day) if shown["active"]), None)


def _moments(moments: Moments, path: str) -> list[dict[str, Any]]:
    found = []
    for one in moments.bar:
        try:
            entry = _entry(str(one.code), one.time, str(one.label), one.page, path)
        except NoReverseMatch:
            continue
        found.append({**entry, "at_us": one.at_us, "is_now": one.is_now})
    return found


def _entry(code: str, time: str, label: str, page: str, path: str) -> dict[str, Any]:
    url = reverse(page)
    active = path == url or (url != "/" and path.startswith(url))
    return {"code": code, "time": time, "label": label, "url": url, "active": active}
