"""Reading single stops, set-ups and calls over long times, without making an object of every row.

Whoever calls has asked `scopes.allowed_at` first.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

from django.db.models import Max

from plantbeat.engine.oee import State
from plantbeat.facts.views.tables import FactEvent, FactInterval


class Piece(NamedTuple):
    """An uncut part of a stop or set-up; `owner_day` and `shift` None outside all shifts."""

    asset: int
    start_us: int
    end_us: int
    begins: bool
    reason: str | None
    product: str | None
    order: str | None
    owner_day: date | None
    shift: str | None
    lsn: int | None
    reason_lsn: int | None


_COLUMNS = (
    "asset_id", "start_us", "end_us", "begins", "reason", "product", "order_number", "shift__owner_day",
    "shift__shift", "lsn", "reason_lsn",
)  # fmt: skip


def pieces_in_state(assets: Collection[int], state: State, start_us: int, end_us: int) -> list[Piece]:
    """Intervals of assets in one state that begin in a span, by asset and start; one query."""
    rows = FactInterval.objects.filter(
        asset__in=assets, state=state.value, start_us__gte=start_us, start_us__lt=end_us
    )
    found = rows.order_by("asset_id", "start_us").values_list(*_COLUMNS)
    return [Piece(*row) for row in found]


def last_said(assets: Collection[int], kinds: Collection[str], start_us: int, end_us: int) -> dict[int, int]:
    """Instant of the last kept fact of some kinds in a span, by asset; one query."""
    rows = FactEvent.objects.filter(
        asset__in=assets, kind__in=kinds, t_us__gte=start_us, t_us__lte=end_us
    ).order_by()
    return dict(rows.values_list("asset_id").annotate(Max("t_us")))
