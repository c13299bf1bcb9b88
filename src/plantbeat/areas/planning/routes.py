"""Addresses of planning's own pages."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.planning import board_pages, capacity_pages, diff_pages, move_pages, pages, rush_pages

urlpatterns = [
    path("schedule/", pages.schedule, name="schedule"),
    path("capacity/", capacity_pages.capacity, name="capacity"),
    path("schedule/board/", board_pages.board, name="board"),
    path("schedule/board/<int:pk>/tune/", board_pages.tune, name="board_tune"),
    path("schedule/board/<int:pk>/preview/", board_pages.preview, name="board_preview"),
    path("schedule/board/<int:pk>/move/", board_pages.move, name="board_move"),
    path("schedule/board/<int:pk>/move/form/", move_pages.move_form, name="board_move_form"),
    path("schedule/board/<int:pk>/rush/", rush_pages.rush, name="board_rush"),
    path("schedule/board/<int:pk>/do/<slug:what>/", board_pages.change, name="board_change"),
    path("schedule/diff/", diff_pages.diff, name="schedule_diff"),
    path("schedule/solve/", pages.solve, name="schedule_solve"),
]
