"""What the frame of every page shows: navigation, site, person, request id."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

import plantbeat
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site
from plantbeat.shell.demo.banner import history_work
from plantbeat.shell.moments import navigation, next_moment
from plantbeat.surfaces.pages.view import site_of


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Variables of base.html."""
    frame: dict[str, Any] = {
        "request_id": getattr(request, "request_id", ""),
        "version": plantbeat.__version__,
        "now_us": clock.now_us(),
        "printed": clock.now(),
        "work": history_work(),
    }
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return frame
    by = request.actor  # type: ignore[attr-defined]
    moments = navigation(request.path, site_of(request), by)
    return frame | {
        "moments": moments,
        "next_moment": next_moment(moments),
        "site": request.site_in_view,  # type: ignore[attr-defined]
        "home_url": reverse("now"),
        "sites": [
            {"code": site.code, "name": site.name, "url": f"/?site={site.code}"}
            for site in visible(Site, by).order_by("code")
        ],
        "search_url": reverse("search"),
        "user_label": by.label,
        "account_links": [
            {"label": _("Change password"), "url": reverse("account_change_password"), "icon": "lock"},
            {"label": _("Two-step sign-in"), "url": reverse("mfa_index"), "icon": "settings"},
        ],
        "sign_out_url": reverse("account_logout"),
    }
