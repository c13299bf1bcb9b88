"""The check of the standard at each stop: the site's own, or as it is usually asked."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.gemba_check import GembaCheck, WalkSignal
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.problems import Text

USUAL: Mapping[WalkSignal, Text] = {
    WalkSignal.surprise: _("Do the settings match the standard sheet at the line?"),
    WalkSignal.drift: _("When was it last set and measured, and does the record say so?"),
    WalkSignal.repeats: _("Is the standard reaction to this stop known and posted?"),
    WalkSignal.unseen: _("Is the hour board filled in up to the last hour?"),
    WalkSignal.new_people: _("Has the new person been trained at this station, and by whom?"),
}
"""What is asked where a site has no check of its own."""


class Checks:
    """The checks of a site, read once."""

    def __init__(self, site: Site, by: Actor) -> None:
        self.own = dict(visible(GembaCheck, by).filter(site=site).values_list("signal", "check_of"))

    def of(self, parts: Mapping[str, float]) -> str:
        """The check for what stands out most at a place; where nothing does, it was not seen for long."""
        leading = max(parts, key=lambda name: parts[name]) if parts else ""
        signal = WalkSignal(leading) if parts.get(leading) else WalkSignal.unseen
        return self.own.get(str(signal)) or str(USUAL[signal])


def checks_to_draft(site: Site, by: Actor) -> list[WalkSignal]:
    """Signals for which a site has no check of its own yet."""
    known = set(visible(GembaCheck, by).filter(site=site).values_list("signal", flat=True))
    return [signal for signal in WalkSignal if signal not in known]


def draft_checks(site: Site, by: Actor) -> int:
    """Write the usual checks down as the site's, so that they can be changed; how many were missing."""
    rows = [
        {"site": site, "signal": signal, "check_of": str(USUAL[signal])}
        for signal in checks_to_draft(site, by)
    ]
    return len(act_many(GembaCheck, "create", by, rows)) if rows else 0
