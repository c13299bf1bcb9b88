"""What the pages show works: their Python is run, their commands are called, the answers compared."""

from __future__ import annotations

import doctest
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from doc_pages import PAGES, REPOSITORY, Block, blocks, name_of

from plantbeat.shell.cli import plantbeat_command

README = REPOSITORY / "README.md"
KPI_PAGES = REPOSITORY / "docs" / "reference" / "kpi"  # tested with the formulas
SHOWING = [page for page in PAGES if page.parent != KPI_PAGES and any(b.language for b in blocks(page))]


def is_run(block: Block) -> bool:
    if block.word in ("recipe", "not run"):
        return False
    return block.language in ("python", "pycon") or block.word == "run"


@pytest.mark.parametrize("page", [page for page in SHOWING if any(map(is_run, blocks(page)))], ids=name_of)
def test_the_examples_of_a_page_give_what_the_page_says(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {"__name__": "__page__"}
    for block in blocks(page):
        if block.word == "file":
            Path(block.value).write_text(block.text, encoding="utf-8")
        elif is_run(block):
            {"python": run_python, "pycon": run_session, "console": run_commands}[block.language](
                block, known
            )


def run_python(block: Block, known: dict[str, object]) -> None:
    exec(compile("\n" * (block.line - 1) + block.text, str(block.page), "exec"), known)


def run_session(block: Block, known: dict[str, object]) -> None:
    session = doctest.DocTestParser().get_doctest(
        block.text, known, block.page.name, str(block.page), block.line - 1
    )
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    result = runner.run(session, out=said.append, clear_globs=False)
    known.update(session.globs)
    assert result.failed == 0, "".join(said)


def run_commands(block: Block, _known: dict[str, object]) -> None:
    calls = [part for part in ("\n" + block.text).split("\n$ ") if part.strip()]
    assert calls
    for call in calls:
        command, _newline, wanted = call.partition("\n")
        name, *arguments = shlex.split(command)
        assert name == "plantbeat", f"{block.page}:{block.line} runs something else: {command}"
        result = CliRunner().invoke(plantbeat_command, arguments)
        assert result.output.strip() == wanted.strip()


def test_the_example_of_the_readme_needs_none_of_the_server_parts():
    (example,) = [block for block in blocks(README) if block.language in ("python", "pycon")]
    code = "import sys\nfor name in ('django', 'ninja', 'msgspec', 'uvicorn'): sys.modules[name] = None\n"
    if example.language == "pycon":
        code += doctest.script_from_examples(example.text)
    else:
        code += example.text
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_page_that_is_run_shows_what_comes_of_it():
    for page in SHOWING:
        run = [block for block in blocks(page) if is_run(block)]
        if run:
            assert any(is_answer(line) for block in run for line in block.text.splitlines()), page


def is_answer(line: str) -> bool:
    return bool(line.strip()) and not line.startswith((">>>", "... ", "$ ", "def ", "import ", "from "))


def test_a_block_that_is_not_run_says_why():
    reasons = [block for page in PAGES for block in blocks(page) if block.word == "not run"]
    assert all(len(block.value) > 10 for block in reasons), [f"{b.page}:{b.line}" for b in reasons]
    languages = {block.language for page in PAGES for block in blocks(page)}
    assert languages <= {
        "python",
        "pycon",
        "console",
        "http",
        "csv",
        "json",
        "text",
        "sql",
        "ini",
        "nginx",
        "toml",
    }, languages
