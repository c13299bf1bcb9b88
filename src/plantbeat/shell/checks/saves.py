"""One write path: rows change through `act()` and `facts.append()` only, so that every change is logged.

The check reads syntax, not types. It takes something for a query or a manager when its text says so
(`Model.objects`, `.filter(...)`, `visible(...)`, `x_set`, a related name declared in the package, or a
variable bound to one of these), and it takes `.save()` and `.delete()` for a record's when they are called
as a record's are, without a file or a key.
"""

import ast
import re
from collections.abc import Iterator

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.imported import imported_names
from plantbeat.shell.checks.reads import MANAGERS
from plantbeat.shell.checks.tree import PACKAGE, Tree

WRITING_ROOMS = (PACKAGE + "kernel/", PACKAGE + "facts/")

_ONLY_MANAGERS_HAVE = {
    "bulk_create",
    "bulk_update",
    "create_superuser",
    "create_user",
    "get_or_create",
    "update_or_create",
}
_ON_RELATED = {"add", "clear", "remove", "set"}
_QUERY_METHODS = {
    "all",
    "annotate",
    "defer",
    "distinct",
    "exclude",
    "filter",
    "get_queryset",
    "only",
    "order_by",
    "prefetch_related",
    "select_for_update",
    "select_related",
    "visible",
}
_QUERY_NAMES = {"manager", "qs", "queryset"}
_RECORD_ARGUMENTS = {
    "save": {"commit", "force_insert", "force_update", "update_fields", "using"},
    "delete": {"keep_parents", "using"},
}
_SQL_METHODS = {"execute", "executemany", "executescript"}
_SQL_WRITE = re.compile(
    r"\s*(?:WITH\b.*?\b)?(?:INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|ALTER|DROP|CREATE)\b",
    re.IGNORECASE | re.DOTALL,
)


def writes_past_act(tree: Tree) -> list[Finding]:
    """Writes to the plant's database outside the kernel, the facts and migrations."""
    related = _related_names(tree)
    findings = []
    for path in tree.python(PACKAGE):
        if not path.startswith(WRITING_ROOMS):
            reader = _Reader(tree.parsed(path), related)
            findings += [Finding(path, line, message) for line, message in reader.writes()]
    return sorted(set(findings))


def _related_names(tree: Tree) -> set[str]:
    """Names of managers of related rows: every related_name and many-to-many field of the package."""
    names = set()
    for path in tree.python(PACKAGE):
        for node in ast.walk(tree.parsed(path)):
            if isinstance(node, ast.keyword) and node.arg == "related_name":
                if isinstance(node.value, ast.Constant):
                    names.add(str(node.value.value))
            elif isinstance(node, ast.Assign) and _is_many_to_many(node.value):
                names.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return names


def _is_many_to_many(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and ast.unparse(value.func).endswith("ManyToManyField")


class _Reader:
    """The writes of one module."""

    def __init__(self, module: ast.Module, related: set[str]) -> None:
        self.module = module
        self.related = related
        self.uses_database = any(name.startswith("django.db") for name in imported_names(module).values())
        self.texts = self._bound_texts()
        self.queries: set[str] = set()

    def writes(self) -> Iterator[tuple[int, str]]:
        yield from self._writes_in(self.module)

    def _writes_in(self, scope: ast.AST) -> Iterator[tuple[int, str]]:
        """Writes of a module or function; names bound to queries count within their own function only."""
        outer = self.queries
        self.queries = outer | self._bound_queries(scope)
        for node in _own_nodes(scope):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from self._writes_in(node)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                message = self._write(node, node.func)
                if message:
                    yield node.lineno, message
        self.queries = outer

    def _write(self, call: ast.Call, method: ast.Attribute) -> str:
        """Sentence about the write this call does, "" if it does none."""
        name = method.attr.removeprefix("a") if method.attr not in {"add", "all"} else method.attr
        owner = method.value
        wrote = (
            name in _ONLY_MANAGERS_HAVE
            or (name in _RECORD_ARGUMENTS and self._as_on_record(call, name, owner))
            or (name in {"create", "update", "delete"} and self._is_query(owner) and not _positional(call))
            or (name in _ON_RELATED and isinstance(owner, ast.Attribute) and self._is_related(owner))
        )
        if wrote:
            shown = f"{ast.unparse(owner)}.{method.attr}()".replace("\n", " ")
            return f"{shown} writes past act(): no permission, no guard, no log"
        if name in _SQL_METHODS and self.uses_database and call.args:
            return self._sql_write(call.args[0], owner)
        return ""

    @staticmethod
    def _as_on_record(call: ast.Call, name: str, owner: ast.expr) -> bool:
        """Whether save() or delete() is called as on a record or form: without a file, path or key."""
        if ast.unparse(owner).endswith("session"):  # the sign-in session is not a record
            return False
        given = {keyword.arg for keyword in call.keywords if keyword.arg}
        return not _positional(call) and given <= _RECORD_ARGUMENTS[name]

    def _sql_write(self, statement: ast.expr, owner: ast.expr) -> str:
        text = self._text(statement)
        if text is None:
            unread = "cursor" in ast.unparse(owner).lower()
            return (
                "SQL that is put together elsewhere cannot be checked; write it here as text"
                if unread
                else ""
            )
        if _SQL_WRITE.match(text):
            return f"SQL {text.split()[0].upper()} writes past act(): no permission, no guard, no log"
        return ""

    def _text(self, node: ast.expr) -> str | None:
        """The text this expression begins with, None if the module does not show it."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.JoinedStr):
            return self._text(node.values[0]) if node.values else ""
        if isinstance(node, ast.BinOp):
            return self._text(node.left)
        if isinstance(node, ast.Name):
            return self.texts.get(node.id)
        return None

    def _bound_texts(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        self.texts = texts
        for names, value in _assignments(ast.walk(self.module)):
            text = self._text(value)
            if text is not None:
                texts.update(dict.fromkeys(names, text))
        return texts

    def _bound_queries(self, scope: ast.AST) -> set[str]:
        """Names that this scope binds to a query."""
        found: set[str] = set()
        assignments = list(_assignments(_own_nodes(scope)))
        before = self.queries
        for _ in range(2):  # twice, for a name bound to a name bound to a query
            self.queries = before | found
            for names, value in assignments:
                if self._is_query(value):
                    found.update(names)
        self.queries = before
        return found

    def _is_query(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self.queries or node.id in _QUERY_NAMES
        if isinstance(node, ast.Attribute):
            return node.attr in MANAGERS or self._is_related(node)
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Attribute):
                return node.func.attr in _QUERY_METHODS
            return isinstance(node.func, ast.Name) and node.func.id == "visible"
        return isinstance(node, ast.Subscript) and self._is_query(node.value)

    def _is_related(self, node: ast.Attribute) -> bool:
        return node.attr in self.related or node.attr.endswith("_set")


def _positional(call: ast.Call) -> bool:
    return any(not isinstance(argument, ast.Starred) for argument in call.args)


def _assignments(nodes: Iterator[ast.AST]) -> Iterator[tuple[list[str], ast.expr]]:
    """Names and value of each plain assignment among these nodes."""
    for node in nodes:
        if isinstance(node, ast.Assign):
            yield [target.id for target in node.targets if isinstance(target, ast.Name)], node.value
        elif (
            isinstance(node, ast.AnnAssign | ast.NamedExpr)
            and node.value
            and isinstance(node.target, ast.Name)
        ):
            yield [node.target.id], node.value


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Nodes of a scope without those inside its functions (the functions themselves are among them)."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            waiting.extend(ast.iter_child_nodes(node))
