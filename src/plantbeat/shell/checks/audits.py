"""Known vulnerabilities of what the locks name, asked of the public services by pip-audit and npm."""

import json
import re
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.programs import tool
from plantbeat.shell.checks.tree import Tree

TIMEOUT_S = 10
PATIENCE_S = 600
PYPI = ("--vulnerability-service", "pypi")
_AWAY = re.compile(r"requests\.exceptions\.|ConnectionError|ServiceError|Could not connect|ECONN|ENOTFOUND")


def vulnerabilities(tree: Tree) -> list[Finding]:
    """pip-audit over uv.lock and npm audit over web/package-lock.json, if their services answer."""
    return [*python_packages(tree), *_npm_packages(tree)]


def python_packages(tree: Tree, service: tuple[str, ...] = PYPI) -> list[Finding]:
    """What pip-audit knows of the versions in uv.lock; a note where its service gives no answer."""
    if not tree.exists("uv.lock"):
        return [Finding("uv.lock", 0, "is missing; make it with `uv lock`")]
    told: list[dict[str, Any]] = []
    for batch in _batches(tree.text("uv.lock")):
        answer = _asked(batch, service)
        if isinstance(answer, Finding):
            return [answer]
        told += answer
    unknown = [one["name"] for one in told if "skip_reason" in one]
    found = [
        Finding("uv.lock", 0, f"{one['name']} {one['version']}: {_sentence(hole)}")
        for one in told
        for hole in one.get("vulns", [])
    ]
    if told and len(unknown) == len(told):
        found.append(_note("uv.lock", f"not audited: the service knows none of its {len(told)} packages"))
    elif unknown:
        found.append(_note("uv.lock", f"not audited, unknown to the service: {', '.join(unknown)}"))
    return found


def _note(path: str, message: str) -> Finding:
    return replace(Finding(path, 0, message), is_note=True)


def _sentence(hole: dict[str, Any]) -> str:
    fixed = ", ".join(hole["fix_versions"])
    return f"{hole['id']}; {f'fixed in {fixed}' if fixed else 'no version fixes it yet'}"


def _batches(lock: str) -> Iterator[list[str]]:
    """Locked packages from PyPI as `name==version`, each name once in a batch."""
    left = [
        (package["name"], package["version"])
        for package in tomllib.loads(lock).get("package", [])
        if "registry" in package.get("source", {})
    ]
    while left:
        batch = dict(reversed(left))
        yield [f"{name}=={version}" for name, version in sorted(batch.items())]
        left = [pair for pair in left if batch[pair[0]] != pair[1]]


def _asked(packages: list[str], service: tuple[str, ...]) -> list[dict[str, Any]] | Finding:
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "locked.txt"
        listed.write_text("\n".join(packages), encoding="utf-8")
        exact = ["--requirement", str(listed), "--no-deps", "--disable-pip"]
        told = ["--format", "json", "--progress-spinner", "off", "--timeout", str(TIMEOUT_S)]
        out, said, code = _run([tool("pip-audit"), *exact, *told, *service], Path(folder))
    try:
        return list(json.loads(out)["dependencies"])
    except (ValueError, KeyError, TypeError):
        return _no_answer("uv.lock", "pip-audit", said, code)


def _npm_packages(tree: Tree) -> list[Finding]:
    lock = "web/package-lock.json"
    npm = shutil.which("npm")
    if not tree.exists(lock):
        return []
    if npm is None:
        return [_note(lock, "not audited: npm is not installed")]
    out, said, code = _run([npm, "audit", "--package-lock-only", "--json"], tree.root / "web")
    try:
        told = json.loads(out)
        found: dict[str, dict[str, Any]] = told["vulnerabilities"]
    except (ValueError, KeyError, TypeError):
        return [_no_answer(lock, "npm audit", _message(out) or said, code, away="audit endpoint" in said)]
    return [
        Finding(lock, 0, f"{name} {about['range']}: {about['severity']} vulnerability")
        for name, about in sorted(found.items())
    ]


def _message(out: str) -> str:
    """What npm says went wrong, in one line."""
    try:
        return str(json.loads(out)["message"])
    except (ValueError, KeyError, TypeError):
        return ""


def _no_answer(lock: str, program: str, said: str, code: int, *, away: bool = False) -> Finding:
    """A note where the service could not be reached, a finding where the program itself failed."""
    lines = said.strip().splitlines()
    last = lines[-1].strip() if lines else f"code {code}"
    if away or _AWAY.search(said):
        return _note(lock, f"not audited: {program} could not reach its service ({last[:200]})")
    return Finding(lock, 0, f"{program} ended with code {code}: {last}")


def _run(command: list[str], folder: Path) -> tuple[str, str, int]:
    try:
        done = subprocess.run(  # noqa: S603 (the commands are the ones written above)
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        return "", f"ConnectionError: no answer in {PATIENCE_S} s", 1
    except OSError as problem:
        return "", f"{Path(command[0]).name} could not be started: {problem.strerror}", 1
    return done.stdout, done.stderr, done.returncode
