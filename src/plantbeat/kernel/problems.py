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
    """One fault of one value: where it is, what was wrong, what is allowed.

    `place` is the record's among those written at once, counted from 1.
    """

    message: Text
    field: str = ""
    value: Any = None
    allowed: Text = ""
    sheet: str = ""
    row: int | None = None
    column: str = ""
    place: int | None = None

    def in_batch(self) -> Problem:
        """The same problem with the record's place as its row; a line of it joins the sheet's name."""
        sheet = f"{self.sheet} {self.row}" if self.row else self.sheet
        return replace(self, row=self.place, sheet=sheet) if self.place else self

    def as_dict(self) -> dict[str, Any]:
        """Plain form for JSON; only what is known."""
        names = ("sheet", "row", "column", "field", "value", "message", "allowed")
        known = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        texts = {name: one if name == "row" else str(one) for name, one in known.items()}
        return {name: text for name, text in texts.items() if text != ""}

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row else ""
        place = ", ".join(part for part in (self.sheet, row, self.column or self.field) if part)
        said = f"{place}: {self.message}" if place else str(self.message)
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
