"""The draft of a handoff: every sentence from facts and records, through the questions pages ask too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantbeat.areas.daily.handoffs import floor_sentences, order_sentences, people_sentences
from plantbeat.areas.daily.handoffs.boundaries import handing_over_at
from plantbeat.areas.daily.handoffs.keeping import Draft
from plantbeat.areas.daily.handoffs.site_now import SiteNow
from plantbeat.areas.daily.handoffs.situation import Situation
from plantbeat.areas.daily.handoffs.wording import unspoken
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock

if TYPE_CHECKING:
    from plantbeat.areas.daily.records.handoff import Handoff


def drafted(handoff: Handoff, at_site: SiteNow | None = None) -> Draft:
    """Everything there is to say about the shift of a handoff, as it is known now.

    `at_site` is what is open at its site, where several handoffs are drafted in one go.
    """
    with rules_read_once(), unspoken():
        now = _situation(handoff, at_site or SiteNow(handoff.site))
        if now is None:
            return Draft((), clock.now_us())
        _unsafe(now)
        floor_sentences.results(now)
        floor_sentences.stops(now)
        order_sentences.running_orders(now)
        order_sentences.late_orders(now)
        order_sentences.first_hour(now)
        order_sentences.planned_stops(now)
        people_sentences.attendance(now)
        people_sentences.decisions(now)
        people_sentences.actions(now)
        people_sentences.risks(now)
        people_sentences.quarantine(now)
        floor_sentences.silence(now)
    by_code = {one.code: one for one in reversed(now.sentences)}
    return Draft(list(reversed(by_code.values())), clock.now_us())


def unsafe_left_out(handoff: Handoff) -> list[str]:
    """What is unsafe and open now and does not stand in a handoff; empty where it is complete."""
    if handoff.drafted_us == clock.now_us():
        return []  # drafted in this very moment, and what is unsafe cannot be taken out of a draft
    with rules_read_once(), unspoken():
        now = _situation(handoff, SiteNow(handoff.site))
        if now is None:
            return []
        unsafe_sentences(now)
    known = set(handoff.items.values_list("code", flat=True))
    return [one.words for one in now.sentences if one.unsafe and one.code not in known]


def _situation(handoff: Handoff, at_site: SiteNow) -> Situation | None:
    boundary = handing_over_at(handoff.site, handoff.place, handoff.boundary_us)
    if boundary is None:
        return None
    return Situation(at_site, boundary, min(clock.now_us(), handoff.boundary_us))


def unsafe_sentences(now: Situation) -> None:
    """Everything that must not be forgotten."""
    _unsafe(now)
    floor_sentences.open_stops(now)


def _unsafe(now: Situation) -> None:
    """What must not be forgotten, besides stops."""
    floor_sentences.calls(now)
    floor_sentences.incidents(now)
    people_sentences.rooms(now)
    people_sentences.hazards(now)
    order_sentences.held_orders(now)
