"""Bills of materials over all levels: what an item is made of, where it is used, what its material costs.

Quantities are exact fractions of the component's unit per unit of the item above. Scrap is the share of the
gross quantity that is lost (APICS Dictionary, "scrap factor"): gross = net / (1 − share).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter


class BillCircleError(ValueError):
    """An item is, over several levels, a component of itself; `items` names the way round."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(" → ".join(items))
        self.items = tuple(items)


@dataclass(frozen=True, slots=True)
class BillLine:
    """A component for the batch of a bill; `scrap` is a share below 1; in force from and until, inclusive."""

    item: str
    quantity: Fraction
    scrap: Fraction = Fraction(0)
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, day: date) -> bool:
        """True if the component is used in what is made on a day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )

    @property
    def gross(self) -> Fraction:
        """Quantity to provide, what is lost included. Raises ValueError for a scrap share of 1 or more."""
        if not 0 <= self.scrap < 1:
            raise ValueError(f"component {self.item}: the scrap share must be from 0 to below 1")
        return self.quantity / (1 - self.scrap)


@dataclass(frozen=True, slots=True)
class Bill:
    """The components of one item, one level, for a batch of it."""

    item: str
    lines: tuple[BillLine, ...]
    batch: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.batch <= 0:
            raise ValueError(f"bill of {self.item}: the batch must be more than 0")


Bills = Mapping[str, Bill]
"""Bills by the code of their item."""


@dataclass(frozen=True, slots=True)
class Node:
    """An item in a tree of bills: level from 1, and gross quantity per unit of the item at the top.

    For where-used it is the other way: quantity of the item asked about per unit of this one.
    """

    level: int
    item: str
    quantity: Fraction
    is_leaf: bool


def structure(bills: Bills, item: str, day: date) -> list[Node]:
    """All components of an item over all levels as made on a day, depth first. Raises `BillCircleError`."""
    return list(_down(bills, item, day, Fraction(1), (item,)))


def _down(bills: Bills, item: str, day: date, quantity: Fraction, way: tuple[str, ...]) -> Iterator[Node]:
    bill = bills.get(item)
    if bill is None:
        return
    for line in bill.lines:
        if not line.in_force(day):
            continue
        if line.item in way:
            raise BillCircleError((*way[way.index(line.item) :], line.item))
        needed = quantity * line.gross / bill.batch
        yield Node(len(way), line.item, needed, line.item not in bills)
        yield from _down(bills, line.item, day, needed, (*way, line.item))


def where_used(bills: Bills, item: str, day: date) -> list[Node]:
    """All items that contain an item, directly or over levels, depth first. Raises `BillCircleError`."""
    above: dict[str, list[tuple[str, Fraction]]] = {}
    for bill in bills.values():
        for line in bill.lines:
            if line.in_force(day):
                above.setdefault(line.item, []).append((bill.item, line.gross / bill.batch))
    return list(_up(above, item, Fraction(1), (item,)))


def _up(
    above: Mapping[str, list[tuple[str, Fraction]]], item: str, quantity: Fraction, way: tuple[str, ...]
) -> Iterator[Node]:
    for parent, share in above.get(item, ()):
        if parent in way:
            raise BillCircleError((*way[way.index(parent) :], parent))
        needed = quantity * share
        yield Node(len(way), parent, needed, parent not in above)
        yield from _up(above, parent, needed, (*way, parent))


@dataclass(frozen=True, slots=True)
class MaterialCost:
    """Rolled-up material cost of one unit; `missing` are purchased items without a cost, which it lacks."""

    amount: Fraction
    missing: tuple[str, ...]


def material_cost(bills: Bills, costs: Mapping[str, Fraction], item: str, day: date) -> MaterialCost:
    """Cost roll-up: gross quantities of the items at the ends of the tree times their cost per unit.

    An item with a bill costs what its components cost, whatever `costs` says of it. Raises `BillCircleError`.
    """
    if item not in bills:
        return MaterialCost(costs.get(item, Fraction(0)), () if item in costs else (item,))
    leaves = [node for node in structure(bills, item, day) if node.is_leaf]
    amount = sum((node.quantity * costs.get(node.item, Fraction(0)) for node in leaves), Fraction(0))
    return MaterialCost(amount, tuple(sorted({node.item for node in leaves} - costs.keys())))


def circle(bills: Bills) -> tuple[str, ...] | None:
    """A way from an item over components back to itself, whatever the dates; None if there is none."""
    components = {item: [line.item for line in bill.lines] for item, bill in bills.items()}
    try:
        TopologicalSorter(components).prepare()
    except CycleError as found:
        return tuple(reversed(found.args[1]))
    return None
