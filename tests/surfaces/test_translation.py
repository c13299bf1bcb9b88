"""Every word the product says passes through gettext: a made-up language marks what did."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.utils import translation
from django.utils.translation import trans_real
from examples import record

from people_of_the_plant import PASSWORD
from plantbeat.kernel import registry
from plantbeat.kernel.access import Role
from plantbeat.surfaces.addresses import address, address_of

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X9")]

MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
LETTERS = re.compile(r"[A-Za-z]{3,}")
SPOKEN_ATTRIBUTES = {"placeholder", "aria-label", "title", "alt"}
NOT_WORDS = {"Plantbeat", "UTC", "min"}
"""The product's name, the zone, and unit symbols are the same in every language."""


class Pseudo:
    """A language in which every message stands between brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧" if message else ""

    def ngettext(self, one: str, many: str, count: int) -> str:
        return self.gettext(one if count == 1 else many)

    def language(self) -> str:
        return "qps"

    to_language = language


class Words(HTMLParser):
    """Text and spoken attributes of a page, scripts and code left out."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "style", "code", "option", "time"):
            self.silent += tag not in ("option",) or 1
        self.found += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_endtag(self, tag):
        if tag in ("script", "style", "code", "option", "time"):
            self.silent -= 1

    def handle_data(self, data):
        if not self.silent:
            self.found.append(data)


@pytest.fixture(autouse=True)
def pseudo_language(monkeypatch):
    monkeypatch.setitem(trans_real._translations, "qps", Pseudo())
    yield
    translation.activate("en")


def unmarked(html: str, data: set[str]) -> set[str]:
    """Pieces of text that did not come through gettext and are not the plant's own data."""
    words = Words()
    words.feed(html)
    rest = set()
    for text in words.found:
        left = MARKED.sub(" ", MARKED.sub(" ", text))
        for known in sorted(data, key=len, reverse=True):
            left = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", " ", left)
        if LETTERS.search(left):
            rest.add(" ".join(text.split()))
    return rest


def spoken(records) -> set[str]:
    """Values of records as a page may show them."""
    found = set(NOT_WORDS)
    for one in records:
        for field in one._meta.concrete_fields:
            value = getattr(one, field.name)
            if isinstance(value, str):
                found |= {value, *re.split(r"[^\w.@/-]+", value)}
            found.add(str(value))
    return found - {""}


def linked_to(one) -> list:
    """Records that a record or line points to."""
    found = [getattr(one, field.name) for field in one._meta.concrete_fields if field.is_relation]
    return [linked for linked in found if linked is not None]


@pytest.mark.parametrize("name", ["plant.Item", "planning.WorkOrder", "plant.Routing", "people.Person"])
def test_generic_pages_say_nothing_untranslated(plant, browser, name):
    model = registry.record(name)
    made = record(model, plant.north)
    user = plant.user(Role.administrator, everywhere=True)
    type(user)._base_manager.filter(pk=user.pk).update(language="qps")
    from django.test import Client

    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.get("/", follow=True)
    lines = [row for line in model.line_types() for row in getattr(made, line).all()]
    links = [linked for one in (made, *lines) for linked in linked_to(one)]
    data = spoken([made, plant.north, plant.south, plant.bottle, user, *links, *lines])
    data |= {"system", "test", "Europe/Berlin", "America/Chicago"}
    for url in (
        address(model),
        address_of(made),
        address_of(made, "edit"),
        address(model, "import"),
        "/search/",
    ):
        page = client.get(url)
        assert page.status_code == 200, url
        assert unmarked(page.content.decode(), data) == set(), url


def test_pages_of_measures_and_of_the_quarantine_say_nothing_untranslated(plant, browser):
    user = plant.user(Role.administrator, everywhere=True)
    type(user)._base_manager.filter(pk=user.pk).update(language="qps")
    from django.test import Client

    client = Client()
    client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    client.get("/", follow=True)
    data = spoken([plant.north, plant.south, user]) | {"system", "test", "Europe/Berlin", "America/Chicago"}
    for url in ("/kpis/", "/kpis/?measure=otd&period=7d&facts=1", "/quarantine/"):
        page = client.get(url)
        assert page.status_code == 200, url
        assert unmarked(page.content.decode(), data) == set(), url
