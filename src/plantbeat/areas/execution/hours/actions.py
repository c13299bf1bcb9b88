"""What is done at the hour board: the stops of an hour get their reason with one tap."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.areas.execution.actions import explain_stop
from plantbeat.areas.execution.answers import Stop
from plantbeat.areas.execution.hours.answers import WANTS_REASON
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.questions import stops
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused


def explain_hour(
    site: Site, line: str, shift_id: int, start_us: int, end_us: int, reason: str, by: Actor
) -> list[Stop]:
    """Give every stop of an hour that has none its reason, and return those stops.

    A stop that reaches into other hours gets it as a whole, for it is one stop. Raises `Refused` where no
    stop of the hour is without a reason, and as `explain_stop` does.
    """
    floor = Floor(site, by)
    shift = readings.shift_with_id(site.pk, shift_id)
    if shift is None:
        raise Refused(Problem(_("there is no such shift here"), "shift", shift_id), Kind.missing)
    place = floor.line(line)
    found = [
        stop
        for stop in stops(site, place.code, Period.of_shift(shift), by)
        if stop.reason is None and stop.state in WANTS_REASON
        and stop.start_us < end_us and stop.end_us > start_us
    ]  # fmt: skip
    if not found:
        raise Refused(Problem(_("no stop of this hour is without a reason"), "hour", start_us), Kind.state)
    for stop in found:
        explain_stop(site, place.code, stop, reason, by)
    return found
