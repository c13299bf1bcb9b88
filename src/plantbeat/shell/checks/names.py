"""A module is named after what it holds; a name that fits everything holds everything in the end."""

import re
from pathlib import PurePosixPath

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

_EMPTY = re.compile(r"(^|_)(utils?|helpers?|commons?|managers?|misc)(_|$)")


def module_names(tree: Tree) -> list[Finding]:
    """Modules and folders of Python code whose name says nothing about their content."""
    findings = set()
    for path in tree.python("src/", "tests/", "benchmarks/"):
        pure = PurePosixPath(path)
        for part in (*pure.parts[:-1], pure.stem):
            if _EMPTY.search(part):
                findings.add(Finding(path, 0, f'"{part}" says nothing; name the module after what it holds'))
    return sorted(findings)
