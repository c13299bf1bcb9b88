"""Letting a quarantined fact into the log after all, as it came or put right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

import msgspec
from django.utils.translation import gettext as _

from plantbeat.facts.batch import Batch
from plantbeat.facts.incoming import Arrival, arrival_of_json
from plantbeat.facts.tables import DirtyDay, Fact
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

if TYPE_CHECKING:
    from plantbeat.facts.quarantine import Quarantine


def release(held: Quarantine, by: Actor) -> None:
    """Append a quarantined fact with its own source and number, as its fields now stand.

    It is judged like any other, by the time it was received at. Raises `Refused` with what is still wrong, or
    if its number is that of a stored fact: then either that fact is reversed or this one discarded.
    """
    from plantbeat.facts.log import append_one

    if held.seq is not None and Fact.objects.filter(src=held.source_id, seq=held.seq).exists():
        message = _(
            "number %(seq)s of “%(name)s” is stored with other content;"
            " take that fact back and record the right one, or discard this"
        )
        raise Refused(Problem(message % {"seq": held.seq, "name": held.source.name}, "seq"), Kind.state)
    arrival = _arrival(held)
    if arrival.fault is not None:
        raise Refused(Problem(arrival.sentence, _FIELDS.get(arrival.fault.value, "")))
    arrival.reason = _("released as %(number)s by %(who)s") % {"number": held.number, "who": by.pseudonym}
    batch = Batch(held.source_id, by, [arrival], held.received_us, strict=True, released=True)
    receipt = append_one(batch)
    if receipt.lsns[0] is None:
        raise Refused(Problem(_("the same fact is stored already; discard this")), Kind.state)
    held.lsn = receipt.lsns[0]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a release would do: the fact as it would be stored, and the days computed again for it."""

    asset: str
    asset_name: str
    at_us: int
    kind: str
    body: str
    days: tuple[tuple[str, date], ...]


class _Undone(Exception):  # noqa: N818  (no error: it takes a trial back)
    """Raised to undo a trial."""


def consequences(pk: int, by: Actor, data: dict[str, Any]) -> Consequences:
    """What a release with these fields would do. It is done and undone, so that every rule has its say.

    Raises `Refused` as the release itself would.
    """
    from plantbeat.facts.quarantine import Quarantine

    found: list[Consequences] = []
    try:
        with writing():
            held = act(visible(Quarantine, by).get(pk=pk), "release", by, data)
            found.append(_consequences(cast("int", held.lsn)))
            raise _Undone
    except _Undone:
        pass
    return found[0]


def _consequences(lsn: int) -> Consequences:
    from plantbeat.facts.views.feeds import fed_by
    from plantbeat.facts.views.rules import SiteRules

    fact = Fact.objects.select_related("asset").get(lsn=lsn)
    rules, days = SiteRules(fact.asset.site_id), DirtyDay.objects.filter(lsn=lsn).select_related("asset")
    found = set()
    for row in days:
        others = fed_by(rules, row.asset_id, [row.day])
        found |= {(row.asset.code, row.day), *((rules.assets[pk].code, row.day) for pk in others)}
    ordered = tuple(sorted(found, key=lambda one: (one[1], one[0])))
    return Consequences(fact.asset.code, fact.asset.name, fact.t_us, fact.kind, fact.body, ordered)


_FIELDS = {"unknown_asset": "asset", "unknown_kind": "kind", "bad_body": "body", "bad_time": "t"}


def _arrival(held: Quarantine) -> Arrival:
    try:
        body = msgspec.json.decode(held.body or "{}")
    except msgspec.DecodeError as error:
        raise Refused(Problem(_("is not JSON: %(fault)s") % {"fault": error}, "body", held.body)) from None
    fact: dict[str, Any] = {"asset": held.asset, "kind": held.kind, "body": body}
    if held.t.lstrip("-").isdigit():
        fact["t_us"] = int(held.t)
    else:
        fact["t"] = held.t
    if held.seq is not None:
        fact["seq"] = held.seq
    if held.actor:
        fact["actor"] = held.actor
    return arrival_of_json(msgspec.json.encode(fact), held.source.name)
