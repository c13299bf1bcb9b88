"""Why an order is late, and what a change does, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from plantbeat.surfaces.templatetags.records import minutes


def _words() -> dict[str, str]:
    return {
        "run": _("step %(step)s runs on %(machine)s"),
        "closed": _("%(machine)s closed (shift end, break, holiday)"),
        "queue": _("waited for %(machine)s behind %(behind)s"),
        "setup": _("set-up on %(machine)s for step %(step)s"),
        "setup_ahead": _("waited for the set-up of %(machine)s for %(behind)s"),
        "held": _("%(machine)s was kept free for %(behind)s"),
        "pinned": _("step %(step)s is pinned to a later start on %(machine)s"),
        "too_short": _("open time on %(machine)s too short for step %(step)s without a break"),
        "idle": _("%(machine)s was free and not used"),
        "release": _("step %(step)s waited for the release of the order"),
    }


def causes_in_words(causes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each cause of an order's way with its minutes and a sentence."""
    words = _words()
    return [{"minutes": cause["minutes"], "text": _sentence(cause, words)} for cause in causes]


def _sentence(cause: dict[str, Any], words: dict[str, str]) -> str:
    return words[cause["kind"]] % cause


def consequences_in_words(found: dict[str, Any]) -> list[dict[str, str]]:
    """Who becomes late and who is saved by a change, one line each, the worst first; with a status."""
    groups = (
        ("newly_late", "act", _("%(order)s becomes late: %(after)s")),
        ("later", "act", _("%(order)s is later: %(before)s → %(after)s late")),
        ("saved", "good", _("%(order)s is on time again (was %(before)s late)")),
        ("sooner", "watch", _("%(order)s is less late: %(before)s → %(after)s")),
    )
    return [
        {
            "status": status,
            "text": text % {"order": order, "before": minutes(before), "after": minutes(after)},
        }
        for name, status, text in groups
        for order, before, after in found[name]
    ]
