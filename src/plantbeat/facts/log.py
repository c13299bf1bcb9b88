"""The one door to the fact log: append, in the caller's transaction, by one writer at a time.

A fact's key is (source, its number), or its content where the source has no numbers. What comes again is a
known duplicate; the same key with other content, and whatever cannot be believed, goes to quarantine, where
its number counts as arrived. So the good facts of a batch never wait for a bad one, and nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from plantbeat.engine.stream import DEFAULT_CLOCK_RULE, clock_fault_sentence, iso_utc
from plantbeat.facts import storing
from plantbeat.facts.batch import Batch, Pending, Receipt
from plantbeat.facts.chain import Row, block_hash
from plantbeat.facts.days import DirtyDays
from plantbeat.facts.incoming import Arrival, NewFact, arrivals
from plantbeat.facts.known import settle_keyed, settle_numbered
from plantbeat.facts.quarantine import STEWARDS, Fault
from plantbeat.facts.rejects import quarantine_rejects
from plantbeat.facts.source import FactSource, SourceKind
from plantbeat.facts.storing import KnownAsset, Sender
from plantbeat.facts.tables import Fact
from plantbeat.kernel import clock, outbox
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

MOST_GAPS = 1000
"""Gaps a source may have open in its numbers; one that leaves more is asked for the missing facts first."""

_LOW_US = DEFAULT_CLOCK_RULE.not_before_us
_AHEAD_US = DEFAULT_CLOCK_RULE.ahead_us
_SKEW_PACE = 16


def append(batch: Iterable[NewFact | Arrival], by: Actor, source: FactSource) -> Receipt:
    """Append facts of one source inside the caller's transaction (or one of its own); call it last in an act.

    From here to the commit nobody else can append, so a batch is some thousand facts at most.
    What cannot be believed goes to quarantine and is named in the receipt; of a source of the product itself
    nothing does: one bad fact refuses the act. Raises `Refused` for an actor who may not write at the site,
    a revoked source, and a source with too many gaps in its numbers.
    """
    if not writes(by, source.site_id):
        raise Refused(Problem(_("your role does not allow to record facts at this site")), Kind.forbidden)
    strict = source.kind == SourceKind.product
    return append_one(Batch(source.pk, by, arrivals(batch), clock.now_us(), strict=strict))


def append_one(batch: Batch) -> Receipt:
    """Append one batch; raises `Refused` where `append_all` returns it."""
    outcome = append_all([batch])[0]
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


def append_all(batches: Sequence[Batch]) -> list[Receipt | Refused]:
    """Append several sources' batches as one block; a refused batch leaves the others alone."""
    with writing():
        storing.one_writer()
        known = storing.senders({batch.source_id for batch in batches})
        outcomes = [_taken(batch, known.get(batch.source_id)) for batch in batches]
        pending = [one for one in outcomes if isinstance(one, Pending)]
        if pending:
            settle_numbered(pending)
            settle_keyed(pending)
            _grow(pending)
            quarantine_rejects(pending)
            storing.update_senders({one.sender.id: one.sender for one in pending}.values())
            outbox.wake("facts")
    for one in pending:
        one.receipt.committed_up_to = one.sender.frontier.up_to
    return [one.receipt if isinstance(one, Pending) else one for one in outcomes]


def reverse(fact: Fact, by: Actor, reason: str) -> Receipt:
    """Take back a fact with a correction of the same asset and instant; the fact stays as it is.

    What is right follows as a fact of its own. Raises `Refused` without a reason, for an actor without the
    role, for a correction, and for a fact that was taken back before.
    """
    asset = fact.asset
    if not by.holds(STEWARDS, asset.site_id):
        raise Refused(Problem(_("your role does not allow to correct facts at this site")), Kind.forbidden)
    if not reason.strip():
        raise Refused(Problem(_("a reason is required"), "reason"))
    with writing():
        storing.one_writer()
        if fact.kind == "correction":
            raise Refused(Problem(_("a correction stays; append the right fact again")), Kind.state)
        if Fact.objects.filter(reverses=fact.lsn).exists():
            message = _("fact %(lsn)s has been taken back already") % {"lsn": fact.lsn}
            raise Refused(Problem(message), Kind.state)
        correction = NewFact(
            asset=asset.code, t_us=fact.t_us, kind="correction", reverses=fact.lsn, reason=reason.strip()
        )
        return append([correction], by, own_source(asset.site))


def own_source(site: Site) -> FactSource:
    """The source of the facts that the product itself records at a site; made at first use."""
    name = f"plantbeat.{site.code}"
    with writing():
        storing.one_writer()
        found = FactSource.objects.filter(name=name).first()
        if found is not None:
            return found
        data = {"site": site, "name": name, "kind": SourceKind.product}
        return act(FactSource, "create", Actor.system("facts"), data)


