"""Where the missing pieces of an hour went: parts that add up to the gap exactly, as whole pieces."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class GapPart(StrEnum):
    """What a part of a gap is."""

    stop = "stop"
    scrap = "scrap"
    rework = "rework"
    slower = "slower"
    faster = "faster"
    unexplained = "unexplained"


@dataclass(frozen=True, slots=True)
class LostTime(Generic[K]):
    """Time of one state and reason in an hour, and what the plan expected of it (pieces, unrounded)."""

    key: K
    us: int
    worth: Fraction


def apportioned(shares: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers next to the shares that add up to the total (largest remainder; the first of equals).

    Raises ValueError if the shares do not add up to the total themselves.
    """
    if sum(shares, Fraction(0)) != total:
        raise ValueError(f"the shares add up to {sum(shares, Fraction(0))}, not to {total}")
    whole = [share.numerator // share.denominator for share in shares]
    order = sorted(range(len(shares)), key=lambda place: (whole[place] - shares[place], place))
    for place in order[: total - sum(whole)]:
        whole[place] += 1
    return whole


def gap_parts(
    gap: int, lost: Sequence[LostTime[K]], *, scrap: int = 0, rework: int = 0, unknown: Fraction = Fraction(0)
) -> tuple[list[int], dict[GapPart, int]]:
    """Pieces of each lost time, and the other parts; all together are the gap, which may be negative.

    Lost time costs what the plan expected of it. Scrap and rework cost one piece each. Of what then is left,
    at most the worth of time in which nothing is known (`unknown`) is not yet explained, the rest was
    slower than the standard; a surplus was faster.
    Source: site practice after Rother, Toyota Kata (2010), hour-by-hour production board.
    """
    known = sum((one.worth for one in lost), Fraction(0)) + scrap + rework
    rest = gap - known
    unexplained = min(max(rest, Fraction(0)), unknown)
    shares = [*(one.worth for one in lost), unexplained, rest - unexplained]
    *pieces, not_known, pace = apportioned(shares, gap - scrap - rework)
    parts = {
        GapPart.scrap: scrap,
        GapPart.rework: rework,
        GapPart.unexplained: not_known,
        GapPart.slower if pace > 0 else GapPart.faster: pace,
    }
    return pieces, {part: count for part, count in parts.items() if count}
