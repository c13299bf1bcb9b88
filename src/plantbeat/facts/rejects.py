"""Putting what is not believed into quarantine, once."""

from __future__ import annotations

from collections.abc import Sequence

from plantbeat.facts import storing
from plantbeat.facts.batch import Pending, Quarantined, Reject
from plantbeat.facts.incoming import content_hash, raw_hash, time_as_sent
from plantbeat.facts.quarantine import Fault, Quarantine
from plantbeat.kernel import outbox
from plantbeat.kernel.problems import Problem, Refused


def quarantine_rejects(pending: Sequence[Pending]) -> None:
    """Keep the rejects of all batches as they came, and name them in the receipts.

    One without a number that is in quarantine already is a known duplicate. Of a strict batch nothing is
    quarantined: it is refused.
    """
    rows: dict[tuple[int, str], Quarantine] = {}
    for one in pending:
        if not one.rejects:
            continue
        if one.batch.strict:
            raise Refused([Problem(reject.sentence, row=reject.index + 1) for reject in one.rejects])
        hashes = {reject.index: raw_hash(reject.arrival) for reject in one.rejects}
        bare = {hashes[reject.index] for reject in one.rejects if reject.arrival.seq is None}
        kept = storing.quarantined_hashes(one.sender.id, bare)
        for reject in sorted(one.rejects, key=lambda reject: reject.index):
            digest = hashes[reject.index]
            if digest in kept or (one.sender.id, digest) in rows:
                one.receipt.duplicate[reject.index] = True
                continue
            rows[one.sender.id, digest] = _row(one, reject, digest)
            named = Quarantined(reject.index, reject.arrival.seq, reject.fault.value, reject.sentence)
            one.receipt.quarantined.append(named)
    _insert(list(rows.values()))


def _row(one: Pending, reject: Reject, digest: str) -> Quarantine:
    arrival, is_conflict = reject.arrival, reject.fault is Fault.conflict
    raw = arrival.as_received()
    return Quarantine(
        site_id=one.sender.site_id, source_id=one.sender.id, seq=arrival.seq, fault=reject.fault.value,
        sentence=reject.sentence, received_us=one.batch.received_us, asset=arrival.asset, t=time_as_sent(raw),
        kind=arrival.kind, body=arrival.body, actor=arrival.actor or "", raw=raw.decode("utf-8", "replace"),
        raw_hash=digest, content_hash=content_hash(arrival.content()).hex() if is_conflict else "",
        stored_hash=reject.against.hex(),
    )  # fmt: skip


def _insert(rows: list[Quarantine]) -> None:
    by_site: dict[int, list[Quarantine]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row)
    for site_id, group in sorted(by_site.items()):
        prefix = Quarantine.number_field().prefix  # type: ignore[union-attr]
        numbers = outbox.next_numbers(f"{site_id}:{Quarantine.type_code()}", len(group))
        for row, number in zip(group, numbers, strict=True):
            row.number = f"{prefix}{number:06d}"
    Quarantine.objects.bulk_create(rows, batch_size=200)
