"""Addresses of the pages of the day."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from plantbeat.areas.daily.moment_pages import pages as moment_pages
from plantbeat.areas.daily.start_up import pages as start_up

urlpatterns: list[URLPattern | URLResolver] = [
    path("start-up/", start_up.start_up, name="start_up"),
    path("start-up/last-shift/", start_up.last_shift, name="start_up_last_shift"),
    path("start-up/decide/", start_up.decision, name="start_up_decide"),
    path("start-up/huddle/", start_up.huddle, name="start_up_huddle"),
    path("gemba-now/", moment_pages.gemba, name="moment_gemba"),
    path("sync-now/", moment_pages.sync, name="moment_sync"),
    path("people-now/", moment_pages.people, name="moment_people"),
    path("results/", moment_pages.results, name="moment_results"),
    path("handoff/", include("plantbeat.areas.daily.handoffs.routes")),
    path("shift-packs/", include("plantbeat.areas.daily.packs.routes")),
    path("", include("plantbeat.areas.daily.gemba.routes")),
    path("", include("plantbeat.areas.daily.incidents.routes")),
    path("", include("plantbeat.areas.daily.reports.routes")),
    path("", include("plantbeat.areas.daily.routines.routes")),
    path("", include("plantbeat.areas.daily.tiers.routes")),
]
