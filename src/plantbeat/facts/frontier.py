"""Which sequence numbers of a source have arrived: all up to a frontier, and spans beyond it."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

import msgspec


@dataclass(slots=True)
class Frontier:
    """The numbers a source has been heard with.

    up_to   every number from 1 to here has arrived
    ahead   (first, last) spans beyond a gap, in order, touching neither each other nor `up_to`
    """

    up_to: int = 0
    ahead: list[tuple[int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, up_to: int, spans: str) -> Frontier:
        """The frontier as it is stored; `spans` as `spans_text` wrote them."""
        return cls(up_to, [(first, last) for first, last in msgspec.json.decode(spans)] if spans else [])

    def spans_text(self) -> str:
        """The spans beyond the frontier for storage; empty if there are none."""
        return msgspec.json.encode(self.ahead).decode() if self.ahead else ""

    def copy(self) -> Frontier:
        """The same numbers; what is taken there is not taken here."""
        return Frontier(self.up_to, list(self.ahead))

    def __contains__(self, seq: object) -> bool:
        """True if the number has arrived."""
        if not isinstance(seq, int):
            return False
        if seq <= self.up_to:
            return seq >= 1
        place = bisect_right(self.ahead, (seq, seq))
        return any(first <= seq <= last for first, last in self.ahead[max(place - 1, 0) : place + 1])

    def take(self, seq: int) -> bool:
        """Note the arrival of a number; False if it had arrived before."""
        if seq == self.up_to + 1:
            self.up_to = seq
            if self.ahead and self.ahead[0][0] == seq + 1:
                self.up_to = self.ahead.pop(0)[1]
            return True
        if seq in self:
            return False
        self._insert(seq)
        return True

    def _insert(self, seq: int) -> None:
        place = bisect_right(self.ahead, (seq, seq))
        first = last = seq
        if place < len(self.ahead) and self.ahead[place][0] == seq + 1:
            last = self.ahead.pop(place)[1]
        if place and self.ahead[place - 1][1] == seq - 1:
            place -= 1
            first = self.ahead.pop(place)[0]
        self.ahead.insert(place, (first, last))

    @property
    def highest(self) -> int:
        """The largest number that has arrived; 0 if none has."""
        return self.ahead[-1][1] if self.ahead else self.up_to

    @property
    def first_missing(self) -> int:
        """The smallest number that has not arrived."""
        return self.up_to + 1
