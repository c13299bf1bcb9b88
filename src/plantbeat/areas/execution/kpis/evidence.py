"""What lies under a value: the facts, those taken back among them, and records with the steps they took."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.kpis.asking import FACTS_A_PAGE, KpiQuestion
from plantbeat.facts.questions import facts_as_written
from plantbeat.facts.tables import Fact
from plantbeat.facts.views.drill import drill
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Text
from plantbeat.kernel.questions import changes_of_records
from plantbeat.kernel.record import Record
from plantbeat.surfaces.addresses import address_of

KIND_WORDS: dict[str, Text] = {
    "state": _("State"),
    "counter": _("Counter"),
    "count": _("Count"),
    "scrap": _("Scrap"),
    "rework": _("Rework"),
    "reason": _("Reason"),
    "order_start": _("Order starts"),
    "order_end": _("Order ends"),
    "setup_start": _("Set-up starts"),
    "setup_end": _("Set-up ends"),
    "first_piece_ok": _("First piece approved"),
    "operator_on": _("Somebody starts"),
    "operator_off": _("Somebody stops"),
    "andon_raise": _("Call for help"),
    "andon_ack": _("Call taken"),
    "andon_arrive": _("Help arrived"),
    "andon_contain": _("Trouble contained"),
    "andon_resolve": _("Call resolved"),
    "andon_confirm": _("Call confirmed"),
    "andon_reopen": _("Not solved: called again"),
    "reading": _("Reading"),
    "heartbeat": _("Sign of life"),
    "gap": _("Gap in the data"),
    "note": _("Note"),
    "incident": _("Incident"),
    "attendance": _("Attendance"),
    "correction": _("Correction"),
}
"""Kinds of facts in words."""
_WHO = "person"
"""What a value never opens to: who worked is no figure of a measure."""
_VERBS: dict[str, Text] = {"create": _("created"), "edit": _("changed"), "remove": _("removed")}


@dataclass(frozen=True, slots=True)
class FactShown:
    """A fact as a page, a file or a program shows it.

    `said` is its body field by field; `taken_back` says by which fact and why, where it no longer holds,
    `note` what its own reason is.
    """

    lsn: int
    at_us: int
    received_us: int
    asset: str
    asset_name: str
    kind: str
    said: tuple[tuple[str, str], ...]
    body: Mapping[str, Any]
    source: str
    seq: int | None
    taken_back: tuple[int, str] | None = None
    note: str = ""

    @property
    def at(self) -> datetime:
        """When it happened."""
        return clock.from_us(self.at_us)

    @property
    def kind_word(self) -> str:
        """Its kind in words."""
        return str(KIND_WORDS.get(self.kind, self.kind))


@dataclass(frozen=True, slots=True)
class StepTaken:
    """One act in a record's change log."""

    at: datetime
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class RecordShown:
    """A record a value is made of, with its state now and the steps it took."""

    reference: str
    name: str
    url: str
    state: Any
    steps: list[StepTaken]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One page of what lies under a value."""

    facts: list[FactShown]
    records: list[RecordShown]
    records_in_all: int
    page: int
    more: bool


def evidence(asked: KpiQuestion, *, size: int = FACTS_A_PAGE) -> Evidence:
    """The facts and records a question's value is made of, one page of each, facts in order of time.

    Raises `Refused` as a value does. Facts that were taken back stand beside the corrections that did so.
    """
    opened = drill(
        asked.measure.code, asked.scope, asked.period, asked.by, asked.where, page=asked.page, size=size
    )
    first = (asked.page - 1) * size
    records = records_shown(opened.records[first : first + size], asked.by)
    more = opened.more or len(opened.records) > first + size
    return Evidence(_facts(opened.facts, asked.by), records, len(opened.records), asked.page, more)


def _facts(lsns: list[int], by: Actor) -> list[FactShown]:
    rows = list(facts_as_written(by).filter(lsn__in=lsns).select_related("src", "asset"))
    if not rows:
        return []
    corrections = {one.reverses: one for one in _corrections(rows, by) if one.reverses is not None}
    back = facts_as_written(by).filter(lsn__in=list(corrections)).select_related("src", "asset")
    known = {row.lsn: row for row in (*rows, *back)}
    shown = [_shown(row, corrections.get(lsn)) for lsn, row in known.items()]
    return sorted(shown, key=lambda one: (one.at_us, one.lsn))


def _corrections(rows: list[Fact], by: Actor) -> Iterable[Fact]:
    """Corrections at the assets and in the time of the facts shown; each lies at the instant it is about."""
    times = [row.t_us for row in rows]
    assets = {row.asset_id for row in rows}
    return facts_as_written(by).filter(
        kind="correction", asset__in=assets, t_us__gte=min(times), t_us__lte=max(times)
    )


def _shown(row: Fact, correction: Fact | None) -> FactShown:
    body = {name: value for name, value in msgspec.json.decode(row.body).items() if name != _WHO}
    taken_back = (correction.lsn, correction.reason) if correction is not None else None
    return FactShown(
        row.lsn, row.t_us, row.rx_us, row.asset.code, row.asset.name, row.kind, _said(body), body,
        row.src.name, row.seq, taken_back, row.reason,
    )  # fmt: skip


def _said(body: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A body field by field; instants as local times."""
    return tuple(
        (name.removesuffix("_us"), _local(value) if name.endswith("_us") else str(value))
        for name, value in body.items()
    )


def _local(at_us: int) -> str:
    return f"{timezone.localtime(clock.from_us(at_us)):%Y-%m-%d %H:%M:%S}"


def records_shown(references: Iterable[str], by: Actor) -> list[RecordShown]:
    """Records by their references, as far as the actor may see them; two queries for each type."""
    ids: dict[str, list[int]] = defaultdict(list)
    for reference in references:
        code, _colon, pk = reference.partition(":")
        ids[code].append(int(pk))
    found = []
    for code, pks in ids.items():
        model = registry.record(code)
        rows = {row.pk: row for row in visible(model, by).filter(pk__in=pks)}
        steps = _steps(model, rows)
        found += [_record(rows[pk], steps[pk]) for pk in pks if pk in rows]
    return found


def _record(record: Record, steps: list[StepTaken]) -> RecordShown:
    state = record.states()[record.state] if record.lifecycle is not None else None
    return RecordShown(f"{record.type_code()}:{record.pk}", str(record), address_of(record), state, steps)


def _steps(model: type[Record], ids: Iterable[int]) -> dict[int, list[StepTaken]]:
    found: dict[int, list[StepTaken]] = defaultdict(list)
    labels = {verb: str(step.label) for verb, step in model.steps().items()}
    labels |= {verb: str(word) for verb, word in _VERBS.items()}
    for row in changes_of_records(model.type_code(), ids):
        label = labels.get(row.verb, row.verb)
        found[row.record_id].append(StepTaken(clock.from_us(row.at_us), label, row.reason))
    return found
