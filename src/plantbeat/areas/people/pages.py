"""Who is on duty: per area and role, now and in the next shift. Nobody is said plainly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.people.duty import ON_CALL, Duty, OnDuty
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.area import Area
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.readings import shifts_between
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import may_create
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

ROLES = (
    Role.line_lead,
    Role.supervisor,
    Role.maintenance,
    Role.quality,
    Role.ehs,
    Role.manager,
)
"""Roles that somebody is to answer in; operators work at their lines, and nobody calls an analyst."""

HOUR_US = 3_600_000_000
AHEAD_US = 72 * HOUR_US
SHOWN = 6


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant that the page speaks of: now, or the begin of the next shift."""

    name: str
    at_us: int
    shifts: list[FactShift]

    @property
    def at(self) -> Any:
        """As a date and time."""
        return clock.from_us(self.at_us)

    @property
    def words(self) -> str:
        """Names of the shifts."""
        return ", ".join(dict.fromkeys(f"{one.shift} {one.crew}".strip() for one in self.shifts))


@require_GET
@signed_in
def on_duty(request: HttpRequest) -> HttpResponse:
    """The on-duty board of the site."""
    by, site = actor_of(request), site_of(request)
    context: dict[str, Any] = {"page_title": _("On duty"), "site_known": site is not None}
    if site is not None:
        duty, moments = Duty(site, by), _moments(site)
        areas: list[Area | None] = [*visible(Area, by).filter(site=site).order_by("code")]
        context |= {
            "duty_moments": moments,
            "blocks": [_block(duty, area, moments) for area in (areas or [None])],
            "on_call_url": address(OnCall),
            "people_url": address(Person),
            "may_set": may_create(OnCall, by),
        }
    return render(request, "people/on_duty.html", context)


def _moments(site: Site) -> list[Moment]:
    now_us = clock.now_us()
    found = [Moment(_("Now"), now_us, shifts_between(site.pk, now_us, now_us + 1))]
    ahead = [one for one in shifts_between(site.pk, now_us, now_us + AHEAD_US) if one.start_us > now_us]
    if ahead:
        start_us = ahead[0].start_us
        begins = shifts_between(site.pk, start_us, start_us + 1)
        found.append(Moment(_("Next shift"), start_us, begins))
    return found


def _block(duty: Duty, area: Area | None, moments: list[Moment]) -> dict[str, Any]:
    rows = []
    for role in ROLES:
        cells = [_cell(duty, role, area, moment) for moment in moments]
        rows.append({"role": str(role.label), "cells": cells})
    return {"area": area, "rows": rows}


def _cell(duty: Duty, role: Role, area: Area | None, moment: Moment) -> dict[str, Any]:
    code = area.code if area is not None else ""
    found = duty.answering(role, moment.at_us, area=code, shifts=moment.shifts)
    here = [one for one in found if not code or one.near < 2] or found
    return {
        "moment": moment.name,
        "people": [_words(one) for one in here[:SHOWN]],
        "more": max(len(here) - SHOWN, 0),
        "elsewhere": bool(here) and bool(code) and here[0].near == 2,
    }


def _words(one: OnDuty) -> dict[str, Any]:
    how = _("on call") if one.how == ON_CALL else one.line
    return {
        "name": one.name,
        "how": how,
        "until": None if one.until_us is None else clock.from_us(one.until_us),
    }
