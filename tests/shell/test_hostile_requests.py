"""Requests of somebody who means harm: forged, misdirected, too large, aimed outside."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from people_of_the_plant import PASSWORD
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.access import Role
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.import_ import reading

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X6")]
ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "http:///evil.example",
]


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def planner(plant, client) -> Client:
    assert client.login(username=plant.user(Role.planner).username, password=PASSWORD)
    return client


@pytest.mark.parametrize("onward", ELSEWHERE)
def test_sign_in_leads_to_no_other_house(plant, client, onward):
    form = {"login": plant.user(Role.planner).username, "password": PASSWORD, "next": onward}
    answer = client.post("/accounts/login/", form)
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/operator/", "/accounts/logout/", "/devices/pair/"]
)
def test_a_post_without_the_token_of_the_page_is_refused(plant, path):
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username=plant.user(Role.manager).username, password=PASSWORD)
    assert browser.post(path, {"login": "x", "password": "y"}).status_code == 403
    assert browser.post(address(Item, "import"), {}).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "a b"]
)
def test_a_host_that_is_not_ours_is_not_served(client, host):
    assert client.get("/accounts/login/", HTTP_HOST=host).status_code == 400


def test_every_page_says_what_a_browser_must_not_do(planner):
    for path in ("/", "/overview/", "/nowhere/", "/healthz", "/api/plant/items"):
        answer = planner.get(path)
        policy = answer["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
        assert answer["Referrer-Policy"] == "same-origin"
        assert b"<script>" not in answer.content
        assert b" onclick=" not in answer.content


def test_cookies_of_a_real_installation_stay_with_https_and_away_from_scripts(plant, client, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    form = {"login": plant.user(Role.planner).username, "password": PASSWORD}
    client.get("/accounts/login/", secure=True)
    cookies = client.post("/accounts/login/", form, secure=True).cookies
    assert (cookies["sessionid"]["secure"], cookies["sessionid"]["httponly"]) == (True, True)
    assert cookies["sessionid"]["samesite"] == "Lax"
    assert cookies["csrftoken"]["secure"] is True


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/dist/..%2f..%2f..%2fsettings.py",
        "/trust/authority.../../key",
        "/trust/authority.key",
        "/static//etc/passwd",
    ],
)
def test_no_address_leads_out_of_the_folders_that_are_served(planner, path):
    assert planner.get(path).status_code in (400, 404)


def upload(client: Client, content: bytes, name: str = "items.xlsx"):
    return client.post(address(Item, "import"), {"file": SimpleUploadedFile(name, content)})


def test_a_file_that_unpacks_to_far_more_than_it_is_is_refused_before_it_is_unpacked(planner, monkeypatch):
    monkeypatch.setattr(reading, "MOST_UNPACKED", 1 << 20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    answer = upload(planner, packed.getvalue())
    assert answer.status_code == 422
    assert "unpacks to more" in answer.content.decode()


def test_a_file_beyond_the_limit_is_refused_in_one_sentence(planner, monkeypatch):
    monkeypatch.setattr(reading, "MOST_BYTES", 1 << 20)
    answer = upload(planner, b"Code,Name\n" + b"A,First\n" * 200_000, "items.csv")
    assert answer.status_code == 422
    assert "is larger than 1 MB" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["../../../evil.csv", "..\\..\\evil.csv", "/etc/cron.d/evil.csv", "a\x00b.csv"]
)
def test_the_name_of_an_uploaded_file_names_no_place(planner, name, settings):
    answer = upload(planner, b"Code,Name\nA,First\n", name)
    assert answer.status_code in (302, 422, 400)
    kept = [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert all(path.name in ("content", "about.json") for path in kept)
