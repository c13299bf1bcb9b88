"""Files of the pages: kept for a year where the address names the content, for a minute elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.templatetags.static import static
from django.test import Client

from plantbeat.shell import page_files

pytestmark = pytest.mark.requirement("X4")

A_YEAR = "max-age=31536000, public, immutable"
A_MINUTE = "max-age=60, public"
OTHER = "0123456789abcdef"
NAMES = ["dist/app.js", "dist/app.css", "dist/icons.svg", "django_htmx/htmx-2.min.js"]


@pytest.fixture
def browser(settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    return Client()


def content(answer) -> bytes:
    return b"".join(answer.streaming_content)


@pytest.mark.parametrize("name", NAMES)
def test_the_address_a_page_names_is_kept_for_a_year(browser, name):
    address = static(name)
    assert re.fullmatch(rf"/static/[0-9a-f]{{16}}/{re.escape(name)}", address)
    answer = browser.get(address)
    assert (answer.status_code, answer["Cache-Control"]) == (200, A_YEAR)
    assert len(content(answer)) > 100


@pytest.mark.parametrize("name", NAMES)
def test_an_address_that_does_not_name_this_content_is_kept_for_a_minute(browser, name):
    right = content(browser.get(static(name)))
    for address in (f"/static/{name}", f"/static/{OTHER}/{name}"):
        answer = browser.get(address)
        assert (answer.status_code, answer["Cache-Control"]) == (200, A_MINUTE), address
        assert content(answer) == right


def test_what_a_script_or_style_names_relative_to_itself_is_kept_for_a_year_too(browser):
    for name, pattern in (("dist/app.js", r'"(\./chunks/[^"]+)"'), ("dist/app.css", r"(\./fonts/[^\")]+)")):
        found = set(re.findall(pattern, content(browser.get(static(name))).decode()))
        assert found
        for one in found:
            answer = browser.get(static(f"dist/{one.removeprefix('./')}"))
            assert (answer.status_code, answer["Cache-Control"]) == (200, A_YEAR), one


@pytest.mark.parametrize(
    "address",
    ["/static/{v}/dist/no.css", "/static/{o}/{o}/dist/app.css",
     "/static/{v}/../settings.py", "/static/0123/dist/app.css", "/{o}/dist/app.css"],
)  # fmt: skip
@pytest.mark.django_db
def test_no_other_address_answers_with_a_file(browser, address):
    answer = browser.get(address.format(v=page_files.files_version(), o=OTHER))
    assert "immutable" not in answer.get("Cache-Control", "")
    assert not answer.streaming


def test_other_content_has_another_version(settings, tmp_path: Path):
    def version_with(text: str) -> str:
        (tmp_path / "app.css").write_text(text)
        return page_files.files_version.__wrapped__()

    settings.STATICFILES_DIRS = [tmp_path]
    page_files.finders.get_finder.cache_clear()
    try:
        first = version_with("a { color: red }")
        assert version_with("a { color: blue }") != first
        assert version_with("a { color: red }") == first
    finally:
        page_files.finders.get_finder.cache_clear()


def test_text_goes_packed_to_a_browser_that_takes_it(browser):
    plain = content(browser.get(static("dist/app.css")))
    packed = browser.get(static("dist/app.css"), headers={"accept-encoding": "gzip"})
    assert (packed["Content-Encoding"], packed["Cache-Control"]) == ("gzip", A_YEAR)
    sent = content(packed)
    assert gzip.decompress(sent) == plain
    assert len(sent) < len(plain) / 3
