"""The templates: nothing inline, every text translatable, the scripts' words complete."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from plantbeat.engine.oee.states import State
from plantbeat.kernel import registry

REPOSITORY = Path(__file__).parents[2]
TEMPLATES = REPOSITORY / "src" / "plantbeat" / "surfaces" / "templates"
OURS = sorted([TEMPLATES / "base.html", TEMPLATES / "wall.html", *(TEMPLATES / "components").glob("*.html")])
SCRIPTS = sorted((REPOSITORY / "web" / "src" / "js").glob("*.js"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_template_has_no_inline_script_style_or_handler(path):
    text = path.read_text(encoding="utf-8")
    assert re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", text) == []


class Shown(HTMLParser):
    """Collects what a person reads or hears: text, and the attributes that are spoken or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.silent = False

    def handle_starttag(self, tag, attrs):
        self.silent = tag in {"script", "title"}
        spoken = {"aria-label", "title", "placeholder", "alt"}
        self.texts += [value for name, value in attrs if name in spoken and value]

    def handle_endtag(self, tag):
        self.silent = False

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_a_template_says_what_it_is_for_and_shows_no_untranslated_text(path):
    text = path.read_text(encoding="utf-8")
    assert "{% comment %}" in text.splitlines()[0]
    for tag, end in (
        ("comment", "endcomment"),
        ("blocktranslate", "endblocktranslate"),
        ("block html_attr", "endblock"),
    ):
        text = re.sub(rf"\{{% {tag}.*?{end} %\}}", "", text, flags=re.DOTALL)
    reader = Shown()
    reader.feed(re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL))
    words = re.findall(r"[A-Za-z]{2,}", " ".join(reader.texts))
    assert [word for word in words if word != "Plantbeat"] == []


def words_of_the_page(gallery_folder: Path) -> dict[str, str]:
    page = (gallery_folder / "index.html").read_text(encoding="utf-8")
    block = re.search(r'<script type="application/json" id="pb-words">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    return json.loads(block[1])


def test_the_page_carries_exactly_the_words_its_scripts_show(gallery_folder):
    words = words_of_the_page(gallery_folder)
    code = "\n".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    used = set(
        re.findall(
            r'"((?:age|andon|chart|countdown|form|gantt|grid|live|queue|request|span|state|status|strip|table|terminal'
            r"|zoom)"
            r'\.[a-z_]+)"',
            code,
        )
    )
    used |= set(re.findall(r'word\("(\w+)"', code)) | {"live.on", "live.lost"}
    codes = json.loads((REPOSITORY / "web/src/shapes.json").read_text(encoding="utf-8"))
    used |= (
        {f"line_state.{state}" for state in State}
        | {f"state.{code}" for code in codes["state"]}
        | {f"status.{code}" for code in [*codes["status"], "done", "bad"]}
    )
    assert used - words.keys() == set()
    assert words.keys() - used == set()


def test_a_words_places_are_filled_by_name(gallery_folder):
    words = words_of_the_page(gallery_folder)
    assert words["grid.refused_cell"] == "Row {row}, {column}: “{text}” is refused. Allowed: {allowed}."
    assert all(text for text in words.values())


def test_components_name_their_icons_from_the_built_list():
    listed = set(json.loads((REPOSITORY / "web/src/icons.json").read_text(encoding="utf-8")))
    used = set()
    for path in (REPOSITORY / "src" / "plantbeat").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'components/icon\.html" with name="([\w-]+)"', text))
        used |= set(re.findall(r'\bicon="([\w-]+)"', text))
        used |= set(re.findall(r'default:["\']([a-z]+(?:-[a-z0-9]+)+)["\'] only', text))
    assert len(used) > 15
    assert used - listed == set()


def test_record_types_name_their_icons_from_the_built_list():
    listed = set(json.loads((REPOSITORY / "web/src/icons.json").read_text(encoding="utf-8")))
    assert {model.face.icon for model in registry.records()} - listed == set()
