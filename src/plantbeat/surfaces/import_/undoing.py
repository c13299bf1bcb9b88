"""Takes an import back: each of its acts undone by another, latest first, as the change log holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.kernel import registry
from plantbeat.kernel.access import Actor
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.log import Change
from plantbeat.kernel.permission import CREATE, EDIT, REMOVE
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.questions import changes_under, latest_changes, names_of_records
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import keyed_fields, parse

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
        for change in [one for one in changes if latest.get(one.record_id, 0) > one.pk]:
            left.append(_left(model, change, _("somebody else has changed it since")))
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
    values, problems = parse(model, {n: v for n, v in before.items() if n in names}, change.chain or None)
    if problems:
        raise Refused(problems)
    return values | ({"id": change.record_id} if verb == EDIT else {})


def _left(model: type[Record], change: Change, why: str) -> Problem:
    name = names_of_records(model, [change.record_id]).get(change.record_id, str(change.record_id))
    what = {"what": model._meta.verbose_name, "name": name}
    return Problem(_("%(what)s “%(name)s” could not be taken back: %(why)s") % {**what, "why": why})
