"""Checks that other programs do: ruff, mypy, import-linter and Django."""

import os
import re
import subprocess
import sys
from pathlib import Path

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

SETTINGS = "plantbeat.shell.settings"
_PLACE = re.compile(r"^(?P<path>[\w./-]+):(?P<line>\d+)(?::\d+)?: (?P<message>.+)$")
_CODE = ("src", "tests", "benchmarks", "docs/*.py", "hatch_build.py", "plantbeat")


def lint(tree: Tree) -> list[Finding]:
    """ruff check."""
    return _run(tree, [tool("ruff"), "check", "--quiet", "--output-format=concise", *_present(tree)])


def layout(tree: Tree) -> list[Finding]:
    """ruff format --check."""
    return _run(tree, [tool("ruff"), "format", "--check", "--output-format=concise", *_present(tree)])


def types(tree: Tree) -> list[Finding]:
    """mypy over the package, and over the door, which stands outside of it."""
    mypy = [tool("mypy"), "--no-error-summary", "--hide-error-context"]
    door = [*mypy, "--config-file=", "--strict", "--python-version=3.11", "plantbeat"]
    return [*_run(tree, mypy), *(_run(tree, door) if (tree.root / "plantbeat").is_file() else [])]


def layers(tree: Tree) -> list[Finding]:
    """import-linter: dependencies point one way."""
    return _run(tree, [tool("lint-imports"), "--no-logo"])


def missing_migrations(tree: Tree) -> list[Finding]:
    """Django: every change of a record has its migration."""
    if not (
        tree.exists(PACKAGE + "shell/settings.py") or tree.exists(PACKAGE + "shell/settings/__init__.py")
    ):
        return [
            Finding(
                PACKAGE + "shell/settings.py", 0, "is missing, so migrations cannot be compared with records"
            )
        ]
    django = [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run", "--no-color"]
    return _run(tree, [*django, f"--settings={SETTINGS}"])


def _present(tree: Tree) -> list[str]:
    return [path.relative_to(tree.root).as_posix() for name in _CODE for path in sorted(tree.root.glob(name))]


def tool(name: str) -> str:
    """A program of the environment this runs in."""
    return str(Path(sys.executable).with_name(name))


def _run(tree: Tree, command: list[str]) -> list[Finding]:
    """Findings a program prints as `path:line: sentence`; any other failure is one finding with its words."""
    plain = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}
    try:
        done = subprocess.run(  # noqa: S603 (the commands are the ones written above)
            command, cwd=tree.root, env=plain, capture_output=True, text=True, check=False
        )
    except OSError as problem:
        return [Finding("", 0, f"{Path(command[0]).name} could not be started: {problem.strerror}")]
    if done.returncode == 0:
        return []
    found = [_PLACE.match(line) for line in done.stdout.splitlines()]
    places = [match for match in found if match and not match["message"].startswith("note: ")]
    if places:
        return [Finding(match["path"], int(match["line"]), match["message"]) for match in places]
    said = (done.stdout + done.stderr).strip()
    if "Traceback (most recent call last)" in said:
        said = said.splitlines()[-1]
    name = command[2] if command[1] == "-m" else Path(command[0]).name
    return [Finding("", 0, f"{name} ended with code {done.returncode}: {said}")]
