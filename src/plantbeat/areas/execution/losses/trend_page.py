"""The page of what has changed: changeovers, scrap causes, stops, people absent, answers to calls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.periods import PeriodChoice
from plantbeat.areas.execution.losses import wording
from plantbeat.areas.execution.losses.answers import ChangeoverTrend, RateTrend
from plantbeat.areas.execution.losses.calls import ANSWER_WITHIN_US, Call, answer_limits, calls_in
from plantbeat.areas.execution.losses.changeovers import changeover_trends
from plantbeat.areas.execution.losses.choosing import TREND_PERIODS, Chosen, read_choice
from plantbeat.areas.execution.losses.looking import Looking, opened
from plantbeat.areas.execution.losses.rates import absence_trends, scrap_trends, stop_trends
from plantbeat.areas.execution.losses.trend_charts import (
    level_spec,
    level_table,
    rate_spec,
    rate_table,
)
from plantbeat.engine.signals.level_change import LevelChange, level, level_change
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Problem, Refused, Text
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

MINUTE_US = 60_000_000
FIGURES = 6
CHANGEOVERS, SCRAP, STOPS, ATTENDANCE, ANDON = "changeovers", "scrap", "stops", "attendance", "andon"
SUBJECT_WORDS: dict[str, Text] = {
    CHANGEOVERS: gettext_lazy("Changeovers"),
    SCRAP: gettext_lazy("Scrap causes"),
    STOPS: gettext_lazy("Stops per reason"),
    ATTENDANCE: gettext_lazy("People missing"),
    ANDON: gettext_lazy("Answers to calls"),
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A series as a chart and as the table behind it."""

    spec: dict[str, Any]
    table: dict[str, Any]


@dataclass(slots=True)
class Finding:
    """One series of a subject in plain words; `draw` makes its chart and table, None where it has none."""

    text: str
    line: str
    changed: bool
    better: bool
    url: str
    chance: float = 1.0
    draw: Callable[[], Drawing] | None = None
    broken: str = ""

    @property
    def status(self) -> str:
        """Status of the change; none where none is shown, and to act on where a limit was broken."""
        if self.broken:
            return "act"
        return "none" if not self.changed else "good" if self.better else "watch"

    @property
    def word(self) -> str:
        """Status in words."""
        if self.broken:
            return self.broken
        if not self.changed:
            return _("No change shown")
        return _("Better") if self.better else _("Worse")


@require_GET
@signed_in
@rules_read_once()
def trends(request: HttpRequest) -> HttpResponse:
    """What has changed in the last weeks, a sentence each; a subject opens its charts and tables."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        return render(request, "execution/trends.html", {"page_title": _("Trends")})
    chosen = read_choice(request, site, by, PeriodChoice.days_90, TREND_PERIODS)
    subject = request.GET.get("of", "")
    if subject and subject not in SUBJECT_WORDS:
        raise Refused(Problem(_("there is no such trend"), "of", subject, ", ".join(SUBJECT_WORDS)))
    looking = Looking(site, by, chosen.period, chosen.lines)
    context = {
        **chosen.frame(),
        "page_title": _("Trends"),
        "site": site,
        "crumbs": [{"label": _("Losses"), "url": chosen.address("losses")}],
        "subject": subject,
        "subjects": [
            {"label": _("What changed"), "url": chosen.address("trends"), "chosen": not subject},
            *(
                {"label": word, "url": chosen.address("trends", of=code), "chosen": code == subject}
                for code, word in SUBJECT_WORDS.items()
            ),
        ],
        "now_us": clock.now_us(),
    }
    if subject:
        context["findings"] = _drawn(SUBJECTS[subject](looking))
        context["subject_name"] = SUBJECT_WORDS[subject]
    else:
        context["groups"] = [_group(code, looking, chosen) for code in SUBJECT_WORDS]
    return render(request, "execution/trends.html", context)


def _drawn(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings for the page; the first few, those that changed among them, with their charts."""
    ordered = sorted(found, key=lambda one: (not one.changed, one.chance))
    most = max(FIGURES, sum(one.changed for one in ordered))
    return [
        {"finding": one, "id": f"trend-{place}", "drawing": one.draw() if one.draw and place < most else None}
        for place, one in enumerate(ordered)
    ]


def _group(code: str, looking: Looking, chosen: Chosen) -> dict[str, Any]:
    found = SUBJECTS[code](looking)
    changed = sorted((one for one in found if one.changed), key=lambda one: one.chance)
    return {
        "name": SUBJECT_WORDS[code],
        "url": chosen.address("trends", of=code),
        "changed": changed,
        "looked_at": len(found),
        "unchanged": len(found) - len(changed),
    }


# --- subjects ---


def _changeovers(looking: Looking) -> list[Finding]:
    return [_changeover(looking, one) for one in changeover_trends(looking)]


