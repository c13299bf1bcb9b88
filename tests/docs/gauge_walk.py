"""Walks the gauge of the recipe through every surface; prints what it found as JSON (see test_recipes)."""

from __future__ import annotations

import json

import django

django.setup()

from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402

from plantbeat.kernel import clock, registry  # noqa: E402
from plantbeat.kernel.access import Actor, Role  # noqa: E402
from plantbeat.kernel.accounts import Site, User  # noqa: E402
from plantbeat.kernel.act import act  # noqa: E402
from plantbeat.kernel.log import Change, broken  # noqa: E402

SYSTEM = Actor.system("trial")
SECRET = {"password": "a good long passphrase"}
LIST, API = "/r/metrology/gauges/", "/api/metrology/gauges"


def browser(role: Role, site: Site) -> Client:
    name = f"u-{role}"
    user = act(User, "create", SYSTEM, {"username": name, "grants": [{"role": role, "site": site}]})
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def sent(client: Client, method: str, address: str, **body: object) -> tuple[int, dict]:
    answer = client.generic(method, address, json.dumps(body), content_type="application/json")
    return answer.status_code, answer.json() if answer.content else {}


def walk() -> dict[str, object]:
    setup_test_environment()
    site = act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
    grants = [{"role": Role.administrator, "site": None}]
    act(act(User, "create", SYSTEM, {"username": "first", "grants": grants}), "set_password", SYSTEM, SECRET)
    quality, operator = browser(Role.quality, site), browser(Role.operator, site)
    found: dict[str, object] = {
        "registered": "metrology.Gauge" in [m.type_code() for m in registry.records()]
    }
    form = {"code": "G-1", "name": "Plug gauge 12 mm", "interval_days": "90", "calibrated": "2020-01-31"}
    found["form"] = quality.post(f"{LIST}new/", form).status_code
    found["form_in_the_future"] = quality.post(
        f"{LIST}new/", {**form, "code": "G-9", "calibrated": "2999-01-31"}
    ).status_code
    found["list"] = "G-1" in quality.get(LIST).content.decode()
    found["api_list"] = [row["code"] for row in quality.get(API).json()["items"]]
    body = {"site": "N", "code": "G-2", "name": "Ring gauge", "calibrated": "2026-01-31"}
    status, made = sent(quality, "POST", API, **body)
    found["api_create"], found["api_default"] = status, made["interval_days"]
    found["api_twice"] = sent(quality, "POST", API, **body)[0]
    found["operator_creates"] = sent(operator, "POST", API, **{**body, "code": "G-3"})[0]
    first = quality.get(API).json()["items"][0]["id"]
    found["detail"] = "Plug gauge 12 mm" in quality.get(f"{LIST}{first}/").content.decode()
    found["edit"] = sent(quality, "PATCH", f"{API}/{first}", name="Plug gauge 12H7")[1]["name"]
    found["block_without_reason"] = sent(operator, "POST", f"{API}/{first}/block")[0]
    found["block"] = sent(operator, "POST", f"{API}/{first}/block", reason="was dropped")[1]["state"]
    found["operator_releases"] = sent(operator, "POST", f"{API}/{first}/release")[0]
    found["why_not"] = sent(quality, "POST", f"{API}/{first}/release")[1]["problems"][0]["message"]
    found["release_offered"] = 'id="do-release"' in quality.get(f"{LIST}{first}/").content.decode()
    found["release_as_it_was"] = quality.post(
        f"{LIST}{first}/do/release/", {"calibrated": "2020-01-31"}
    ).status_code
    found["release"] = sent(quality, "POST", f"{API}/{first}/release", calibrated="2999-01-01")[0]
    today = f"{clock.now():%Y-%m-%d}"
    found["release_calibrated"] = quality.post(
        f"{LIST}{first}/do/release/", {"calibrated": today}
    ).status_code
    found["released"] = quality.get(f"{API}/{first}").json()["state"]
    found["export"] = quality.get(f"{LIST}export.csv").getvalue().decode().splitlines()[0]
    found["label"] = quality.get(f"{LIST}{first}/label.svg").status_code
    found["search"] = "G-2" in quality.get("/search/", {"q": "Ring"}).content.decode()
    found["openapi"] = API in json.dumps(quality.get("/api/openapi.json").json())
    found["history"] = list(
        Change.objects.filter(type_code="metrology.Gauge", record_id=first).values_list("verb", flat=True)
    )
    found["chain_holds"] = broken(site.pk) is None
    return found


print(json.dumps(walk()))