def _taken(batch: Batch, sender: Sender | None) -> Pending | Refused:
    """Note the numbers of a batch as arrived, and part the new facts from those whose number was known."""
    if sender is None:
        return Refused(Problem(_("there is no such source")), Kind.missing)
    if sender.revoked or batch.token_hash not in (None, sender.token_hash):
        message = _("the token of “%(name)s” is revoked") % {"name": sender.name}
        return Refused(Problem(message), Kind.forbidden)
    one, frontier, fresh = Pending.of(batch, sender), sender.frontier, sender.fresh
    before, fresh_before = frontier.copy(), len(fresh)
    speaker = "" if batch.by.door == "ingest" else batch.by.pseudonym
    numbered_here = sender.kind == SourceKind.product
    for index, arrival in enumerate(batch.arrivals):
        if arrival.actor is None:
            arrival.actor = speaker
        if arrival.seq is None and numbered_here:
            arrival.seq = frontier.up_to + 1
        if arrival.seq is None or batch.released:
            one.new.append(index)
        elif frontier.take(arrival.seq):
            fresh[arrival.seq] = arrival
            one.new.append(index)
        else:
            one.known.append(index)
    if len(frontier.ahead) > max(MOST_GAPS, len(before.ahead)):
        sender.frontier, sender.fresh = before, dict(list(fresh.items())[:fresh_before])
        message = _("“%(name)s” has left more than %(most)s gaps in its numbers; send number %(first)s first")
        values = {"name": sender.name, "most": MOST_GAPS, "first": before.up_to + 1}
        return Refused(Problem(message % values, "seq"), Kind.conflict)
    return one


def _grow(pending: Sequence[Pending]) -> None:
    """Write the new facts that are believed to the log, seal them, and note what follows from them."""
    last, previous = storing.head()
    rows: list[Row] = []
    days, digests = DirtyDays(), []
    known = _assets_of(pending)
    for one in pending:
        if one.new:
            _rows_of(one, known[one.sender.site_id], last, rows, days)
            digests += [(one.sender.id, key) for index, key in one.digests.items() if one.receipt.lsns[index]]
    if rows:
        storing.insert_facts(rows)
        storing.insert_block(last + 1, last + len(rows), previous, block_hash(previous, rows))
        storing.insert_digests(digests)
        storing.mark_days(days.marks)


def _assets_of(pending: Sequence[Pending]) -> dict[int, dict[str, KnownAsset]]:
    """The assets that the new facts name, by site and code."""
    codes: dict[int, set[str]] = {one.sender.site_id: set() for one in pending}
    for one in pending:
        arrivals = one.batch.arrivals
        codes[one.sender.site_id].update(
            arrivals[index].asset for index in one.new if not arrivals[index].fault
        )
    return {site_id: storing.assets(site_id, named) for site_id, named in codes.items()}


def _rows_of(one: Pending, known: dict[str, KnownAsset], last: int, rows: list[Row], days: DirtyDays) -> None:
    """Add the rows of one batch to those of the block; what is not believed becomes a reject."""
    batch, sender, lsns, duplicate = one.batch, one.sender, one.receipt.lsns, one.receipt.duplicate
    received_us, latest_us = batch.received_us, None
    high_us = received_us + _AHEAD_US
    for index in one.new:
        arrival = batch.arrivals[index]
        if duplicate[index]:
            continue
        if arrival.fault is not None:
            one.reject(index, arrival.fault, arrival.sentence)
            continue
        t_us, asset = arrival.t_us, known.get(arrival.asset)
        if not _LOW_US <= t_us <= high_us:
            one.reject(index, Fault.impossible_clock, clock_fault_sentence(t_us, received_us) or "")
            continue
        if asset is None or not _exists(asset, t_us, arrival):
            one.reject(index, Fault.unknown_asset, _unknown(arrival, sender, asset))
            continue
        lsn = last + len(rows) + 1
        lsns[index] = lsn
        rows.append((
            lsn, sender.id, arrival.seq, asset.id, t_us, received_us, arrival.kind, arrival.schema_v,
            arrival.body, arrival.actor, arrival.reverses, arrival.reason,
        ))  # fmt: skip
        days.touch(asset.id, t_us, received_us, arrival.kind, sender.zone, lsn)
        if latest_us is None or t_us > latest_us:
            latest_us = t_us
    _heard(sender, received_us, latest_us)


def _exists(asset: KnownAsset, t_us: int, arrival: Arrival) -> bool:
    """A correction may always name the asset of the fact it takes back."""
    begun = asset.valid_from_us is None or asset.valid_from_us <= t_us
    return (begun and (asset.valid_to_us is None or t_us < asset.valid_to_us)) or arrival.reverses is not None


def _unknown(arrival: Arrival, sender: Sender, asset: KnownAsset | None) -> str:
    if asset is None:
        return f"the site of “{sender.name}” has no asset “{arrival.asset}”"
    begin = "always" if asset.valid_from_us is None else iso_utc(asset.valid_from_us)
    end = "now" if asset.valid_to_us is None else iso_utc(asset.valid_to_us)
    return f"“{arrival.asset}” is in use from {begin} to {end}; the fact is of {iso_utc(arrival.t_us)}"


def _heard(sender: Sender, received_us: int, latest_us: int | None) -> None:
    """Note the source as alive, and follow the least delay between its clock and ours.

    The least delay falls at once and rises slowly, so that a batch of old facts does not look like a clock
    that is behind for long.
    """
    sender.last_heard_us = max(received_us, sender.last_heard_us or received_us)
    if latest_us is None:
        return
    delay_us = received_us - latest_us
    if sender.skew_us is None or delay_us <= sender.skew_us:
        sender.skew_us = delay_us
    else:
        sender.skew_us += (delay_us - sender.skew_us) // _SKEW_PACE
