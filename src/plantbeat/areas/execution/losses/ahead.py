"""Reading ahead what pages of weeks keep in memory, so that the first look after a start finds it there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from plantbeat.areas.execution.losses.calls import KINDS
from plantbeat.areas.execution.losses.day_sums import line_days, stop_days
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.areas.execution.losses.rates import WEEKS
from plantbeat.facts.views.catalogue import question
from plantbeat.facts.views.counted import events_at_hand
from plantbeat.facts.views.event_measures import ATTENDANCE
from plantbeat.facts.views.kept_days import Wanted, is_half_full
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.plan_measures import RUNS
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

READER = Actor.system("reading ahead")
_WEEK, _DAY = timedelta(days=7), timedelta(days=1)


def pieces_ahead(site: Site) -> Iterator[Callable[[], object]]:
    """What reads the weeks that trends, losses and results look at, the latest first, in small pieces.

    Ends early when half of the memory is full: the rest is left to what somebody looks at.
    """
    today = rules_of(site.pk).day_at(clock.now_us())
    looking = Looking(site, READER, Period.of_day(today))
    rules, lines = looking.floor.rules, looking.lines()
    if not lines:
        return
    ask = question(MeasureCode.mttr, Scope.site(site.pk), looking.period, READER)
    for number in range(WEEKS + 1):
        if is_half_full():
            return
        last = today - number * _WEEK
        week = Period.of_days(last - _WEEK + _DAY, last)
        of_lines = Wanted(rules, [line.pk for line in lines], week)
        yield partial(line_days, of_lines)
        yield partial(stop_days, of_lines)
        yield partial(stop_days, Wanted(rules, looking.machines(lines), week))
        for kinds in (KINDS, ATTENDANCE, RUNS):
            yield partial(events_at_hand, replace(ask, period=week), kinds)
