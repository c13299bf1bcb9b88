"""Every formula has its page, every page its formula, and the example on each page is true."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

import plantbeat.engine.kpi as kpi_package
from plantbeat.engine.oee import formulas

PAGES = Path(__file__).parents[3] / "docs" / "reference" / "kpi"
HEADINGS = ["Formula", "Elements", "What is left out", "Worked example"]
MODULES = [formulas] + [
    importlib.import_module(f"{kpi_package.__name__}.{module.name}")
    for module in pkgutil.iter_modules(kpi_package.__path__)
]
FORMULAS = {
    name: function
    for module in MODULES
    for name, function in inspect.getmembers(module, inspect.isfunction)
    if function.__module__ == module.__name__ and "Page: docs/reference/kpi/" in (function.__doc__ or "")
}
NAMES = sorted(page.stem for page in PAGES.glob("*.md") if page.stem != "index")


def test_formulas_and_pages_are_the_same_set_and_the_index_lists_them():
    assert sorted(FORMULAS) == NAMES
    assert len(NAMES) >= 31
    listed = re.findall(r"\]\((\w+)\.md\)", (PAGES / "index.md").read_text(encoding="utf-8"))
    assert sorted(listed) == NAMES


@pytest.mark.requirement("X3")
@pytest.mark.parametrize("name", NAMES)
def test_a_page_says_what_is_measured_from_what_and_by_which_source(name):
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    doc = inspect.cleandoc(FORMULAS[name].__doc__)
    assert f"Page: docs/reference/kpi/{name}.md" in doc
    assert "Unit: " in doc
    assert "Source: " in doc
    direction = re.search(r"Direction: ([a-z ]+)\.", doc).group(1)
    assert f"| {direction} |" in text


@pytest.mark.requirement("X3")
@pytest.mark.parametrize("name", NAMES)
def test_the_worked_example_of_a_page_holds(name):
    page = PAGES / f"{name}.md"
    text = page.read_text(encoding="utf-8")
    example = doctest.DocTestParser().get_doctest(
        text[text.index("```pycon") + 8 : text.rindex("```")], {}, name, str(page), 0
    )
    assert any(f"{name}(" in line.source for line in example.examples)
    assert any(line.want.strip() for line in example.examples)
    runner = doctest.DocTestRunner(verbose=False)
    told = []
    runner.run(example, out=told.append)
    assert runner.failures == 0, "".join(told)
