"""A call for help on a line whose states come by tap drafts its stop, and the end of the call ends it."""

from __future__ import annotations

from plantbeat.areas.execution.questions import asset_id
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.engine.oee import State
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.questions import facts_in_force
from plantbeat.facts.views import readings
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.state_words import STATE_NAMED
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor

DRAFTING = Actor.system("stop of a call")
GOES_ON = frozenset({State.running, State.slow, State.no_data, State.unexplained})
"""States that a call for help ends; in any other the line stands already, or nothing is to be made."""


def draft_stop(call: AndonCall, by: Actor) -> bool:
    """Tell the stop that a call speaks of, where the line's states are tapped and none is told yet.

    Call it in the transaction that raised the call. True if a state was told.
    """
    place = _tapped(call)
    if place is None or call.raised_us is None:
        return False
    rules, asset = place
    if _state_at(rules, call, asset) not in GOES_ON:
        return False
    told = NewFact(asset=asset, t_us=call.raised_us, kind="state", body={"state": State.own_stop.value})
    append([told], by.for_the_product(), own_source(call.site))
    return True


def end_drafted_stop(call: AndonCall, by: Actor) -> bool:
    """Let the line run again as its call is resolved, if the call drafted the stop and nobody said more."""
    place = _tapped(call)
    if place is None or call.raised_us is None or call.resolved_us is None:
        return False
    asset = place[1]
    place_id, span = asset_id(call.site, asset, DRAFTING), (call.raised_us, call.resolved_us)
    told = facts_in_force(DRAFTING).filter(asset=place_id, kind="state", t_us__range=span)
    states = list(told.order_by("t_us", "lsn"))
    source = own_source(call.site)
    if len(states) != 1 or states[0].t_us != call.raised_us or states[0].src_id != source.pk:
        return False
    ran = NewFact(asset=asset, t_us=call.resolved_us, kind="state", body={"state": State.running.value})
    append([ran], by.for_the_product(), source)
    return True


def _tapped(call: AndonCall) -> tuple[SiteRules, str] | None:
    """The machine (or line) whose states are tapped, with the rules of its site; None for other calls."""
    if call.is_test or call.line is None:
        return None
    rules = SiteRules(call.site_id)
    day = rules.day_at(call.raised_us or clock.now_us())
    line_id = asset_id(call.site, call.line.code, DRAFTING)
    if rules.reading(line_id, day).source is not LineSource.taps:
        return None
    timed = timing_asset(rules, line_id, day)
    spoken_of = asset_id(call.site, call.asset, DRAFTING)
    if spoken_of not in (line_id, timed):
        return None
    return rules, rules.assets[timed].code


def _state_at(rules: SiteRules, call: AndonCall, asset: str) -> State:
    """What the machine was doing when the call was raised, as far as is computed; no data before any fact."""
    at_us = call.raised_us or 0
    pk = asset_id(call.site, asset, DRAFTING)
    pieces = readings.intervals_between([pk], at_us, at_us + 1)
    if pieces:
        return STATE_NAMED[pieces[-1].state]
    row = readings.latest_days([pk], rules.day_at(at_us)).get(pk)
    shown = readings.shown_of(row) if row is not None else None
    if shown is None:
        return State.no_data
    told, counts_as = STATE_NAMED[shown.state], STATE_NAMED[shown.counts_as]
    return told if told not in GOES_ON else counts_as
