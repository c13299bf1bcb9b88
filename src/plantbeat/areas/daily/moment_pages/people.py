"""14:00: people: who is here, where lines are short, what is not recorded about skills."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.moment_pages.sections import NotSetUp, Row, Section
from plantbeat.areas.execution.losses.questions import understaffed
from plantbeat.areas.execution.review.measures import measures_of_period
from plantbeat.areas.people.attendance.pages import crew_row, may_take
from plantbeat.areas.people.attendance.questions import attendance_now
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address, address_of

SHOWN = 8


def people_context(site: Site, by: Actor) -> dict[str, Any]:
    """Crews of this shift, attendance of a week against its target, shifts that were short, crews."""
    today = rules_of(site.pk).day_at(clock.now_us())
    week = Period.of_days(today - timedelta(days=7), today - timedelta(days=1))
    return {
        "question": _("Who needs me today?"),
        "crews": [crew_row(row) for row in attendance_now(site, by)],
        "may_take": may_take(site, by),
        "sections": [_rate(site, week, by), _short(site, week, by), _crews(site, by)],
        "not_set_up": _not_set_up(site, by),
    }


def _rate(site: Site, week: Period, by: Actor) -> Section:
    one = measures_of_period(site, week, [MeasureCode.attendance], by)[MeasureCode.attendance]
    detail = f"{one.value} {one.unit}" if one.value else one.word
    if one.target:
        detail += " · " + _("target %(value)s %(unit)s") % {"value": one.target, "unit": one.unit}
    if one.figure.remarks:
        detail += " · " + ", ".join(map(str, one.figure.remarks))
    return Section(
        _("Attendance of the last seven days"), [Row(one.name, detail, one.url, one.status, one.word)]
    )


def _short(site: Site, week: Period, by: Actor) -> Section:
    rows = [
        Row(
            f"{one.line} {one.shift}",
            _("%(short)s of %(taken)s shifts below the need of %(need)s")
            % {"short": len(one.short), "taken": one.taken, "need": one.need},
            reverse("line", kwargs={"code": one.line}), "watch", _("Short"),
        )
        for one in understaffed(site, week, by)[:SHOWN]
    ]  # fmt: skip
    return Section(
        _("Shifts with fewer people than needed"), rows, _("No shift of the last seven days was short."),
        _("crews of fewer than five are left out"),
    )  # fmt: skip


def _crews(site: Site, by: Actor) -> Section:
    rows = []
    here = Q(person__left=None) | Q(person__left__gte=clock.now().date())
    crews = visible(Crew, by).filter(site=site).select_related("pattern")
    for crew in crews.annotate(people=Count("person", filter=here)).order_by("code"):
        n = crew.people
        rows.append(
            Row(
                crew.name or crew.code,
                f"{crew.pattern.code} · " + ngettext("%(n)s person", "%(n)s people", n) % {"n": n},
                address_of(crew),
            )
        )
    return Section(_("Crews"), rows, _("No crew is set up yet."), more_url=address(Crew), more=_("All crews"))


def _not_set_up(site: Site, by: Actor) -> list[NotSetUp]:
    found = [
        NotSetUp(
            _("Skills, sign-offs and certificates: nothing records them here, so none are waiting.")
        )
    ]  # fmt: skip
    if not visible(StaffingNeed, by).filter(site=site).exists():
        text = _("How many people a line needs is not set up yet: shortage cannot be told.")
        found.append(NotSetUp(text, address(StaffingNeed), _("Set up staffing needs")))
    return found
