"""Every page of the product that is not the list of a record type: on the overview, and found by its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.problems import Text


@dataclass(frozen=True, slots=True)
class Page:
    """A page by the name of its address."""

    label: Text
    icon: str
    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """Pages that belong together."""

    title: Text
    pages: tuple[Page, ...]


DIRECTORY = (
    Group(
        _("Leading"),
        (
            Page(_("Tier boards"), "columns-3", "tiers"),
            Page(_("Actions"), "checklist", "actions"),
            Page(_("My routines"), "calendar-repeat", "routines"),
            Page(_("Gemba walks"), "route", "gemba"),
            Page(_("Incident rooms"), "urgent", "incidents"),
            Page(_("Week and month"), "calendar-stats", "reports"),
            Page(_("Shift packs"), "printer", "shift_packs"),
        ),
    ),
    Group(
        _("The floor and its people"),
        (
            Page(_("Hour by hour"), "clock", "site_hours"),
            Page(_("Calls for help"), "bell", "andon"),
            Page(_("Attendance"), "users", "attendance"),
            Page(_("On duty"), "user", "on_duty"),
            Page(_("Operator terminals"), "device-tablet", "terminals"),
            Page(_("Key in from paper"), "file", "key_in"),
            Page(_("Report a hazard"), "alert-triangle", "report_hazard"),
        ),
    ),
    Group(
        _("Figures"),
        (
            Page(_("Measures"), "target-arrow", "kpis"),
            Page(_("Losses"), "chart-bar", "losses"),
            Page(_("What is unusual"), "zoom-exclamation", "unusual"),
            Page(_("Trends"), "trending-up", "trends"),
            Page(_("Facts in quarantine"), "biohazard", "quarantine"),
        ),
    ),
    Group(
        _("Planning and set-up"),
        (
            Page(_("Schedule"), "calendar", "schedule"),
            Page(_("Schedule board"), "layout-grid", "board"),
            Page(_("Versions compared"), "arrows-exchange", "schedule_diff"),
            Page(_("Load and capacity"), "stack-2", "capacity"),
            Page(_("Plant workbook"), "building-factory-2", "plant_workbook"),
            Page(_("Assumptions"), "info-circle", "plant_assumptions"),
        ),
    ),
)


def pages_named(text: str) -> list[dict[str, Any]]:
    """Pages whose name holds a text, as the search shows what it has found."""
    wanted = text.casefold()
    pages = [one for group in DIRECTORY for one in group.pages if wanted in str(one.label).casefold()]
    named = [(str(one.label), reverse(one.name)) for one in pages]
    return [{"label": _now("all pages"), "link": reverse("overview"), "records": named}] if named else []
