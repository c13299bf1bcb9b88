"""Everything that limits the shift at hand, ranked by the chance that its line misses the plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.moment_pages.sections import since
from plantbeat.areas.daily.records.priority import ConstraintKind
from plantbeat.areas.execution.andon.questions import calls_unresolved
from plantbeat.areas.execution.answers import LineNow
from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.areas.execution.questions import lines_now
from plantbeat.areas.execution.review.outlooks import LineOutlook, plan_outlooks
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.improvement import questions as improvement
from plantbeat.areas.people.attendance.answers import CrewAttendance
from plantbeat.areas.planning import questions as planning
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.records.hazard import Potential
from plantbeat.engine.oee import State
from plantbeat.facts import questions as facts
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.templatetags.records import duration

DOWN = frozenset({State.own_stop, State.starved, State.blocked})
LIKELY_PERCENT = 50.0
"""From this chance of missing on, the plan of a line is a constraint by itself."""

SHOWN_HAZARDS = 3


@dataclass(frozen=True, slots=True)
class Constraint:
    """One thing that limits the shift.

    key      stable name (`machine_down:L3`), by which a decision refers to it
    line     code of the line it limits; empty where it concerns no single line
    what     in words; `detail` says since when or how much, `url` opens what is behind it
    outlook  that of its line, for the ranking; None where it has none
    """

    key: str
    kind: ConstraintKind
    line: str
    what: str
    detail: str
    url: str
    status: str
    outlook: LineOutlook | None = None

    @property
    def percent(self) -> float | None:
        """Chance that the line misses the plan of the shift."""
        return self.outlook.percent if self.outlook else None

    @property
    def minutes(self) -> float | None:
        """Time of the plan that is at risk on the line."""
        return self.outlook.minutes_at_risk if self.outlook else None


@dataclass(frozen=True, slots=True)
class Constraints:
    """The list, ranked, and the outlook of every line of the shift."""

    rows: list[Constraint]
    outlooks: list[LineOutlook]

    def named(self, key: str) -> Constraint | None:
        """The constraint of a key, while it is there."""
        return next((row for row in self.rows if row.key == key), None)


def constraints_of(site: Site, shift: SiteShift, crews: Sequence[CrewAttendance], by: Actor) -> Constraints:
    """What limits a shift, ranked: chance of missing the plan, then time at risk, then what one acts on."""
    outlooks = plan_outlooks(site, shift, by)
    of_line = {one.line: one for one in outlooks}
    rows = [
        *_stopped(lines_now(site, by), of_line),
        *_people(crews, of_line),
        *_planned_stops(site, shift, of_line),
        *_calls(site, shift, of_line, by),
        *_hazards(site, shift, of_line, by),
        *_of_the_site(site, by),
    ]
    limited = {row.line for row in rows}
    rows += [_plan_at_risk(one) for one in outlooks if one.line not in limited and _likely(one)]
    return Constraints(sorted(rows, key=_rank), outlooks)


def _rank(row: Constraint) -> tuple[bool, float, float, bool, str]:
    return (
        row.percent is None, -(row.percent or 0.0), -(row.minutes or 0.0), row.status != "act", row.key,
    )  # fmt: skip


def _likely(one: LineOutlook) -> bool:
    return one.percent is not None and one.percent >= LIKELY_PERCENT


_OfLine = Mapping[str, LineOutlook]


def _stopped(lines: Sequence[LineNow], of_line: _OfLine) -> Iterator[Constraint]:
    """Lines that stand without a plan to."""
    for line in lines:
        if line.counts_as in DOWN and line.since_us is not None:
            since = clock.now_us() - line.since_us
            reason = line.reason.name or line.reason.code if line.reason else _("no reason given")
            yield Constraint(
                f"machine_down:{line.code}", ConstraintKind.machine_down, line.code,
                _("%(line)s: %(state)s, %(reason)s")
                % {"line": line.code, "state": STATE_WORDS[line.counts_as], "reason": reason},
                _("for %(time)s") % {"time": duration(since)},
                reverse("stop", kwargs={"code": line.code, "at_us": line.since_us}), "act",
                of_line.get(line.code),
            )  # fmt: skip


def _people(crews: Sequence[CrewAttendance], of_line: _OfLine) -> Iterator[Constraint]:
    """Lines with fewer people than they need, counted or, before that, by the roster."""
    for crew in crews:
        short = crew.short if crew.taken else crew.short_by_roster
        if not short:
            continue
        there = crew.present if crew.taken else crew.rostered
        counted = _("%(n)s present") if crew.taken else _("%(n)s rostered, attendance not taken")
        yield Constraint(
            f"people:{crew.line}", ConstraintKind.people, crew.line,
            ngettext("%(line)s: %(n)s person short", "%(line)s: %(n)s people short", short)
            % {"line": crew.line, "n": short},
            counted % {"n": there} + " / " + _("%(n)s needed") % {"n": crew.needed},
            reverse("attendance"), "act", of_line.get(crew.line),
        )  # fmt: skip


def _planned_stops(site: Site, shift: SiteShift, of_line: _OfLine) -> Iterator[Constraint]:
    """Planned stops that take time of the shift that is still to come."""
    rules, now_us = rules_of(site.pk), clock.now_us()
    for code in shift.lines:
        spans = sorted(set(rules.planned_stops(rules.line_ids[code], shift.day)))
        for start_us, end_us in spans:
            begin_us, until_us = max(start_us, shift.start_us, now_us), min(end_us, shift.end_us)
            if begin_us < until_us:
                at = clock.from_us(start_us).astimezone(rules.zone)
                yield Constraint(
                    f"planned_stop:{code}:{start_us}", ConstraintKind.planned_stop, code,
                    _("%(line)s: planned stop from %(at)s") % {"line": code, "at": f"{at:%H:%M}"},
                    _("takes %(time)s of the shift") % {"time": duration(until_us - begin_us)},
                    reverse("records", kwargs={"area": "plant", "slug": "planned-stops"}), "watch",
                    of_line.get(code),
                )  # fmt: skip


def _calls(site: Site, shift: SiteShift, of_line: _OfLine, by: Actor) -> Iterator[Constraint]:
    """Calls for help that nobody has resolved, on lines of the shift or on none."""
    for call in calls_unresolved(site, by):
        if call.line and call.line not in shift.lines:
            continue
        yield Constraint(
            f"andon:{call.number}", ConstraintKind.andon, call.line,
            _("%(place)s calls for %(category)s")
            % {"place": call.asset or call.line, "category": call.category_name},
            f"{call.number} · {call.state_word}, {since(call.raised_us)}",
            reverse("line", kwargs={"code": call.line}) if call.line else "",
            "act" if call.overdue or call.unanswered else "watch", of_line.get(call.line),
        )  # fmt: skip


def _hazards(site: Site, shift: SiteShift, of_line: _OfLine, by: Actor) -> Iterator[Constraint]:
    """Open hazards that could do more than need first aid, on lines of the shift or on none."""
    rows = safety.open_hazards(site, by).exclude(potential=str(Potential.low))
    rows = rows.filter(Q(line=None) | Q(line__code__in=shift.lines))
    for row in rows[:SHOWN_HAZARDS]:
        line = row.line.code if row.line else ""
        yield Constraint(
            f"hazard:{row.pk}", ConstraintKind.hazard, line,
            f"{line + ': ' if line else ''}{row.what}",
            f"{row.number} · {row.get_potential_display()}", address_of(row),
            "act" if row.potential == Potential.fatal else "watch", of_line.get(line),
        )  # fmt: skip


def _of_the_site(site: Site, by: Actor) -> Iterator[Constraint]:
    """What concerns no single line: late orders, overdue actions, facts nobody has looked at."""
    today = rules_of(site.pk).day_at(clock.now_us())
    orders = planning.past_due_orders(site, by).count()
    actions = improvement.overdue_actions(site, today, by).count()
    held_back = facts.quarantined(by).filter(site=site).count()
    counted = (
        (
            ConstraintKind.orders, orders, "act",
            ngettext("%(n)s order past due", "%(n)s orders past due", orders),
            reverse("records", kwargs={"area": "planning", "slug": "work-orders"})
            + f"?due_to={today.isoformat()}&sort=due",
        ),
        (
            ConstraintKind.actions, actions, "watch",
            ngettext("%(n)s action overdue", "%(n)s actions overdue", actions),
            reverse("records", kwargs={"area": "improvement", "slug": "improvement-actions"}),
        ),
        (
            ConstraintKind.quarantine, held_back, "watch",
            ngettext("%(n)s fact in quarantine", "%(n)s facts in quarantine", held_back),
            reverse("quarantine"),
        ),
    )  # fmt: skip
    for kind, n, status, words, url in counted:
        if n:
            yield Constraint(str(kind), kind, "", words % {"n": n}, _("concerns no single line"), url, status)


def _plan_at_risk(one: LineOutlook) -> Constraint:
    return Constraint(
        f"plan_at_risk:{one.line}", ConstraintKind.plan_at_risk, one.line,
        _("%(line)s: plan of the shift at risk") % {"line": one.line},
        _("%(made)s of %(plan)s pieces made")
        % {
            "made": number_format(one.made, force_grouping=True),
            "plan": number_format(one.plan or 0, force_grouping=True),
        },
        reverse("line", kwargs={"code": one.line}), "watch", one,
    )  # fmt: skip
