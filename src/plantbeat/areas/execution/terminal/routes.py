"""Addresses of the operator terminal; all below one path, which its service worker looks after."""

from __future__ import annotations

from django.urls import path

from plantbeat.areas.execution.terminal import install, pages, review_pages

urlpatterns = [
    path("", pages.terminals, name="terminals"),
    path("worker.js", install.worker, name="terminal_worker"),
    path("manifest.webmanifest", install.manifest, name="terminal_manifest"),
    path("refused/", review_pages.refused, name="refused_taps"),
    path("<str:code>/", pages.terminal, name="terminal"),
    path("<str:code>/tap/", pages.tapped, name="terminal_tap"),
    path("<str:code>/buttons/", review_pages.buttons, name="terminal_buttons"),
]
