"""Addresses of tier boards and their meetings."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.daily.tiers import meeting_pages, pages

urlpatterns = [
    path("tiers/", pages.tiers, name="tiers"),
    path("tiers/meetings/<int:pk>/", meeting_pages.meeting, name="tier_meeting"),
    path("tiers/<str:code>/", pages.one_board, name="tier_board"),
    path("tiers/<str:code>/wall/", pages.wall, name="tier_wall"),
    path("tiers/<str:code>/start/", meeting_pages.start, name="tier_start"),
    path("tiers/<str:code>/say/<slug:what>/", meeting_pages.say, name="tier_say"),
]
