"""The reference page of problem and plan files, and their JSON Schemas, read off the tables of the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from reference_words import first_paragraph, page, prose, table, title

if TYPE_CHECKING:
    from plantbeat.engine.schedule.formats.json_kinds import Record

PAGE = "schedule-files.md"
ABOUT_JSON = """
An object of named things. Whole numbers are JSON numbers without a point; names are any text. Keys that are
not in these tables are refused, and so is a key that is given twice. Everything wrong is named at once, up to
a hundred faults: what is not as the tables say by its place, such as `$.orders[3].due`, the rest by order,
step and machine. `formats.to_json(problem)` writes it, and reading it again gives the same problem.
"""


def schedule_file_pages() -> dict[str, str]:
    """The page and the two schemas by file name."""
    from plantbeat.engine.schedule.formats.json_fields import DOCUMENT, FORMAT
    from plantbeat.engine.schedule.formats.plan import FORMAT as PLAN_FORMAT
    from plantbeat.engine.schedule.formats.plan import PLAN

    return {
        PAGE: page([*_head(), *_described(FORMAT, ABOUT_JSON, DOCUMENT), *_described(PLAN_FORMAT, "", PLAN)]),
        schema_name(FORMAT): _schema(DOCUMENT),
        schema_name(PLAN_FORMAT): _schema(PLAN),
    }


def schema_name(kind: str) -> str:
    """File name of the JSON Schema of a format."""
    return f"{kind}.schema.json"


def _schema(record: Record) -> str:
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | record.schema(), ensure_ascii=False, indent=2) + "\n"


def _head() -> Iterator[str]:
    from plantbeat.engine.schedule import formats

    yield from (
        "# Problem and plan files",
        "",
        "[`plantbeat schedule solve`](commands.md#plantbeat-schedule-solve) and",
        "[`plantbeat schedule check`](commands.md#plantbeat-schedule-check) read these formats; in Python",
        "`formats.read(text, format)` of `plantbeat.engine.schedule` does.",
        "",
    )
    rows = (
        (f"`{name}`", first_paragraph(reader.__doc__))
        for name, reader in formats.FORMATS.items()
        if name != formats.OWN_FORMAT
    )
    yield from table(("Format", "What stands in a file"), rows)
    yield from (
        "",
        "In all of them numbers are whole and separated by spaces, blank lines do not count, machines never",
        "close and every job is there at minute 0. The makespan counts, in `tt-pfsp` the total tardiness.",
    )


def _described(name: str, about: str, record: Record) -> Iterator[str]:
    yield from ("", f"## {name}", "", f"JSON Schema: [{schema_name(name)}]({schema_name(name)}).")
    if about:
        yield from ("", prose(about))
    seen = set()
    for part in record.records():
        if part.title in seen:
            continue
        seen.add(part.title)
        rows = (
            (
                f"`{field.name}`",
                field.says,
                field.kind.allowed,
                field.default if field.default else "required",
            )
            for field in part.fields
        )
        yield from ("", f"### {title(part.title)}", "", part.says, "")
        yield from table(("Key", "What it says", "Allowed", "Left out"), rows)
