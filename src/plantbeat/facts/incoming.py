"""From what a source sends to facts that can be appended: every fault named, none stopping the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from plantbeat.engine.stream import TimestampError, utc_us
from plantbeat.facts.bodies import LAST_US
from plantbeat.facts.declaration import Body, reader_sentence
from plantbeat.facts.kinds import KINDS, BodyError, body_json
from plantbeat.facts.quarantine import Fault

FIRST_US = -62_135_596_800_000_000
MOST_SEQ = 2**63 - 1
_FIELDS = "asset, t or t_us, kind, body, seq, actor, src"
_SENT_KINDS = ", ".join(code for code, known in KINDS.items() if known.sent)


class NewFact(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fact as the product's own code makes it.

    `asset` is the code of an asset of the source's site, `t_us` microseconds since 1970-01-01 UTC, `body` a
    body of the kind or its fields. `seq` is left out for sources that the product numbers itself, and for
    those without numbers. `actor` is a pseudonym; left out, it is whoever appends.
    """

    asset: str
    t_us: int
    kind: str
    body: Body | Mapping[str, Any] = msgspec.field(default_factory=dict)
    seq: int | None = None
    actor: str | None = None
    reverses: int | None = None
    reason: str = ""


class Arrival(msgspec.Struct, kw_only=True, gc=False):
    """One fact on its way in: read as far as it could be, with its fault if there is one, and as it came."""

    seq: int | None = None
    asset: str = ""
    t_us: int = 0
    kind: str = ""
    schema_v: int = 0
    body: str = ""
    actor: str | None = None
    reverses: int | None = None
    reason: str = ""
    fault: Fault | None = None
    sentence: str = ""
    raw: bytes = b""

    def content(self) -> tuple[Any, ...]:
        """What makes it the same fact when it comes again."""
        said = self.asset, self.t_us, self.kind, self.schema_v, self.body
        return *said, self.actor or "", self.reverses

    def as_received(self) -> bytes:
        """JSON as it came; of the product's own facts, as they would be sent."""
        if self.raw:
            return self.raw
        sent = {
            "seq": self.seq, "asset": self.asset, "t_us": self.t_us, "kind": self.kind,
            "body": msgspec.Raw(self.body.encode() or b"{}"), "actor": self.actor,
        }  # fmt: skip
        return msgspec.json.encode({name: value for name, value in sent.items() if value is not None})


class _Sent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    asset: str
    kind: str
    t: str | None = None
    t_us: int | None = None
    body: msgspec.Raw = msgspec.Raw(b"{}")
    seq: int | None = None
    actor: str | None = None
    src: str | None = None


_read = msgspec.json.Decoder(_Sent).decode


