"""Which order was in force on an asset when, and when it was set up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from plantbeat.engine.oee import NOT_YET_APPROVED, OrderSpan
from plantbeat.engine.oee.inputs import FOREVER_US
from plantbeat.facts.views.carry import MOST_OPEN_ORDERS, Carry, OpenOrder, OpenSetup
from plantbeat.facts.views.log_rows import FactRow


@dataclass(slots=True)
class OrderBook:
    """Follows the orders and set-ups of one asset through a day, from what the day before left open.

    A set-up ends with its end, with the first piece approved, or with the next set-up. Where it names its
    order, its time is that order's.
    """

    carry: Carry
    first_piece: bool
    open: dict[str, OpenOrder] = field(init=False)
    setup: OpenSetup | None = field(init=False)
    ordered: bool = field(init=False)
    spans: list[OrderSpan] = field(default_factory=list)
    setups: list[tuple[int, int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open = {one.order: one for one in self.carry.orders}
        self.setup, self.ordered = self.carry.setup, self.carry.ordered

    def take(self, row: FactRow) -> None:
        """Follow one fact; facts come in order of time."""
        said, at_us = row.said, row.t_us
        if row.kind == "order_start":
            self.ordered = True
            known = self.open.get(said.order)
            if known is None:
                self.open[said.order] = OpenOrder(at_us, said.order, said.item, None)
            elif said.item is not None and known.item is None:
                self.open[said.order] = known._replace(item=said.item)
        elif row.kind == "order_end":
            self.ordered = True
            closed = self.open.pop(said.order, None)
            if closed is not None:
                self.spans.append(self._span(closed, at_us))
        elif row.kind == "first_piece_ok":
            known = self.open.get(said.order)
            if known is not None and known.approved_us is None:
                self.open[said.order] = known._replace(approved_us=at_us)
            self._end_setup(at_us)
        elif row.kind == "setup_start":
            self._end_setup(at_us)
            self.setup = OpenSetup(at_us, said.order, said.item, row.lsn)
        else:
            self._end_setup(at_us)

    def _end_setup(self, at_us: int) -> None:
        if self.setup is not None:
            self._note_setup(self.setup, at_us)
            self.setup = None

    def _note_setup(self, setup: OpenSetup, end_us: int) -> None:
        self.setups.append((setup.start_us, end_us, setup.lsn))
        if setup.order is not None:
            self.spans.append(
                OrderSpan(setup.start_us, end_us, setup.order, setup.item, self._approval(None))
            )

    def _span(self, one: OpenOrder, end_us: int) -> OrderSpan:
        return OrderSpan(one.start_us, end_us, one.order, one.item, self._approval(one.approved_us))

    def _approval(self, approved_us: int | None) -> int | None:
        if not self.first_piece:
            return None
        return NOT_YET_APPROVED if approved_us is None else approved_us

    def order_spans(self) -> list[OrderSpan] | None:
        """Orders in force, those still open without an end; None if the asset is not run by orders."""
        spans = [*self.spans, *(self._span(one, FOREVER_US) for one in self.open.values())]
        if self.setup is not None and self.setup.order is not None:
            setup = self.setup
            spans.append(OrderSpan(setup.start_us, FOREVER_US, setup.order, setup.item, self._approval(None)))
        return sorted(spans, key=_begin) if self.ordered or spans else None

    def setup_spans(self) -> Iterable[tuple[int, int, int]]:
        """Set-ups as (start, end, lsn), the one still going on without an end."""
        going_on = [(self.setup.start_us, FOREVER_US, self.setup.lsn)] if self.setup else []
        return [*self.setups, *going_on]

    def carried_orders(self) -> tuple[OpenOrder, ...]:
        """Orders the next day begins with, the latest of them if there are too many."""
        return tuple(sorted(self.open.values())[-MOST_OPEN_ORDERS:])


def _begin(span: OrderSpan) -> tuple[int, str]:
    return span.start_us, str(span.order)