def _changeover(looking: Looking, trend: ChangeoverTrend) -> Finding:
    change, times = trend.change, [one.start_us for one in trend.setups]
    minutes = [one.us / MINUTE_US for one in trend.setups]
    text = wording.changeovers(trend, _day(looking, trend.changed_us))
    if not minutes:
        return Finding(text, trend.line, changed=False, better=False, url=trend.url)
    better = change is not None and change.after.middle < change.before.middle

    def draw() -> Drawing:
        begun = [_day(looking, at, "%Y-%m-%d %H:%M") for at in times]
        pairs = [f"{one.before} → {one.item}" for one in trend.setups]
        return Drawing(
            level_spec(_("changeover"), times, minutes, change),
            level_table(begun, pairs, minutes, _("From, to")),
        )

    return Finding(
        text, trend.line, change is not None, better, trend.url, change.chance if change else 1.0, draw
    )


def _scrap(looking: Looking) -> list[Finding]:
    return [_rate(one, _("scrap")) for one in scrap_trends(looking)]


def _stops(looking: Looking) -> list[Finding]:
    return [_rate(one, _("the number of stops")) for one in stop_trends(looking)]


def _attendance(looking: Looking) -> list[Finding]:
    return [_rate(one, _("the share of people missing")) for one in absence_trends(looking)]


def _rate(trend: RateTrend, what: str) -> Finding:
    change = trend.change
    return Finding(
        wording.rate_change(trend, what), trend.line, change is not None,
        change is not None and change.ratio < 1.0, trend.url, change.chance if change else 1.0,
        lambda: Drawing(rate_spec(trend), rate_table(trend)),
    )  # fmt: skip


def _andon(looking: Looking) -> list[Finding]:
    """Minutes until somebody acknowledged; a call nobody answered waited until it was closed."""
    of_line: dict[int, list[Call]] = defaultdict(list)
    for call in calls_in(looking):
        if call.line is not None:
            of_line[call.line].append(call)
    return [_answers(looking, line.pk, of_line[line.pk]) for line in looking.lines() if of_line[line.pk]]


def _answers(looking: Looking, line: int, calls: Sequence[Call]) -> Finding:
    code, waits = looking.code_of(line), [call.waited_us / MINUTE_US for call in calls]
    change = level_change(waits)
    url = opened(MeasureCode.mttr, looking.scope(line), looking.period, {}, facts=False)
    never = [call for call in calls if call.acked_us is None]
    text = _answer_text(code, waits, change, _day(looking, calls[change.place].raised_us) if change else "")
    if never:
        text += _("; nobody answered %(n)s of %(all)s, the last on %(day)s") % {
            "n": len(never), "all": len(calls), "day": _day(looking, never[-1].raised_us, "%Y-%m-%d %H:%M")
        }  # fmt: skip
    better = change is not None and change.after.middle < change.before.middle
    broken = _("Not answered") if never else ""

    def draw() -> Drawing:
        times = [call.raised_us for call in calls]
        begun = [_day(looking, at, "%Y-%m-%d %H:%M") for at in times]
        whose = [f"{looking.code_of(call.asset)}, {call.category}" for call in calls]
        return Drawing(
            level_spec(_("wait"), times, waits, change, _limit(looking)),
            level_table(begun, whose, waits, _("Call")),
        )

    return Finding(
        text, code, change is not None or bool(never), better, url, change.chance if change else 1.0, draw,
        broken=broken,
    )  # fmt: skip


def _limit(looking: Looking) -> tuple[str, float]:
    """The limit of most kinds of calls, named."""
    limits = sorted(answer_limits(looking.site).values())
    return _("limit"), (limits[len(limits) // 2] if limits else ANSWER_WITHIN_US) / MINUTE_US


def _answer_text(line: str, waits: Sequence[float], change: LevelChange | None, since: str) -> str:
    if change is None:
        text = _("%(line)s: no change shown; a call is answered after %(level)s, n %(n)s")
        return text % {"line": line, "level": wording.of_level(level(waits), _("min")), "n": len(waits)}
    text = _("%(line)s: a call is answered after %(after)s since %(since)s, before after %(before)s")
    return text % {
        "line": line, "since": since, "after": wording.of_level(change.after, _("min")),
        "before": wording.of_level(change.before, _("min")),
    }  # fmt: skip


SUBJECTS: dict[str, Callable[[Looking], list[Finding]]] = {
    CHANGEOVERS: _changeovers,
    SCRAP: _scrap,
    STOPS: _stops,
    ATTENDANCE: _attendance,
    ANDON: _andon,
}


def _day(looking: Looking, at_us: int | None, pattern: str = "%Y-%m-%d") -> str:
    if at_us is None:
        return ""
    return timezone.localtime(clock.from_us(at_us), looking.floor.rules.zone).strftime(pattern)
