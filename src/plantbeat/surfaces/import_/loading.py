"""Does what a plan says: small files in one transaction, large ones in chunks that are taken back on a fault.

No write transaction may hold the database for long. A large file is therefore written in chunks under one
import id (the request id of its rows in the log); others write in between. If a chunk fails, those before it
are undone by logged acts. A file whose loading was cut off is loaded again or taken back by its import id.
"""

from __future__ import annotations

import gc
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby, islice
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from plantbeat.facts.disk import require_room
from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.log import Change
from plantbeat.kernel.permission import CREATE, EDIT, REMOVE
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import changes_under, latest_changes, names_of_records
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import keyed_fields, parsed
from plantbeat.kernel.writing import writing
from plantbeat.surfaces.import_.columns import SAME, UPDATE, Plan, RowPlan, keep_assumptions
from plantbeat.surfaces.import_.planning import spread

ONE_TRANSACTION = 1_500
"""Most rows written in one transaction."""

AIM_S, FIRST, FEWEST, MOST = 0.25, 100, 25, 4_000
TURN_S = 0.12
"""Pause between chunks: who waits for SQLite's one writer looks again every tenth of a second."""
MOST_REASON = 300
Step = Callable[[], None]
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What an import did, and the id under which the log holds it."""

    import_id: str
    counts: dict[str, int]


def load(
    plan: Plan,
    by: Actor,
    *,
    good_rows_only: bool,
    source: str,
    reason: str = "",
    progress: Progress = lambda _rows: None,
) -> Loaded:
    """Write the plan. With refused rows it refuses, unless told to leave them out.

    `source` is the file, as assumptions and the log name it; `progress` is told after each chunk how many
    rows are written. Raises `Refused`; then nothing has changed.
    """
    counts = plan.counts()
    if not good_rows_only and (problems := plan.problems()):
        raise Refused(problems)
    require_room()
    by = by.under(by.request_id or secrets.token_hex(8))
    loader = _Loader(plan, by, source, reason or _("import of %s") % source)
    if counts[CREATE] + counts[UPDATE] <= ONE_TRANSACTION:
        with writing():
            loader.run()
    else:
        _in_chunks(loader, progress)
    return Loaded(by.request_id, counts)


class _Rehearsed(Exception):  # noqa: N818  (no error: it takes the rehearsal back)
    """All steps went well."""


def rehearse(plan: Plan, by: Actor) -> None:
    """Write the good rows of a plan of normal size and take that back at once.

    Some rules can only be asked of the database; what they refuse joins the plan's problems. A larger plan
    is left as it is: its loading finds such rows and undoes itself.
    """
    while 0 < plan.counts()[CREATE] + plan.counts()[UPDATE] <= ONE_TRANSACTION:
        loader = _Loader(plan, by, "rehearsal", "rehearsal")
        try:
            with writing():
                loader.run()
                raise _Rehearsed
        except _Rehearsed:
            return
        except Refused:
            if not loader.refused:
                raise
            for row, problem in loader.refused:
                row.problems.append(problem)
            spread(plan)


def _in_chunks(loader: _Loader, progress: Progress) -> None:
    # A garbage collection would walk over the whole plan, for a second or more, while others wait to write.
    gc.freeze()
    try:
        for step in loader.steps():
            require_room()
            with writing():
                started = time.perf_counter()
                step()
            pace = AIM_S / max(time.perf_counter() - started, 0.001)
            if connection.vendor == "sqlite":
                time.sleep(TURN_S)
            loader.size = min(MOST, max(FEWEST, int(loader.size * min(pace, 2))))
            progress(loader.done)
    except BaseException as fault:
        left = take_back(loader.by.request_id, loader.by, reason=f"{loader.reason}: {fault}"[:MOST_REASON])
        if left:
            raise Refused([*getattr(fault, "problems", [Problem(str(fault))]), *left]) from fault
        raise
    finally:
        gc.unfreeze()


@dataclass(slots=True)
class _Loader:
    """Cuts a plan into steps, each small enough for a transaction of its own."""

    plan: Plan
    by: Actor
    source: str
    reason: str
    size: int = field(default_factory=lambda: FIRST)
    done: int = 0
    saved: dict[Record, Record] = field(default_factory=dict)
    pending: set[Record] = field(default_factory=set)
    later: dict[RowPlan, dict[str, Record]] = field(default_factory=dict)
    refused: list[tuple[RowPlan, Problem]] = field(default_factory=list)

    def run(self) -> None:
        """Everything at once."""
        for step in self.steps():
            step()

    def steps(self) -> Iterator[Step]:
        """Every step in the order it must be done; the next is cut when the one before is done."""
        parts = [(part, part.owners if part.layout.line else part.rows) for part in self.plan.parts]
        written = [row for _part, rows in parts for row in rows if row.fate in (CREATE, UPDATE)]
        self.pending = {row.record for row in written}
        for _part, rows in parts:
            for level in _levels([row for row in rows if row.fate == CREATE]):
                yield from self._cut(level, self._create)
            yield from self._cut([row for row in rows if row.fate == UPDATE], self._edit)
            yield from self._cut([row for row in rows if row.fate == SAME], self._keep)
        for part, _rows in parts:
            yield from self._cut([row for row in self.later if row.part is part], self._link)

    def _cut(self, rows: list[RowPlan], write: Callable[[list[RowPlan]], None]) -> Iterator[Step]:
        while rows:
            chunk, rows = rows[: self.size], rows[self.size :]
            yield partial(write, chunk)

    def _create(self, rows: list[RowPlan]) -> None:
        self._keep(rows, self._act(CREATE, rows, [self._data(row) for row in rows]))

    def _edit(self, rows: list[RowPlan]) -> None:
        written = [(row, data) for row in rows if (data := self._data(row))]
        named = [{"id": row.record.pk, "version": row.record.version, **data} for row, data in written]
        if named:
            self._act(EDIT, [row for row, _data in written], named)
        self._keep(rows)

    def _keep(self, rows: list[RowPlan], made: Sequence[Record] = ()) -> None:
        """Note what the rows assume of the records just made, or of those that were there."""
        if self.plan.site is not None:
            ids = [record.pk for record in made or [row.record for row in rows]]
            keep_assumptions(rows, ids, self.plan.site, self.by, self.source, new=bool(made))

    def _link(self, rows: list[RowPlan]) -> None:
        """Write the links to records that were still to be written when the row was."""
        data: list[dict[str, Any]] = []
        for row in rows:
            links = {name: self._saved(value) for name, value in self.later[row].items()}
            data.append({"id": self._saved(row.record).pk, **links})
        self._act(EDIT, rows, data)

    def _act(self, verb: str, rows: list[RowPlan], data: list[dict[str, Any]]) -> list[Record]:
        model = rows[0].part.layout.model
        try:
            written = act_many(model, verb, self.by, data, reason=self.reason)
        except Refused as refused:
            placed = [(rows[one.row - 1] if one.row else None, one) for one in refused.problems]
            self.refused = [(row, _in_file(row, problem)) for row, problem in placed if row is not None]
            loose = [problem for row, problem in placed if row is None]
            raise Refused([*loose, *(problem for _row, problem in self.refused)], refused.kind) from refused
        for row, record in zip(rows, written, strict=True):
            self.pending.discard(row.record)
            self.saved[row.record] = record
        self.done += len(rows)
        return written

    def _data(self, row: RowPlan) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, value in row.values.items():
            if isinstance(value, Record) and self._must_wait(row, value):
                self.later.setdefault(row, {})[name] = value
            else:
                data[name] = self._saved(value)
        for name, lines in row.lines.items():
            data[name] = [{field: self._saved(value) for field, value in one.values.items()} for one in lines]
        return data

    def _must_wait(self, row: RowPlan, target: Record) -> bool:
        """Links to records still to be written; within a type only to those that are not there at all."""
        return target in self.pending and (target.pk < 0 or type(target) is not type(row.record))

    def _saved(self, value: Any) -> Any:
        return self.saved.get(value, value) if isinstance(value, Record) else value


def _levels(rows: list[RowPlan]) -> Iterator[list[RowPlan]]:
    """Rows that point at none of the others, then those that point at these, and so on; circles last."""
    waiting = {row.record: row for row in rows}
    while waiting:
        ready = [row for row in waiting.values() if not waiting.keys() & _links(row)]
        ready = ready or list(waiting.values())
        yield ready
        for row in ready:
            del waiting[row.record]


def _links(row: RowPlan) -> set[Record]:
    return {value for value in row.values.values() if isinstance(value, Record)}


def _in_file(row: RowPlan, problem: Problem) -> Problem:
    """A refusal of the write path at its place in the file; one of a line at the line's row."""
    name, _space, place = problem.sheet.rpartition(" ")
    if name in row.lines and place.isdigit():
        row = row.lines[name][int(place) - 1]
    return row.problem(problem.message, problem.field, problem.value, problem.allowed)


