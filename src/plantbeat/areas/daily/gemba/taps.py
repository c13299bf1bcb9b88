"""What is tapped on a walk, with or without a network: it counts at the time of the tap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.gemba.walking import VERDICTS, see_stop
from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.facts.taps import TapIn, tap
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused

MOST_ID = 2**63 - 1
LONGEST_FINDING = 1000
VERBS = (*VERDICTS, "leave_out")


def declare_gemba_taps() -> None:
    """Let what is found on a walk wait in the queue of a phone or tablet."""
    tap("gemba_seen", by=MEETS)(_seen)
    tap("gemba_end", by=MEETS)(_end)


def _seen(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{stop, verb, finding, owner, due}`: what was found at a stop of a walk."""
    verb = tap_in.text("verb", 30)
    if verb not in VERBS:
        raise Refused(Problem(_("is nothing a stop can be given"), "verb", verb, ", ".join(VERBS)))
    stop = visible(GembaStop, by).filter(site=site, pk=tap_in.whole("stop", 1, MOST_ID)).first()
    if stop is None:
        raise Refused(Problem(_("there is no such stop"), "stop", tap_in.data["stop"]), Kind.missing)
    see_stop(stop, verb, _written(tap_in.data), by, at_us=tap_in.at_us)


def _end(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{walk}`: the walk is over."""
    walk = visible(GembaWalk, by).filter(site=site, pk=tap_in.whole("walk", 1, MOST_ID)).first()
    if walk is None:
        raise Refused(Problem(_("there is no such walk"), "walk", tap_in.data["walk"]), Kind.missing)
    act(walk, "end", by, {"at_us": tap_in.at_us})


def _written(data: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a stop's form. Raises `Refused` for a finding that is too long."""
    given = {name: str(data.get(name) or "").strip() for name in ("finding", "owner", "due")}
    if len(given["finding"]) > LONGEST_FINDING:
        allowed = _("at most %(most)s characters") % {"most": LONGEST_FINDING}
        raise Refused(Problem(_("is too long"), "finding", None, allowed))
    return given
