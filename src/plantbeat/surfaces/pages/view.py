"""What every page function shares: a signed-in actor, the site in view, the record of the address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.text import capfirst

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of
from plantbeat.surfaces.addresses import address, record_type
from plantbeat.surfaces.filter.query import joins

Page = Callable[..., HttpResponseBase]

signed_in: Callable[[Page], Page] = login_required
"""Only for people who are signed in; others go to the sign-in page and come back."""


def board(page: Page) -> Page:
    """For people who are signed in and for enrolled screens."""

    @wraps(page)
    def shown(request: HttpRequest, **more: Any) -> HttpResponseBase:
        if actor_of(request).device_id is None and not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return page(request, **more)

    return shown


def record_page(page: Page) -> Page:
    """A page about one record type: hands over the type the address names, if the actor may read it."""

    @wraps(page)
    @login_required
    def found(request: HttpRequest, area: str, slug: str, **more: Any) -> HttpResponseBase:
        return page(request, record_type(area, slug, actor_of(request)), **more)

    return found


def actor_of(request: HttpRequest) -> Actor:
    """Who acts."""
    return cast("Actor", request.actor)  # type: ignore[attr-defined]


def site_of(request: HttpRequest) -> Site | None:
    """The site in view."""
    found = request.site_in_view  # type: ignore[attr-defined]
    return cast("Site", found) if found else None


def found_record(model: type[Record], by: Actor, pk: int) -> Record:
    """A record the actor may see, links loaded; 404 otherwise (nobody learns that it exists)."""
    record = visible(model, by).select_related(*joins(model, fields_of(model))).filter(pk=pk).first()
    if record is None:
        raise Http404
    return record


def version_of(request: HttpRequest) -> int | None:
    """The version of the record that a posted form was filled in for."""
    given = request.POST.get("version", "")
    return int(given) if given.isdigit() else None


def crumb(model: type[Record]) -> dict[str, str]:
    """The way back to the list of a record type."""
    return {"label": capfirst(str(model._meta.verbose_name_plural)), "url": address(model)}
