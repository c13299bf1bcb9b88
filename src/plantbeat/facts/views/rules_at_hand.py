"""The rules of a site for a page that asks many questions: read once, not once for each question."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from plantbeat.facts.views.rules import SiteRules

_at_hand: ContextVar[dict[int, SiteRules] | None] = ContextVar("rules_at_hand", default=None)


@contextmanager
def rules_read_once() -> Iterator[None]:
    """Within it the rules of a site are read once; for what changes nothing, such as a page or a frame."""
    if _at_hand.get() is not None:
        yield
        return
    token = _at_hand.set({})
    try:
        yield
    finally:
        _at_hand.reset(token)


def rules_of(site_id: int) -> SiteRules:
    """The rules of a site as they stand, or as they stood when they were first asked for within."""
    known = _at_hand.get()
    if known is None:
        return SiteRules(site_id)
    if site_id not in known:
        known[site_id] = SiteRules(site_id)
    return known[site_id]
