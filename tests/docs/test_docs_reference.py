"""The reference says what the code says: generated pages, settings, commands, KPI pages, decisions."""

from __future__ import annotations

import re

import pytest
from doc_pages import DOCS, REPOSITORY, ROOM_PAGES

SOURCES = [
    *(REPOSITORY / "src").rglob("*.py"),
    *(REPOSITORY / "src").rglob("*.html"),
    REPOSITORY / "plantbeat",
    REPOSITORY / "tests" / "nothing_left_out.py",
    REPOSITORY / ".ci" / "run",
]
SETTINGS = DOCS / "reference" / "settings.md"
_VARIABLE = re.compile(r"\bPLANTBEAT_[A-Z][A-Z_]*[A-Z]\b")


@pytest.fixture
def generate(monkeypatch):
    """docs/generate.py, which stands beside the pages it writes."""
    monkeypatch.syspath_prepend(str(DOCS))
    import generate

    return generate


def test_the_generated_pages_are_current(generate):
    pages = generate.pages()
    assert len(pages) > 20
    old = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    assert not old, "run: python docs/generate.py"
    assert not generate.strays(pages), "run: python docs/generate.py"


def test_a_record_page_tells_fields_permissions_and_lifecycle(generate):
    from plantbeat.kernel import registry

    page = generate.record_page(registry.record("planning.WorkOrder"))
    for said in (
        "| `due` | Due |",
        "| create | Supervisor, Planner",
        "| `hold` | Released, In work | On hold |",
    ):
        assert said in page
    assert "a reason is given" in page


def test_every_environment_variable_of_the_source_is_documented_and_no_other():
    used = {name for path in SOURCES for name in _VARIABLE.findall(path.read_text(encoding="utf-8"))}
    described = set(re.findall(r"^\| `(PLANTBEAT_\w+)`", SETTINGS.read_text(encoding="utf-8"), re.MULTILINE))
    assert used
    assert used - described == set(), "not documented"
    assert described - used == set(), "documented, but nothing reads it"


def test_the_commands_page_has_every_command_that_can_be_called():
    from click import Context

    from plantbeat.shell.cli import plantbeat_command

    text = (DOCS / "reference" / "commands.md").read_text(encoding="utf-8")
    context = Context(plantbeat_command)
    for name in ("facts", "verify-log"):
        assert name in plantbeat_command.list_commands(context)
        assert f"## plantbeat {name}" in text


@pytest.mark.requirement("X3")
def test_every_kpi_page_is_reached_from_the_index_and_from_the_navigation(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    import navigation

    folder = DOCS / "reference" / "kpi"
    pages = navigation.pages_in(folder, DOCS)
    assert pages[0] == "reference/kpi/index.md"
    listed = (folder / "index.md").read_text(encoding="utf-8")
    for page in pages[1:]:
        assert f"({page.rsplit('/', 1)[1]})" in listed
    assert "reference/kpi/" in (REPOSITORY / "mkdocs.yml").read_text(encoding="utf-8")


def test_decisions_are_numbered_once_and_say_what_follows():
    pages = sorted((DOCS / "adr").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{n:04d}" for n in range(1, len(pages) + 1)]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.search(r"^- Status: (proposed|accepted|superseded by \d{4})$", text, re.MULTILINE), page
        assert re.search(r"^- Date: \d{4}-\d{2}-\d{2}$", text, re.MULTILINE), page
        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], page
        assert len(text.splitlines()) <= 60, f"{page}: a decision is one page"


def test_every_area_says_its_words_what_always_holds_and_what_never_happens():
    areas = [path.parent for path in (REPOSITORY / "src/plantbeat/areas").glob("*/records")]
    assert areas
    assert {page.parent for page in ROOM_PAGES} >= set(areas)
    for page in ROOM_PAGES:
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings[:3] == ["Words", "Always", "Never"], page


def test_the_words_of_an_area_are_those_of_its_records():
    from plantbeat.kernel import registry

    for page in ROOM_PAGES:
        text = page.read_text(encoding="utf-8").lower()
        for model in registry.records():
            if model._meta.app_label == page.parent.name:
                assert str(model._meta.verbose_name).lower() in text, f"{page}: {model.__name__}"


def test_the_changelog_begins_with_what_is_not_released_yet():
    text = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^##+ (.+)$", text, re.MULTILINE)
    assert headings[:3] == ["Unreleased", "New", "Fixed"]
