"""Which facts of a batch have come before: duplicates are told apart from the same key with other content."""

from __future__ import annotations

from collections.abc import Sequence

from plantbeat.facts import storing
from plantbeat.facts.batch import Pending
from plantbeat.facts.incoming import content_hash, raw_hash
from plantbeat.facts.quarantine import Fault
from plantbeat.facts.storing import Stored

_DIGEST_BYTES = 16


def settle_numbered(pending: Sequence[Pending]) -> None:
    """Numbers that had arrived before: the same content is a duplicate, other content a conflict."""
    by_sender: dict[int, list[tuple[Pending, int]]] = {}
    for one in pending:
        for index in one.known:
            by_sender.setdefault(one.sender.id, []).append((one, index))
    for source_id, places in by_sender.items():
        seqs = {_seq(*place) for place in places}
        stored = storing.stored_facts(source_id, seqs)
        unlike = [place for place in places if not _is_again(*place, stored)]
        if unlike:
            hashes = {raw_hash(one.batch.arrivals[index]) for one, index in unlike}
            kept = storing.quarantined_hashes(source_id, hashes)
            first = storing.quarantined_numbers(source_id, {_seq(*place) for place in unlike})
            for one, index in unlike:
                _judge(one, index, stored, kept, first)


def settle_keyed(pending: Sequence[Pending]) -> None:
    """Facts without numbers: what has the same content is the same fact."""
    by_sender: dict[int, list[tuple[Pending, int, bytes]]] = {}
    for one in pending:
        for index in one.new:
            arrival = one.batch.arrivals[index]
            if arrival.seq is None and arrival.fault is None:
                digest = content_hash(arrival.content())[:_DIGEST_BYTES]
                by_sender.setdefault(one.sender.id, []).append((one, index, digest))
    for source_id, places in by_sender.items():
        known = storing.stored_digests(source_id, {digest for _one, _index, digest in places})
        for one, index, digest in places:
            one.receipt.duplicate[index] = digest in known
            one.digests[index] = digest
            known.add(digest)


def _seq(one: Pending, index: int) -> int:
    return one.batch.arrivals[index].seq or 0


def _is_again(one: Pending, index: int, stored: dict[int, Stored]) -> bool:
    """True, and noted, if the fact is one that is stored, or that came earlier in the same commit."""
    arrival, seq = one.batch.arrivals[index], _seq(one, index)
    first = one.sender.fresh.get(seq)
    if first is not None and first.fault:
        same = raw_hash(first) == raw_hash(arrival)
    elif first is not None:
        same = first.content() == arrival.content()
    else:
        same = seq in stored and stored[seq].content == arrival.content()
    one.receipt.duplicate[index] = same
    return same


def _judge(
    one: Pending, index: int, stored: dict[int, Stored], kept: set[str], first: dict[int, str]
) -> None:
    """A number that had arrived with something else, or with a fact that is sealed.

    Of a sealed fact only the number is left, and the number alone proves that it was here. `kept` are the
    fingerprints in quarantine, `first` what came first of the numbers there.
    """
    arrival, seq = one.batch.arrivals[index], _seq(one, index)
    digest, earlier = raw_hash(arrival), one.sender.fresh.get(seq)
    if earlier is not None:
        against = bytes.fromhex(raw_hash(earlier)) if earlier.fault else content_hash(earlier.content())
    elif seq in stored:
        against = content_hash(stored[seq].content)
    else:
        against = bytes.fromhex(first.get(seq, ""))
    if digest in kept or not against:
        one.receipt.duplicate[index] = True
        return
    kept.add(digest)
    one.reject(index, Fault.conflict, f"number {seq} has been used for other content before", against)
