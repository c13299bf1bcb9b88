"""Preparing a walk from signals, and what is done at its stops."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
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
    signals = gemba_signals(site, clock.now_us(), by)[:MOST_STOPS]
    lines = {line.code: line for line in visible(Line, by).filter(site=site)}
    found = [
        StopAhead(lines[one.line], one.points, _why(one), one.question, _check(one))
        for one in signals
        if one.line in lines
    ]
    return sorted(found, key=lambda one: one.line.code)


def _why(signal: GembaSignal) -> list[str]:
    reasons = signal.reasons[:LONGEST_WHY]
    if signal.unseen_days is None:
        return [*reasons, _("nobody from outside was called here in ninety days")]
    if not reasons:
        days = int(signal.unseen_days)
        text = ngettext("last visited %(n)s day ago", "last visited %(n)s days ago", days)
        return [text % {"n": days}]
    return reasons


def _check(signal: GembaSignal) -> str:
    """One check of the standard, by what stands out most there."""
    checks = {
        "surprise": _("Do the settings match the standard sheet at the line?"),
        "repeats": _("Is the standard reaction to this stop known and posted?"),
        "unseen": _("Is the hour board filled in up to the last hour?"),
        "new_people": _("Has the new person been trained at this station, and by whom?"),
    }
    leading = max(signal.parts, key=lambda name: signal.parts[name]) if signal.parts else "unseen"
    return checks.get(leading, checks["unseen"])


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


def last_findings(site: Site, lines: list[int], before: date, by: Actor) -> dict[int, list[GembaStop]]:
    """What was found at lines on earlier walks, the latest first."""
    rows = visible(GembaStop, by).filter(site=site, line__in=lines, walk__day__lt=before)
    found: dict[int, list[GembaStop]] = defaultdict(list)
    for row in rows.exclude(finding="").select_related("walk").order_by("-walk__day", "-pk")[:200]:
        if len(found[row.line_id or 0]) < LAST_FINDINGS:
            found[row.line_id or 0].append(row)
    return found
