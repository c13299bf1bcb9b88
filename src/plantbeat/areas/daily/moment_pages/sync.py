"""12:30: what production, planning, quality and maintenance owe each other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.questions import open_rooms
from plantbeat.areas.daily.moment_pages.open_items import items_by_function
from plantbeat.areas.daily.moment_pages.sections import NotSetUp, Row, Section, Way, since
from plantbeat.areas.daily.persons import people_here, person_of
from plantbeat.areas.daily.tiers.forms import action_given
from plantbeat.areas.execution.review.measures import measures_of_period
from plantbeat.areas.planning import questions as planning
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import writes
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.templatetags.records import minutes

SHOWN = 8
MOST_OWNERS = 400
DUE_DAYS = 7
WATCHED = (
    MeasureCode.oee, MeasureCode.first_pass_yield, MeasureCode.scrap_percent,
    MeasureCode.unplanned_downtime_percent, MeasureCode.mttr, MeasureCode.schedule_adherence_quantity,
    MeasureCode.otd, MeasureCode.attendance,
)  # fmt: skip
"""Measures whose red concerns more than one function."""


def sync_context(site: Site, by: Actor) -> dict[str, Any]:
    """Open items by the function of their owner, open rooms, targets missed, orders that will be late."""
    return {
        "question": _("What do we decide together, and by when?"),
        "ways": [Way(_("Incident rooms"), reverse("incidents"), "urgent")],
        "functions": items_by_function(site, by),
        "may_add": writes(by, site.pk),
        "owners": people_here(site, by).only("number", "name")[:MOST_OWNERS],
        "me": person_of(site, by),
        "usual_due": rules_of(site.pk).day_at(clock.now_us()) + timedelta(days=DUE_DAYS),
        "sections": [_rooms(site, by), _red(site, by), _late(site, by)],
        "not_set_up": [
            NotSetUp(
                _("New products, drawing changes and trials: nothing records them here, so none are shown.")
            )
        ],
    }


def add_item(site: Site, given: QueryDict, by: Actor) -> None:
    """Put an item on the list of actions: what, who, until when. Raises `Refused` for what is missing."""
    action_given(site, given, by, source="")


def _rooms(site: Site, by: Actor) -> Section:
    rows = [
        Row(
            f"{one.number} {one.title}",
            " · ".join(part for part in (one.line, one.lead, since(one.opened_us)) if part),
            one.url, "act", _("Open"),
        )
        for one in open_rooms(site, by)
    ]  # fmt: skip
    return Section(
        _("Incident rooms open"), rows, _("No incident room is open."),
        more_url=reverse("incidents"), more=_("All rooms"),
    )  # fmt: skip


def _red(site: Site, by: Actor) -> Section:
    yesterday = rules_of(site.pk).day_at(clock.now_us()) - timedelta(days=1)
    judged = measures_of_period(site, Period.of_day(yesterday), WATCHED, by).values()
    rows = [
        Row(
            one.name,
            _("%(value)s %(unit)s, target %(target)s %(unit)s")
            % {"value": one.value, "unit": one.unit, "target": one.target},
            one.url, one.status, one.word,
        )
        for one in judged
        if one.status in ("act", "watch")
    ]  # fmt: skip
    rows.sort(key=lambda row: row.status != "act")
    untold = [one.name for one in judged if not one.value or not one.target]
    note = f"{yesterday:%Y-%m-%d}"
    if untold:
        note += " · " + _("without a value or a target: %(names)s") % {"names": ", ".join(untold)}
    return Section(
        _("Targets missed yesterday"), rows, _("No target of the site was missed."), note,
        reverse("moment_results"), _("Results"),
    )  # fmt: skip


def _late(site: Site, by: Actor) -> Section:
    """Orders that end after their due date in the schedule in force, the latest first."""
    schedule = planning.schedule_in_force(site, by)
    more = {"more_url": reverse("schedule"), "more": _("Schedule")}
    if schedule is None:
        return Section(_("Orders that will be late"), [], _("No schedule is published."), **more)
    rows = [
        Row(
            f"{one.order.number} {one.order.item.code} {one.order.customer}",
            _("due %(due)s") % {"due": f"{timezone.localtime(one.order.due):%Y-%m-%d %H:%M}"},
            address_of(one.order),
            "act",
            _("%(time)s late") % {"time": minutes(one.late_min)},
        )
        for one in planning.late_orders(schedule)[:SHOWN]
    ]
    return Section(
        _("Orders that will be late"), rows, _("No order is late in the schedule."), schedule.number, **more
    )
