"""Gemba walks of the demo plant's manager in the last weeks, with what was found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
from plantbeat.areas.daily.working_days import working_days
from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US

BY = Actor.system("demo plant")
WALKED, LEAST_STOPS = 0.6, 5
QUESTIONS = (
    ("What stops this line most often this week?", "Is the standard reaction to this stop known and posted?"),
    ("What is different from usual here, and since when?", "Do the settings match the standard sheet?"),
    ("What should be seen here that the figures do not show?", "Is the hour board filled in?"),
)
FINDINGS: dict[str, tuple[str, ...]] = {
    "as_it_should": ("",),
    "fixed": ("Sheet of the last revision was missing, put up", "Floor marking cleaned, pallet moved"),
    "assigned": ("Torque check not written down since Monday", "Spare belt not in its place"),
    "problem": ("Caps jam at every start of order", "Sensor is cleaned by hand every hour"),
}


def tell_walks(site: Site, built_us: int, seed: str, days: int) -> None:
    """Tell the walks of the days before the plant was built; once only."""
    if visible(GembaWalk, BY).filter(site=site).exists():
        return
    chance, zone = Chance.of(seed, "gemba"), ZoneInfo(site.zone)
    today = clock.from_us(built_us).astimezone(zone).date()
    walker = visible(Person, BY).filter(site=site, job="Production manager").order_by("number").first()
    lines = list(visible(Line, BY).filter(site=site).order_by("code"))
    walked = [
        day
        for day in working_days(site.pk, today - timedelta(days=min(days, 90)), today - timedelta(days=1))
        if day.weekday() < 5 and chance.happens(WALKED)
    ]
    starts = [clock.to_us(datetime.combine(day, time(10), zone)) for day in walked]
    walks = act_many(
        GembaWalk, "create", BY,
        [
            {
                "site": site, "day": day, "walker": walker, "state": "done", "prepared_us": at_us,
                "started_us": at_us, "ended_us": at_us + chance.between(22, 50) * MINUTE_US,
            }
            for day, at_us in zip(walked, starts, strict=True)
        ],
    )  # fmt: skip
    stops = act_many(GembaStop, "create", BY, [row for walk in walks for row in _stops(walk, lines, chance)])
    _tell_actions(site, stops, built_us, chance)


def _stops(walk: GembaWalk, lines: list[Line], chance: Chance) -> Iterator[dict[str, Any]]:
    left_out = chance.between(0, len(lines) - 1) if len(lines) > LEAST_STOPS else -1
    route = [line for place, line in enumerate(lines) if place != left_out]
    for place, line in enumerate(route, 1):
        question, check = QUESTIONS[chance.between(0, len(QUESTIONS) - 1)]
        weights = (("as_it_should", 0.55), ("fixed", 0.2), ("assigned", 0.17), ("problem", 0.08))
        state = chance.one_of(weights)
        finding = FINDINGS[state][chance.between(0, len(FINDINGS[state]) - 1)]
        seen_us = (walk.started_us or 0) + place * 5 * MINUTE_US
        yield {
            "site": walk.site, "walk": walk, "place": place, "line": line, "question": question,
            "check_of": check, "state": state, "finding": finding, "seen_us": seen_us,
        }  # fmt: skip


def _tell_actions(site: Site, stops: list[GembaStop], built_us: int, chance: Chance) -> None:
    leads = {one.home_line_id: one for one in visible(Person, BY).filter(site=site, job="Line lead")}
    actions = []
    for stop in stops:
        owner = leads.get(stop.line_id)
        if stop.state not in ("assigned", "problem") or owner is None:
            continue
        raised_us = stop.seen_us or 0
        due_us = raised_us + chance.between(2, 10) * DAY_US
        row = {
            "site": site, "title": stop.finding, "owner": owner, "line": stop.line,
            "due": clock.from_us(due_us).date(), "raised_us": raised_us,
            "source": f"{GembaStop.type_code()}:{stop.pk}",
        }  # fmt: skip
        closed_us = due_us + chance.between(-2, 3) * DAY_US
        if raised_us < closed_us < built_us:
            row |= {"state": "closed", "settled_us": closed_us, "evidence": "Seen on the next walk"}
        actions.append(row)
    act_many(ImprovementAction, "create", BY, actions)
