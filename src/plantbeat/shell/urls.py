"""All addresses of the product."""

from __future__ import annotations

from django.urls import include, path
from django.views.generic import RedirectView

from plantbeat.areas.execution.kpis.rest import measures_router
from plantbeat.facts.taps.door import own_taps, taps
from plantbeat.shell import devices, pages
from plantbeat.shell.demo.banner import demo_history
from plantbeat.shell.first_administrator import first_administrator
from plantbeat.shell.health import healthz
from plantbeat.shell.metrics import metrics
from plantbeat.shell.operator_sign_in import operator_sign_in
from plantbeat.shell.sign_in import SignIn
from plantbeat.shell.terminal_sign_in import terminal_sign_in
from plantbeat.shell.trust import authority_file, trust, trust_code
from plantbeat.surfaces.api.endpoints import api

rest = api()
rest.add_router("/measures", measures_router())

urlpatterns = [
    path("", include("plantbeat.surfaces.routes")),
    path("", pages.now, name="now"),
    path("terminal/sign-in/", terminal_sign_in, name="terminal_sign_in"),
    path("here/", RedirectView.as_view(pattern_name="now", permanent=True, query_string=True)),
    path("overview/", pages.overview, name="overview"),
    path("", include("plantbeat.areas.planning.routes")),
    path("", include("plantbeat.areas.plant.routes")),
    path("", include("plantbeat.areas.execution.routes")),
    path("", include("plantbeat.areas.people.routes")),
    path("", include("plantbeat.areas.safety.routes")),
    path("", include("plantbeat.areas.improvement.routes")),
    path("", include("plantbeat.areas.daily.routes")),
    path("taps/", taps, name="taps"),
    path("taps/<str:site>/", own_taps, name="own_taps"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("trust/", trust, name="trust"),
    path("trust/code.svg", trust_code, name="trust_code"),
    path("trust/authority.<str:kind>", authority_file, name="authority_file"),
    path("demo/history/", demo_history, name="demo_history"),
    path("screen/", devices.screen, name="screen"),
    path("devices/pair/", devices.enrol, name="pair"),
    path("first/<str:token>/", first_administrator, name="first_administrator"),
    path("accounts/login/", SignIn.as_view(), name="account_login"),
    path("accounts/operator/", operator_sign_in, name="operator_sign_in"),
    path("accounts/", include("allauth.urls")),
    path("api/", rest.urls),
]

handler404 = "plantbeat.shell.pages.not_found"
handler403 = "plantbeat.shell.pages.forbidden"
handler500 = "plantbeat.shell.pages.broken"