CHUNK = 500
_BACK = {CREATE: REMOVE, EDIT: EDIT, REMOVE: CREATE}


def take_back(import_id: str, by: Actor, *, reason: str) -> list[Problem]:
    """Undo everything done under an import id; what could not be undone, and why.

    A record that somebody else has written since stays as it is. The actor needs no role for it: only what
    the import did is put back.
    """
    by = by.for_the_product(f"undo-{import_id}"[:40])
    ours = (import_id, by.request_id)
    left: list[Problem] = []
    for code, verb, changes in _chunks(changes_under(import_id)):
        latest = latest_changes(code, [change.record_id for change in changes], but_under=ours)
        model = registry.record(code)
        moved_on = [one for one in changes if latest.get(one.record_id, 0) > one.pk]
        left += [_left(model, one, _("somebody else has changed it since")) for one in moved_on]
        back = [one for one in changes if latest.get(one.record_id, 0) <= one.pk]
        left += _undone(model, _BACK[verb], back, by, reason)
    return left


def _chunks(changes: Iterable[Change]) -> Iterator[tuple[str, str, list[Change]]]:
    """Runs of changes of one type and verb; steps of a lifecycle are not an import's."""
    mine = [change for change in changes if change.verb in _BACK]
    for (code, verb), run in groupby(mine, key=lambda change: (change.type_code, change.verb)):
        while chunk := list(islice(run, CHUNK)):
            yield code, verb, chunk


def _undone(model: type[Record], verb: str, changes: list[Change], by: Actor, reason: str) -> list[Problem]:
    try:
        act_many(model, verb, by, [_row(model, verb, change) for change in changes], reason=reason)
    except Refused as refused:
        if len(changes) == 1:
            return [_left(model, changes[0], str(refused))]
        return [problem for one in changes for problem in _undone(model, verb, [one], by, reason)]
    return []


def _row(model: type[Record], verb: str, change: Change) -> dict[str, Any]:
    """What the record held before, as the write path takes it."""
    if verb == REMOVE:
        return {"id": change.record_id}
    names = keyed_fields(model).keys() | model.line_types().keys()
    before: Mapping[str, Any] = change.before | {one.field: one.before for one in change.private.all()}
    values = parsed(model, {n: v for n, v in before.items() if n in names}, change.chain or None)
    return values | ({"id": change.record_id} if verb == EDIT else {})


def _left(model: type[Record], change: Change, why: str) -> Problem:
    name = names_of_records(model, [change.record_id]).get(change.record_id, str(change.record_id))
    what = {"what": model._meta.verbose_name, "name": name}
    return Problem(_("%(what)s “%(name)s” could not be taken back: %(why)s") % {**what, "why": why})
