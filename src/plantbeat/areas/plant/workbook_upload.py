"""A plant workbook sent by somebody: planned at once if it is small, by the worker if it is large.

The upload's folder keeps what was found and how far the loading has come, so that any process may look.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.plant.workbook import read_book, record_types, report
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.surfaces.export.workbook import refused_rows
from plantbeat.surfaces.import_.columns import Plan
from plantbeat.surfaces.import_.loading import Loaded, load, rehearse
from plantbeat.surfaces.import_.pages import Upload
from plantbeat.surfaces.import_.planning import plan

PURPOSE = "plant workbook"
LARGE = 300_000
"""Bytes of a file that the worker handles: about 5,000 rows."""

SHOWN = 200
REFUSED_ROWS = "refused.xlsx"
PLANNING, PLANNED, LOADING, LOADED, REFUSED = "planning", "planned", "loading", "loaded", "refused"


def is_large(upload: Upload) -> bool:
    """True if the file is better read by the worker than while somebody waits."""
    return (upload.folder / "content").stat().st_size > LARGE


def note(upload: Upload, state: Mapping[str, Any]) -> None:
    """Store how far the work on the file has come, for whoever looks, in one piece."""
    fresh = upload.folder / "state.new"
    fresh.write_text(json.dumps(state), encoding="utf-8")
    fresh.replace(upload.folder / "state.json")


def noted(upload: Upload) -> dict[str, Any]:
    """What was noted last; empty before."""
    kept = upload.folder / "state.json"
    return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept.is_file() else {}


def may_load(by: Actor, site: Site) -> bool:
    """True if the actor may create any kind of record of the workbook at the site."""
    return any(by.holds(model.access.create, site.pk) for model in record_types())


def found_in(upload: Upload, by: Actor) -> tuple[Plan, dict[str, Any]]:
    """Read the file and say what would happen. Raises `Refused` if it cannot be used."""
    site = upload.site(by)
    if site is None or not may_load(by, site):
        raise Refused(_("your role does not allow loading a workbook here"))
    with upload.open() as content:
        book = read_book(content, upload.file_name, by)
    planned = plan(book.parts, by, site)
    rehearse(planned, by)
    told = report(book, planned)
    return planned, {**told, "problem_count": len(told["problems"]), "problems": told["problems"][:SHOWN]}


def prepare(upload: Upload, by: Actor) -> None:
    """The worker's first turn: note what would happen, and keep the refused rows for download."""
    with _faults_noted(upload):
        planned, told = found_in(upload, by)
        if told["problem_count"]:
            (upload.folder / REFUSED_ROWS).write_bytes(refused_rows(planned))
        note(upload, {"phase": PLANNED, "report": told})


def load_upload(upload: Upload, by: Actor, *, good_rows_only: bool) -> Loaded:
    """Write the file's rows; how many are written is noted as it goes. Raises `Refused`."""
    planned, told = found_in(upload, by)
    counts = planned.counts()
    whole = counts["create"] + counts["update"]

    def progress(rows: int) -> None:
        note(upload, {"phase": LOADING, "report": told, "done": rows, "whole": whole})

    return load(planned, by, source=upload.file_name, good_rows_only=good_rows_only, progress=progress)


def finish(upload: Upload, by: Actor, *, good_rows_only: bool) -> None:
    """The worker's second turn: load the file and note how it ended."""
    with _faults_noted(upload):
        loaded = load_upload(upload, by, good_rows_only=good_rows_only)
        note(upload, {"phase": LOADED, "import": loaded.import_id, "counts": loaded.counts})


@contextmanager
def _faults_noted(upload: Upload) -> Iterator[None]:
    """Whoever waits for the worker learns why it did not finish."""
    try:
        yield
    except Refused as refused:
        problems = [problem.as_dict() for problem in refused.problems[:SHOWN]]
        note(upload, {"phase": REFUSED, "problems": problems})
    except BaseException:
        fault = Problem(_("the work on the file broke off; its log says why"), sheet=upload.file_name)
        note(upload, {"phase": REFUSED, "problems": [fault.as_dict()]})
        raise
