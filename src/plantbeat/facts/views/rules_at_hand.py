"""The rules of a site for a page that asks many questions: read once, not once for each question.

So are sums that several measures of the page divide: the same question has one answer within a page.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from plantbeat.facts.views.rules import SiteRules

T = TypeVar("T")

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("answers_at_hand", default=None)
_at_hand: ContextVar[dict[int, SiteRules] | None] = ContextVar("rules_at_hand", default=None)


@contextmanager
def rules_read_once() -> Iterator[None]:
    """Within it the rules of a site are read once; for what changes nothing, such as a page or a frame."""
    if _at_hand.get() is not None:
        yield
        return
    token, answers = _at_hand.set({}), _answers.set({})
    try:
        yield
    finally:
        _at_hand.reset(token)
        _answers.reset(answers)


def rules_of(site_id: int) -> SiteRules:
    """The rules of a site as they stand, or as they stood when they were first asked for within."""
    known = _at_hand.get()
    if known is None:
        return SiteRules(site_id)
    if site_id not in known:
        known[site_id] = SiteRules(site_id)
    return known[site_id]


def forget_answers() -> None:
    """Ask anew from now on: for one who has computed what the answers are made of."""
    known = _answers.get()
    if known is not None:
        known.clear()


def answered_once(question: Hashable, answer: Callable[[], T]) -> T:
    """The answer to a question, as it was when it was first asked within; nobody changes it."""
    known = _answers.get()
    if known is None:
        return answer()
    if question not in known:
        known[question] = answer()
    found: T = known[question]
    return found
