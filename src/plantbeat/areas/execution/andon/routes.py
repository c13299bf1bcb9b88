"""Addresses of the calls for help."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution.andon import call_page, pages

urlpatterns = [
    path("andon/", pages.andon_board, name="andon"),
    path("andon/calls/", pages.calls, name="andon_calls"),
    path("andon/test/", pages.test_now, name="andon_test"),
    path("andon/<str:number>/", call_page.call, name="andon_call"),
    path("andon/<str:number>/<str:verb>/", call_page.step, name="andon_step"),
    path("lines/<str:code>/call/", pages.raise_here, name="andon_raise"),
]