def arrival_of_json(raw: bytes | msgspec.Raw, source: str) -> Arrival:
    """One fact of a request; never raises for what a source can send."""
    try:
        sent = _read(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        return _unread(raw, Fault.malformed, f"{reader_sentence(error)}; a fact has the fields {_FIELDS}")
    if sent.src is not None and sent.src != source:
        sentence = f"src is “{_short(sent.src)}”, but the token is that of “{source}”"
        return _unread(raw, Fault.malformed, sentence)
    if sentence := _misplaced(sent.seq, sent.asset, sent.actor):
        return _unread(raw, Fault.malformed, sentence)
    try:
        t_us = _instant(sent)
    except TimestampError as error:
        return _unread(raw, Fault.bad_time, str(error))
    kind = KINDS.get(sent.kind)
    if kind is None or not kind.sent:
        sentence = f"there is no kind “{_short(sent.kind)}” to send; allowed are {_SENT_KINDS}"
        return _unread(raw, Fault.unknown_kind, sentence)
    try:
        body = body_json(kind, sent.body)
    except BodyError as error:
        return _unread(raw, Fault.bad_body, str(error))
    return Arrival(
        seq=sent.seq, asset=sent.asset, t_us=t_us, kind=sent.kind, schema_v=kind.schema_v, body=body,
        actor=sent.actor or "", raw=bytes(raw),
    )  # fmt: skip


def arrival_of(new: NewFact) -> Arrival:
    """One fact of the product's own code, judged by the same rules."""
    kind = KINDS.get(new.kind)
    if kind is None:
        return _faulty(new, Fault.unknown_kind, f"there is no kind “{_short(new.kind)}”")
    if sentence := _misplaced(new.seq, new.asset, new.actor):
        return _faulty(new, Fault.malformed, sentence)
    if not FIRST_US <= new.t_us <= LAST_US:
        return _faulty(new, Fault.bad_time, _far_away(new.t_us))
    try:
        body = body_json(kind, new.body)
    except BodyError as error:
        return _faulty(new, Fault.bad_body, str(error))
    return Arrival(
        seq=new.seq, asset=new.asset, t_us=new.t_us, kind=new.kind, schema_v=kind.schema_v, body=body,
        actor=new.actor, reverses=new.reverses, reason=new.reason,
    )  # fmt: skip


def _faulty(new: NewFact, fault: Fault, sentence: str) -> Arrival:
    return _unread(msgspec.json.encode(new, enc_hook=str), fault, sentence)


def arrivals(batch: Iterable[NewFact | Arrival]) -> list[Arrival]:
    """A batch ready to append."""
    return [one if isinstance(one, Arrival) else arrival_of(one) for one in batch]


def arrivals_of_json(facts: Sequence[bytes | msgspec.Raw], source: str) -> list[Arrival]:
    """The facts of a request ready to append."""
    return [arrival_of_json(raw, source) for raw in facts]


def raw_hash(arrival: Arrival) -> str:
    """Fingerprint of a fact as it came, whatever the order of its fields."""
    raw = arrival.as_received()
    try:
        raw = msgspec.json.encode(msgspec.json.decode(raw), order="sorted")
    except (msgspec.MsgspecError, RecursionError):
        raw = bytes(raw)
    return hashlib.sha256(raw).hexdigest()


def content_hash(content: tuple[Any, ...]) -> bytes:
    """Fingerprint of a fact's content."""
    return hashlib.sha256(msgspec.json.encode(content)).digest()


def _misplaced(seq: int | None, asset: str, actor: str | None) -> str:
    """What is wrong with the fields around the body; empty if nothing."""
    if seq is not None and not 1 <= seq <= MOST_SEQ:
        return f"seq is {seq}; it counts from 1 without holes"
    if not asset or len(asset) > 60 or not asset.isprintable():
        return f"asset is “{_short(asset)}”; it is the code of an asset, 1 to 60 characters"
    if actor and (len(actor) > 60 or not actor.isprintable()):
        return f"actor is “{_short(actor)}”; it is a pseudonym of at most 60 characters"
    return ""


def _instant(sent: _Sent) -> int:
    if (sent.t is None) == (sent.t_us is None):
        raise TimestampError("a fact has either t (ISO 8601) or t_us (microseconds since 1970-01-01 UTC)")
    if sent.t_us is None:
        return utc_us(sent.t or "")
    if not FIRST_US <= sent.t_us <= LAST_US:
        raise TimestampError(_far_away(sent.t_us))
    return sent.t_us


def _far_away(t_us: int) -> str:
    return f"t_us is {t_us}; allowed are {FIRST_US} to {LAST_US}, the years 1 to 9999"


def _unread(raw: bytes | msgspec.Raw, fault: Fault, sentence: str) -> Arrival:
    """A fact with a fault, with as much of it as can be read for the quarantine page."""
    arrival = Arrival(fault=fault, sentence=sentence, raw=bytes(raw))
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return arrival
    if isinstance(found, dict):
        seq = found.get("seq")
        if isinstance(seq, int) and not isinstance(seq, bool) and 1 <= seq <= MOST_SEQ:
            arrival.seq = seq
        arrival.asset, arrival.kind = _short(found.get("asset", "")), _short(found.get("kind", ""), 30)
        arrival.actor = _short(found.get("actor") or "")
        arrival.body = msgspec.json.encode(found["body"]).decode() if "body" in found else ""
    return arrival


def time_as_sent(raw: bytes) -> str:
    """The time of a fact as the source wrote it; empty where there is none."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError):
        return ""
    return _short(found.get("t", found.get("t_us", ""))) if isinstance(found, dict) else ""


def _short(value: Any, most: int = 60) -> str:
    """A foreign value as text that can be stored and shown."""
    text = value if isinstance(value, str) else str(value)
    return "".join(sign for sign in text[:most] if sign.isprintable())
