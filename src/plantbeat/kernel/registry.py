"""Every record type of the product, by code; filled once when the applications are ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from plantbeat.kernel.record import Record

_records: dict[str, type[Record]] = {}


def register(model: type[Record]) -> None:
    """Make a record type known; the same code twice is a fault of the declaration."""
    known = _records.setdefault(model.type_code(), model)
    if known is not model:
        raise ValueError(f"two record types have the code {model.type_code()}")


def records() -> list[type[Record]]:
    """All record types, in the order of their codes."""
    return [_records[code] for code in sorted(_records)]


def record(code: str) -> type[Record]:
    """The record type of a code such as `planning.WorkOrder`; KeyError if there is none."""
    return _records[code]
