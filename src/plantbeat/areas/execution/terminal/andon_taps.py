"""Calls for help from a line's terminal, with the time of the tap."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import actions
from plantbeat.areas.execution.records.andon_call import HELPERS, AndonCall
from plantbeat.facts.taps import TapIn, tap
from plantbeat.kernel.access import FLOOR, Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

STEPS: dict[str, Callable[..., Any]] = {
    "andon_acknowledge": actions.acknowledge,
    "andon_arrive": actions.arrive,
    "andon_resolve": actions.resolve,
    "andon_confirm": actions.confirm,
    "andon_reopen": actions.reopen,
}


def declare_andon_taps() -> None:
    """Let terminals call for help, and say how it goes."""
    tap("andon_raise", by=FLOOR | HELPERS)(_raise)
    for code in STEPS:
        tap(code, by=FLOOR | HELPERS)(_step)


def _raise(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, category, call}`: help is wanted; `call` is the id the tablet gave it."""
    call = tap_in.text("call", 40) if tap_in.data.get("call") else ""
    actions.raise_call(site, tap_in.text("line"), tap_in.text("category"), by, at_us=tap_in.at_us, call=call)


def _step(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, call}`: a step of a call that the terminal shows."""
    call = tap_in.text("call", 80)
    found = visible(AndonCall, by).filter(site=site, call=call).order_by("-raised_us").first()
    if found is None:
        raise Refused(Problem(_("there is no such call for help"), "call", call), Kind.missing)
    STEPS[tap_in.kind](found, by, at_us=tap_in.at_us)
