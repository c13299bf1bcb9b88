"""Addresses of execution's own pages."""

from __future__ import annotations

from django.urls import include, path

from plantbeat.areas.execution import cycle_pages, pages, quarantine_page, stop_pages
from plantbeat.areas.execution.losses.loss_page import losses, unusual_page
from plantbeat.areas.execution.losses.trend_page import trends
from plantbeat.areas.execution.one_fact import pages as fact_pages
from plantbeat.areas.execution.walls import pages as wall_pages

urlpatterns = [
    path("", include("plantbeat.areas.execution.kpis.routes")),
    path("", include("plantbeat.areas.execution.hours.routes")),
    path("", include("plantbeat.areas.execution.andon.routes")),
    path("terminal/", include("plantbeat.areas.execution.terminal.routes")),
    path("losses/", losses, name="losses"),
    path("losses/unusual/", unusual_page, name="unusual"),
    path("trends/", trends, name="trends"),
    path("key-in/", include("plantbeat.areas.execution.sheets.routes")),
    path("quarantine/", quarantine_page.listing, name="quarantine"),
    path("quarantine/many/", quarantine_page.many, name="quarantine_many"),
    path("quarantine/<int:pk>/", quarantine_page.one, name="quarantined"),
    path("facts/<int:lsn>/", fact_pages.fact, name="fact"),
    path("lines/<str:code>/", pages.line, name="line"),
    path("lines/<str:code>/stops/<int:at_us>/", stop_pages.stop, name="stop"),
    path("lines/<str:code>/cycles/", cycle_pages.cycles, name="cycles"),
    path("wall/<str:code>/", wall_pages.wall, name="wall"),
    path("wall-fit.css", wall_pages.wall_fit, name="wall_fit"),
]
