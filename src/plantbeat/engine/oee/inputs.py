"""What one asset-day is computed from. Instants are µs UTC, spans half-open ``[start_us, end_us)``."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias

from plantbeat.engine.oee.states import State

Key: TypeAlias = int | str | None
"""Identity of a shift, order, product or reason, as the caller keeps it; None when there is none."""

FOREVER_US = 2**63 - 1
"""End of a span that has no end yet."""

NOT_YET_APPROVED = FOREVER_US
"""`OrderSpan.approved_us` of an order that still waits for its first-piece approval."""


class CountKind(StrEnum):
    """What happened to the pieces of a count. The first three are a first pass, the next two a later one."""

    good = "good"
    scrap = "scrap"
    rework = "rework"
    recovered = "recovered"
    scrapped_after_rework = "scrapped_after_rework"
    setup = "setup"


@dataclass(frozen=True, slots=True)
class StateSpan:
    """A reported canonical state; `state` must be one of `states.REPORTABLE`."""

    start_us: int
    end_us: int
    state: State
    reason: Key = None


@dataclass(frozen=True, slots=True)
class ShiftSpan:
    """A shift with its breaks as (start_us, end_us) pairs."""

    start_us: int
    end_us: int
    shift: Key
    breaks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class OrderSpan:
    """An order in force on the asset.

    First-pass counts before `approved_us` are set-up pieces; None means that no first-piece approval is
    required, `NOT_YET_APPROVED` that it is still awaited.
    """

    start_us: int
    end_us: int
    order: Key
    product: Key
    approved_us: int | None = None


@dataclass(frozen=True, slots=True)
class CountEvent:
    """Pieces counted at `t_us`; `reason` is the defect reason of scrap or rework."""

    t_us: int
    kind: CountKind
    quantity: int = 1
    reason: Key = None


@dataclass(frozen=True, slots=True)
class IdealCycle:
    """Ideal time of one piece of `product` on the asset, in force over ``[start_us, end_us)``."""

    product: Key
    ideal_us: int
    start_us: int
    end_us: int = FOREVER_US


class IdealCycles:
    """Ideal cycles of an asset, looked up by product and instant. Build it once for many days."""

    __slots__ = ("_by_product",)

    def __init__(self, cycles: Iterable[IdealCycle] = ()) -> None:
        """Raises ValueError when a cycle is not positive or two are in force for a product at once."""
        by_product: dict[Key, list[IdealCycle]] = defaultdict(list)
        for cycle in cycles:
            if cycle.ideal_us <= 0:
                raise ValueError(
                    f"ideal cycle of product {cycle.product!r} is {cycle.ideal_us} µs, it must be more than 0"
                )
            by_product[cycle.product].append(cycle)
        self._by_product: dict[Key, tuple[list[int], list[IdealCycle]]] = {}
        for product, own in by_product.items():
            own.sort(key=lambda cycle: cycle.start_us)
            for before, after in pairwise(own):
                if after.start_us < before.end_us:
                    raise ValueError(
                        f"product {product!r} has two ideal cycles in force at {after.start_us} µs; the "
                        "earlier must end before the later begins"
                    )
            self._by_product[product] = [cycle.start_us for cycle in own], own

    def at(self, product: Key, t_us: int) -> int | None:
        """Ideal µs per piece in force at `t_us`, None when none is."""
        found = self._by_product.get(product)
        if found is None:
            return None
        index = bisect_right(found[0], t_us) - 1
        if index < 0 or t_us >= found[1][index].end_us:
            return None
        return found[1][index].ideal_us


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Everything that happened on one asset in one local day ``[start_us, end_us)``.

    `hours` are the UTC starts of the day's civil hours, the first equal to `start_us`. Spans may reach beyond
    the day, and states and orders should: a stop is judged by its whole length. Counts outside the day are
    another day's and are passed over.

    `orders` None means that the asset is not run by orders; an empty sequence that no order was in force.
    Where shifts or orders overlap (a handover, an order squeezed in) the one that started last holds.
    """

    start_us: int
    end_us: int
    hours: Sequence[int]
    shifts: Sequence[ShiftSpan] = ()
    states: Sequence[StateSpan] = ()
    counts: Sequence[CountEvent] = ()
    orders: Sequence[OrderSpan] | None = None
    maintenance: Sequence[tuple[int, int]] = ()
    ideals: IdealCycles = field(default_factory=IdealCycles)


@dataclass(frozen=True, slots=True)
class ReadRules:
    """Rules applied when facts are read; changing one changes the view, never a fact.

    An own stop shorter than the micro-stop limit (of the product in force at its start, else the general one)
    is a micro-stop. Running time of an hour is slow when its pieces earned less than `slow_below_percent` of
    it at the ideal cycle, one piece given for the one still in the machine; None switches that off (sources
    that count in bulk).
    """

    micro_stop_us: int
    micro_stop_us_of: Mapping[Key, int] = field(default_factory=dict)
    slow_below_percent: int | None = None
