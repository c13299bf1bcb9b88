"""One clock: only `plantbeat.kernel.clock` may ask what time it is, so that the demo and tests can set it."""

import ast

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.imported import full_name, imported_names
from plantbeat.shell.checks.tree import PACKAGE, Tree

CLOCK = PACKAGE + "kernel/clock.py"

_ALWAYS_NOW = {
    "datetime.date.today",
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "django.db.models.functions.Now",
    "django.utils.timezone.now",
    "time.time",
    "time.time_ns",
}
# These read the clock only when called with fewer than this many arguments.
_NOW_BELOW = {
    "django.utils.timezone.localdate": 1,
    "django.utils.timezone.localtime": 1,
    "time.asctime": 1,
    "time.ctime": 1,
    "time.gmtime": 1,
    "time.localtime": 1,
    "time.strftime": 2,
}


def wall_clock(tree: Tree) -> list[Finding]:
    """Readings of the wall clock outside kernel/clock.py (a stopwatch, `perf_counter`, is fine)."""
    findings = []
    for path in tree.python(PACKAGE):
        if path == CLOCK:
            continue
        module = tree.parsed(path)
        names = imported_names(module)
        for node in ast.walk(module):
            reading = _reading(node, names)
            if reading:
                message = f"{reading} reads the wall clock; ask plantbeat.kernel.clock.now()"
                findings.append(Finding(path, getattr(node, "lineno", 0), message))
    return findings


def _reading(node: ast.AST, names: dict[str, str]) -> str:
    """How this node reads the clock, "" if it does not."""
    if isinstance(node, ast.keyword):
        automatic = node.arg in {"auto_now", "auto_now_add"}
        return f"{node.arg}=" if automatic and not _is_false(node.value) else ""
    if isinstance(node, ast.Call):
        name = full_name(node.func, names)
        given = len(node.args) + len(node.keywords)
        return f"{name}()" if given < _NOW_BELOW.get(name, 0) else ""
    if isinstance(node, ast.Name | ast.Attribute):
        name = full_name(node, names)
        return name if name in _ALWAYS_NOW else ""
    return ""


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value
