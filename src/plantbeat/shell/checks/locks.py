"""Locks name the public registries only: a mirror's address in them would fail on every other machine."""

import json
import re

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

_SOURCE = re.compile(r'\b(?:registry|url|git|path)\s*=\s*"([^"]*)"')
_PUBLIC = ("https://pypi.org/simple", "https://files.pythonhosted.org/packages/")


def lock_hosts(tree: Tree) -> list[Finding]:
    """Addresses in uv.lock beside PyPI, and any address to fetch from in web/package-lock.json."""
    return [*_uv_lock(tree), *_npm_lock(tree)]


def _uv_lock(tree: Tree) -> list[Finding]:
    if not tree.exists("uv.lock"):
        return [Finding("uv.lock", 0, "is missing; make it with `uv lock`")]
    return [
        Finding(
            "uv.lock", number, f"{source} is not PyPI; lock without a mirror (`uv lock --default-index ...`)"
        )
        for number, line in enumerate(tree.text("uv.lock").splitlines(), 1)
        for source in _SOURCE.findall(line)
        if not source.startswith(_PUBLIC)
    ]


def _npm_lock(tree: Tree) -> list[Finding]:
    lock = "web/package-lock.json"
    if not tree.exists("web/package.json"):
        return []
    if not tree.exists(lock):
        return [Finding(lock, 0, "is missing; make it with `npm install --package-lock-only`")]
    try:
        packages = json.loads(tree.text(lock)).get("packages", {})
    except json.JSONDecodeError as problem:
        return [Finding(lock, problem.lineno, f"is not JSON: {problem.msg}")]
    return [
        Finding(
            lock, 0, f"{name} names its address; write the lock with omit-lockfile-registry-resolved=true"
        )
        for name, package in packages.items()
        if str(package.get("resolved", "")).startswith(("http:", "https:", "git"))
    ]
