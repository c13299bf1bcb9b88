"""Where to go and see first: surprise, repeats, time since somebody was there, new people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.execution.losses.answers import GembaSignal, Kind, Repeat, Unusual
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.areas.execution.losses.repeats import repeats
from plantbeat.areas.execution.losses.unusual import unusual
from plantbeat.areas.people.records.person import Person
from plantbeat.engine.signals.walk_order import PlaceScore, PlaceSigns, walk_order
from plantbeat.facts.views.loss_readings import last_said
from plantbeat.facts.views.periods import Period
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

NEW_FOR = timedelta(days=30)
"""Somebody is new for so long after joining."""
LIMIT_BITS = 8.0
"""What a broken limit counts where there is no chance to measure it by."""
SEEN = ("andon_arrive",)
"""Facts that show that somebody from outside the crew was at a place."""
_DAY_US = 86_400_000_000


def gemba_signals(
    site: Site, at_us: int, by: Actor, *, walked: Mapping[str, int] | None = None
) -> list[GembaSignal]:
    """The lines by how much there is to see, the first to walk to first.

    Surprise, drift and broken limits of the production day before the instant and its own, machines that
    repeat a stop within seven days, days since help last arrived or somebody walked there (`walked`: instant
    by code of the line), people who joined within thirty days (their number only). Weights:
    `engine.signals.walk_order`.
    """
    looking = Looking(site, by, Period.of_day(clock.from_us(at_us).date()))
    today = looking.floor.rules.day_at(at_us)
    found: dict[str, list[Unusual]] = defaultdict(list)
    for one in unusual(site, Period.of_days(today - timedelta(days=1), today), by):
        found[one.line].append(one)
    again: dict[str, list[Repeat]] = defaultdict(list)
    for repeat in repeats(site, Period.of_days(today - timedelta(days=6), today), by):
        if repeat.stands_out:
            again[repeat.line].append(repeat)
    seen, new = _last_seen(looking, at_us, walked or {}), _new_people(site, at_us, by)
    places = [
        PlaceSigns(
            line.code, sum(map(_bits, found[line.code])),
            len(again[line.code]), seen.get(line.pk), new.get(line.code, 0),
        )
        for line in looking.lines()
    ]  # fmt: skip
    names = {line.code: line.name for line in looking.lines()}
    days = {line.code: seen.get(line.pk) for line in looking.lines()}
    return [
        _signal(score, names[score.code], found[score.code], again[score.code], days[score.code], new)
        for score in walk_order(places)
    ]


def _last_seen(looking: Looking, at_us: int, walked: Mapping[str, int]) -> dict[int, float]:
    """Days since help last arrived or somebody walked there, by line; without either in ninety days none."""
    rules = looking.floor.rules
    found = {
        line.pk: (at_us - walked[line.code]) / _DAY_US
        for line in looking.lines()
        if walked.get(line.code, at_us + 1) <= at_us
    }
    for asset, t_us in last_said(list(rules.assets), SEEN, at_us - 90 * _DAY_US, at_us).items():
        line = rules.line_of(asset)
        if line is not None:
            days = (at_us - t_us) / _DAY_US
            found[line] = min(days, found.get(line, days))
    return found


def _new_people(site: Site, at_us: int, by: Actor) -> dict[str, int]:
    """People who have lately joined, by home line; a number, never names."""
    since = (clock.from_us(at_us) - NEW_FOR).date()
    rows = visible(Person, by).filter(site=site, joined__gte=since, home_line__isnull=False, left=None)
    found: dict[str, int] = defaultdict(int)
    for code in rows.values_list("home_line__code", flat=True):
        found[code] += 1
    return found


def _signal(
    score: PlaceScore, name: str, found: list[Unusual], again: list[Repeat], unseen: float | None,
    new: dict[str, int],
) -> GembaSignal:  # fmt: skip
    reasons = [one.text for one in found]
    for one in again:
        text = ngettext(
            "%(machine)s: %(reason)s %(n)s time in seven days",
            "%(machine)s: %(reason)s %(n)s times in seven days", one.times,
        )  # fmt: skip
        reasons.append(
            text % {"machine": one.machine_name, "reason": one.reason.name or one.reason.code, "n": one.times}
        )
    if new.get(score.code):
        text = ngettext("%(n)s person is new here", "%(n)s people are new here", new[score.code])
        reasons.append(text % {"n": new[score.code]})
    drift = score.surprise * _share_of_drift(found)
    parts = {
        "surprise": score.surprise - drift, "drift": drift, "repeats": score.repeats,
        "unseen": score.unseen, "new_people": score.new_people,
    }  # fmt: skip

    def facts() -> tuple[int, ...]:
        behind = [one.lsns for one in found] + [one.lsns for one in again]
        return tuple(dict.fromkeys(lsn for lsns in behind for lsn in lsns))

    return GembaSignal(
        score.code, name, score.points, parts, reasons, unseen, _question_for(found, again), facts
    )


def _share_of_drift(found: list[Unusual]) -> float:
    """How much of the surprise at a place is a rate that has risen over the weeks; 0 where there is none."""
    whole = sum(map(_bits, found))
    return sum(_bits(one) for one in found if one.kind is Kind.drift) / whole if whole else 0.0


def _bits(one: Unusual) -> float:
    return LIMIT_BITS if one.is_limit else one.bits


def _question_for(found: list[Unusual], again: list[Repeat]) -> str:
    """The one question to ask there."""
    if again:
        return _("What happens at %(machine)s just before it stops for “%(reason)s”?") % {
            "machine": again[0].machine_name, "reason": again[0].reason.name or again[0].reason.code
        }  # fmt: skip
    if found:
        return _("What is different from usual here, and since when?")
    return _("What should be seen here that the figures do not show?")
