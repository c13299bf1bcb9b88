"""What is wrong, said once for forms, the API, imports and the command line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise

Text = str | Promise


class Kind(StrEnum):
    """Why a write was refused; each door translates it to its own language (HTTP status, exit code)."""

    invalid = "invalid"
    forbidden = "forbidden"
    state = "state"
    conflict = "conflict"
    missing = "missing"
    signature = "signature"
    busy = "busy"
    full = "full"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of one value: where it is, what was wrong, what is allowed."""

    message: Text
    field: str = ""
    value: Any = None
    allowed: Text = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""

    def at(self, *, sheet: str = "", row: int | None = None, column: str = "") -> Problem:
        """The same problem with its place in a file."""
        return replace(self, sheet=sheet, row=row, column=column)

    def as_dict(self) -> dict[str, Any]:
        """Plain form for JSON; only what is known."""
        shown = {
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "field": self.field,
            "value": None if self.value is None else str(self.value),
            "message": str(self.message),
            "allowed": str(self.allowed),
        }
        return {name: value for name, value in shown.items() if value not in ("", None)}

    def __str__(self) -> str:
        place = [
            p for p in (self.sheet, f"row {self.row}" if self.row else "", self.column or self.field) if p
        ]
        said = f"{', '.join(place)}: {self.message}" if place else str(self.message)
        return f"{said} ({self.allowed})" if self.allowed else said


class Refused(Exception):  # noqa: N818  (a refusal is an answer, not an error of the program)
    """A write that did not happen; nothing was changed."""

    def __init__(self, problems: Problem | Text | Iterable[Problem], kind: Kind = Kind.invalid) -> None:
        if isinstance(problems, Problem):
            problems = [problems]
        elif isinstance(problems, str | Promise):
            problems = [Problem(problems)]
        self.problems = list(problems)
        self.kind = kind
        super().__init__("; ".join(str(problem) for problem in self.problems))
