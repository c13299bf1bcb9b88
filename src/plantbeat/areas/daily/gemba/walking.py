"""Preparing a walk from signals, and what is done at its stops."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.gemba.checks import Checks
from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.areas.daily.tiers.forms import action_given
from plantbeat.areas.execution.losses.answers import GembaSignal
from plantbeat.areas.execution.losses.questions import gemba_signals
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.writing import writing

MOST_STOPS = 7
LAST_FINDINGS = 2
LONGEST_WHY = 3
SEEN_WITHIN_US = 90 * 86_400_000_000
"""What was seen longer ago counts as not seen."""
LONGEST_TITLE = 160
VERDICTS = ("as_it_should_be", "fix", "assign", "solve")


@dataclass(frozen=True, slots=True)
class StopAhead:
    """A stop of a route that is proposed: where, why, what is asked and what is checked."""

    line: Line
    points: float
    why: list[str]
    question: str
    check_of: str


def route_ahead(site: Site, by: Actor) -> list[StopAhead]:
    """At most seven places: those with the most to see are chosen, then walked in the order of the lines."""
    signals = places_to_see(site, by)[:MOST_STOPS]
    lines = {line.code: line for line in visible(Line, by).filter(site=site)}
    checks = Checks(site, by)
    found = [
        StopAhead(lines[one.line], one.points, why_there(one), one.question, checks.of(one.parts))
        for one in signals
        if one.line in lines
    ]
    return sorted(found, key=lambda one: one.line.code)


def places_to_see(site: Site, by: Actor) -> list[GembaSignal]:
    """The lines by how much there is to see now; whoever walked there has seen it as help that came has."""
    now_us = clock.now_us()
    return gemba_signals(site, now_us, by, walked=_last_walked(site, now_us - SEEN_WITHIN_US))


def _last_walked(site: Site, since_us: int) -> dict[str, int]:
    """When somebody last looked at each line on a walk, by its code; whoever it was."""
    rows = visible(GembaStop, Actor.system("gemba")).filter(site=site, seen_us__gte=since_us)
    rows = rows.exclude(line=None).exclude(state=GembaStop.State.left_out)
    return dict(rows.values_list("line__code").annotate(last_us=Max("seen_us")).order_by("line__code"))


def why_there(signal: GembaSignal) -> list[str]:
    """What makes a place worth seeing, and how long ago somebody from outside its crew was there."""
    if signal.unseen_days is None:
        seen = _("nobody from outside was here in ninety days")
    elif signal.unseen_days < 1:
        seen = _("somebody was here in the last 24 hours")
    else:
        days = int(signal.unseen_days)
        seen = ngettext("last seen %(n)s day ago", "last seen %(n)s days ago", days) % {"n": days}
    return [*signal.reasons[:LONGEST_WHY], seen]


def walk_today(site: Site, walker: Person | None, by: Actor) -> GembaWalk | None:
    """My walk of today that is not over; None without one."""
    if walker is None:
        return None
    today = rules_of(site.pk).day_at(clock.now_us())
    rows = visible(GembaWalk, by).filter(
        site=site, walker=walker, day=today, state__in=("prepared", "walking")
    )
    return rows.order_by("-pk").first()


def start_walk(site: Site, walker: Person | None, by: Actor) -> GembaWalk:
    """Save the route that is proposed now and start it; a walk of today that goes on is the same walk.

    Raises `Refused` for a sign-in without a person, and where there is nothing to walk to.
    """
    if walker is None:
        raise Refused(Problem(_("your sign-in belongs to no person, so nobody would have walked"), "walker"))
    found = walk_today(site, walker, by)
    if found is not None:
        return act(found, "start", by) if found.state == GembaWalk.State.prepared else found
    ahead = route_ahead(site, by)
    if not ahead:
        raise Refused(Problem(_("there is no line to walk to"), "walker"))
    today = rules_of(site.pk).day_at(clock.now_us())
    with writing():
        walk = act(GembaWalk, "create", by, {"site": site, "day": today, "walker": walker})
        act_many(
            GembaStop, "create", by, [_row(site, walk, place, one) for place, one in enumerate(ahead, 1)]
        )
        return act(walk, "start", by)


def _row(site: Site, walk: GembaWalk, place: int, one: StopAhead) -> dict[str, object]:
    return {
        "site": site, "walk": walk, "place": place, "line": one.line, "why": "\n".join(one.why),
        "points": Decimal(str(round(one.points, 2))), "question": one.question[:250],
        "check_of": one.check_of,
    }  # fmt: skip


def see_stop(
    stop: GembaStop, verb: str, given: Mapping[str, str], by: Actor, *, at_us: int | None = None
) -> None:
    """What was found at a stop; what is assigned or to be solved becomes an action in the same breath.

    `given` are finding, owner and due day as the form says them; `at_us` is when it was tapped, where it
    arrives later. Raises `Refused` with what is missing, or if the stop has been seen in between.
    """
    finding = given.get("finding", "").strip()
    with writing():
        if verb in ("assign", "solve"):
            wanted = {
                "title": finding[:LONGEST_TITLE],
                **{name: given.get(name, "") for name in ("owner", "due")},
            }
            action_given(stop.site, wanted, by, source=f"{stop.type_code()}:{stop.pk}", line=stop.line)
        data = {"finding": finding, "at_us": at_us} if verb != "leave_out" else None
        act(stop, verb, by, data, reason=finding)


def last_findings(site: Site, lines: list[int], before: date, by: Actor) -> dict[int, list[GembaStop]]:
    """What was found at lines on earlier walks, the latest first."""
    rows = visible(GembaStop, by).filter(site=site, line__in=lines, walk__day__lt=before)
    found: dict[int, list[GembaStop]] = defaultdict(list)
    for row in rows.exclude(finding="").select_related("walk").order_by("-walk__day", "-pk")[:200]:
        if len(found[row.line_id or 0]) < LAST_FINDINGS:
            found[row.line_id or 0].append(row)
    return found
