"""What goes into one append and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from plantbeat.facts.incoming import Arrival
from plantbeat.facts.quarantine import Fault
from plantbeat.facts.storing import Sender
from plantbeat.kernel.access import Actor


@dataclass(frozen=True, slots=True)
class Batch:
    """Facts of one source that came together.

    token_hash  the token they came with; it is compared again inside the transaction
    strict      refuse the whole batch for one bad fact instead of putting it in quarantine
    released    their numbers arrived before and are held in quarantine
    """

    source_id: int
    by: Actor
    arrivals: list[Arrival]
    received_us: int
    token_hash: str | None = None
    strict: bool = False
    released: bool = False


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A fact of the batch (`index` from 0) that went to quarantine, and why."""

    index: int
    seq: int | None
    reason: str
    message: str


@dataclass(slots=True)
class Receipt:
    """What became of a batch; `lsns` (None where nothing was stored) and `duplicate` are in its order."""

    source: str
    committed_up_to: int = 0
    lsns: list[int | None] = field(default_factory=list)
    duplicate: list[bool] = field(default_factory=list)
    quarantined: list[Quarantined] = field(default_factory=list)

    @property
    def accepted(self) -> int:
        """Facts stored now."""
        return len(self.lsns) - self.lsns.count(None)

    @property
    def duplicates(self) -> int:
        """Facts known before."""
        return sum(self.duplicate)


@dataclass(frozen=True, slots=True)
class Reject:
    """A fact that is not believed; `against` is the fingerprint of what already has its number."""

    index: int
    arrival: Arrival
    fault: Fault
    sentence: str
    against: bytes = b""


@dataclass(slots=True)
class Pending:
    """A batch on its way: places of facts that are new, and of those whose number had arrived before."""

    batch: Batch
    sender: Sender
    receipt: Receipt
    new: list[int] = field(default_factory=list)
    known: list[int] = field(default_factory=list)
    digests: dict[int, bytes] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)

    @classmethod
    def of(cls, batch: Batch, sender: Sender) -> Pending:
        """A batch of which nothing is known yet."""
        count = len(batch.arrivals)
        return cls(batch, sender, Receipt(sender.name, 0, [None] * count, [False] * count))

    def reject(self, index: int, fault: Fault, sentence: str, against: bytes = b"") -> None:
        """Mark a fact for quarantine."""
        self.rejects.append(Reject(index, self.batch.arrivals[index], fault, sentence, against))
