"""Files, functions and the two generic rooms stay small enough to read in one go."""

import ast
from pathlib import PurePosixPath

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

FILE_LINES = 400
FUNCTION_LINES = 50
KERNEL_FUNCTION_LINES = 150
GENERIC_ROOMS = (PACKAGE + "kernel/", PACKAGE + "surfaces/")
GENERIC_LINES = 6_000


def file_sizes(tree: Tree) -> list[Finding]:
    """Python files of the package over 400 lines, migrations apart."""
    findings = []
    for path in tree.python(PACKAGE):
        lines = len(tree.text(path).splitlines())
        if lines > FILE_LINES:
            findings.append(Finding(path, 0, f"{lines} lines; a file has at most {FILE_LINES}"))
    return findings


def function_sizes(tree: Tree) -> list[Finding]:
    """Functions over 50 lines (150 in `_kernels.py`); docstring and blank lines do not count."""
    findings = []
    for path in tree.python(PACKAGE):
        limit = KERNEL_FUNCTION_LINES if PurePosixPath(path).name == "_kernels.py" else FUNCTION_LINES
        lines = tree.text(path).splitlines()
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = _body_lines(node, lines)
                if length > limit:
                    message = f"{node.name}() has {length} lines; a function has at most {limit}"
                    findings.append(Finding(path, node.lineno, message))
    return findings


def _body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> int:
    first = function.body[0]
    begin = first.lineno - 1
    if ast.get_docstring(function, clean=False) is not None:
        begin = first.end_lineno or first.lineno
    return sum(bool(line.strip()) for line in lines[begin : function.end_lineno])


def generic_rooms(tree: Tree) -> list[Finding]:
    """Kernel and surfaces together at most 6,000 lines: what one record needs stays with that record."""
    total = sum(len(tree.text(path).splitlines()) for path in tree.python(*GENERIC_ROOMS, migrations=True))
    if total <= GENERIC_LINES:
        return []
    return [Finding("", 0, f"kernel and surfaces have {total} lines together; at most {GENERIC_LINES}")]
