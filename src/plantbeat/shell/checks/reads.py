"""One read door: `visible(Model, by)` applies site, role and privacy, a bare manager applies none of them."""

import ast
from pathlib import PurePosixPath

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

MANAGERS = {"objects", "_default_manager", "_base_manager"}
OPEN_ROOMS = (PACKAGE + "kernel/", PACKAGE + "facts/")


def bare_managers(tree: Tree) -> list[Finding]:
    """`Model.objects` outside the kernel, the facts and the areas' `actions.py`."""
    findings = []
    for path in tree.python(PACKAGE):
        if path.startswith(OPEN_ROOMS) or PurePosixPath(path).name == "actions.py":
            continue
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.Attribute) and node.attr in MANAGERS:
                read = f"{ast.unparse(node.value)}.{node.attr}"
                message = f"{read} shows every row to everyone; read through visible(Model, by)"
                findings.append(Finding(path, node.lineno, message))
    return findings
