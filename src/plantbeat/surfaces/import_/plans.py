"""What an import would do: its sheets, their rows and the fate of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Text
from plantbeat.surfaces.import_.columns import REASON, Layout, folded
from plantbeat.surfaces.import_.reading import Table

CREATE, UPDATE, SAME, BAD = "create", "update", "same", "bad"
FATES = (CREATE, UPDATE, SAME, BAD)


@dataclass(slots=True, eq=False)
class RowPlan:
    """One row of a sheet and what would become of it; `values` are those that would be written."""

    part: Part
    row: int
    cells: list[Any]
    fate: str = SAME
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    record: Any = None
    owner: RowPlan | None = None
    lines: dict[str, list[RowPlan]] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()

    def given(self) -> set[str]:
        """Columns the row has something in."""
        return {name for name, place in self.part.places.items() if str(self.cells[place]).strip()}

    def problem(self, message: Text, name: str = "", value: Any = None, allowed: Text = "") -> Problem:
        """A problem of the row with its place; the column is called as in the file."""
        part = self.part
        column = part.layout.columns.get(name) or part.layout.columns.get(
            part.layout.owner_columns().get(name, "")
        )
        place = part.places.get(column.name) if column else None
        title = part.table.header[place] if place is not None else column.title if column else ""
        if value is None and place is not None:
            value = self.cells[place]
        allowed = allowed or (column.allowed() if column else "")
        return Problem(message, name, value, allowed, part.table.name, self.row, title)


@dataclass(eq=False)
class Part:
    """One sheet as it is read: which column is which field, and what is assumed where nothing is given.

    `owners` are records that the sheet's lines belong to and that have no row of their own; `faults` concern
    the sheet as a whole; `gone` counts the lines that are there and not in the file.
    """

    layout: Layout
    table: Table
    mapping: dict[str, str]
    defaults: dict[str, str] = field(default_factory=dict)
    rows: list[RowPlan] = field(default_factory=list)
    owners: list[RowPlan] = field(default_factory=list)
    faults: list[Problem] = field(default_factory=list)
    gone: int = 0

    @cached_property
    def places(self) -> dict[str, int]:
        """Column name → place in the row."""
        return {name: self.table.header.index(title) for title, name in self.mapping.items()}

    @property
    def ignored(self) -> list[str]:
        """Titles of the columns that are left out."""
        passed_over = folded(str(REASON))
        titles = [title for title in self.table.header if title and title not in self.mapping]
        return [title for title in titles if folded(title) != passed_over]

    def unread(self) -> list[str]:
        """Fields that the sheet has no column for; lines that are there keep what they have in them."""
        return [
            name for name, one in self.layout.columns.items() if name not in self.places and not one.owner
        ]

    def counts(self) -> dict[str, int]:
        """How many rows share a fate."""
        found = Counter(row.fate for row in self.rows)
        return {fate: found.get(fate, 0) for fate in FATES}

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the sheet, then with its rows in file order."""
        yield from self.faults
        for row in self.rows:
            yield from row.problems


@dataclass(slots=True)
class Plan:
    """All sheets of a file and what would become of their rows."""

    parts: list[Part]
    site: Site | None

    def counts(self) -> dict[str, int]:
        """How many rows share a fate, over all sheets."""
        totals = Counter[str]()
        for part in self.parts:
            totals.update(part.counts())
        return {fate: totals.get(fate, 0) for fate in FATES}

    def problems(self) -> list[Problem]:
        """Every problem, sheet by sheet in file order."""
        return [problem for part in self.parts for problem in part.problems()]
