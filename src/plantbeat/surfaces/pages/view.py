"""What every page function shares: a signed-in actor, the site in view, the record of the address."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import record_type
from plantbeat.surfaces.filter.query import joins

Page = Callable[..., HttpResponseBase]


def signed_in(page: Page) -> Page:
    """Only for people who are signed in; others go to the sign-in page and come back."""
    return wraps(page)(login_required(page))


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
    names = [field.name for field in model._meta.concrete_fields]
    record = visible(model, by).select_related(*joins(model, names)).filter(pk=pk).first()
    if record is None:
        raise Http404
    return record
