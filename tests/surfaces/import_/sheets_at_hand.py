"""The usual way from a file to a plan, and from a plan to the plant."""

from __future__ import annotations

from plantbeat.areas.plant.workbook import Reading, read_book
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.import_.columns import Plan
from plantbeat.surfaces.import_.loading import Loaded, load, rehearse
from plantbeat.surfaces.import_.planning import plan
from workbooks import Sheets, xlsx


def planned(sheets: Sheets, site: Site, by: Actor, reading: Reading | None = None) -> Plan:
    """What loading these sheets would do."""
    made = plan(read_book(xlsx(sheets), "plant.xlsx", by, reading).parts, by, site)
    rehearse(made, by)
    return made


def loaded(made: Plan, by: Actor, *, good_rows_only: bool = False) -> Loaded:
    """Load a plan as the doors do."""
    return load(made, by, good_rows_only=good_rows_only, source="plant.xlsx", reason="import of plant.xlsx")


def places(made: Plan) -> list[tuple[str, int | None, str]]:
    """Sheet, row and column of every problem."""
    return [(problem.sheet, problem.row, problem.column) for problem in made.problems()]
