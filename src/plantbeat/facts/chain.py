"""The chain over the fact log: each append is a block, its hash seals its facts and the block before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from plantbeat.facts.tables import Fact, FactBlock, SealedMonth
from plantbeat.kernel.log import GENESIS

Row = tuple[Any, ...]
COLUMNS = (
    "lsn", "src", "seq", "asset", "t_us", "rx_us", "kind", "schema_v", "body", "actor", "reverses", "reason",
)  # fmt: skip
_lines = msgspec.json.Encoder().encode_lines


def block_hash(previous: str, rows: Sequence[Row]) -> str:
    """Hash of a block: of the one before and of every row (`COLUMNS`), in the order of the log."""
    digest = hashlib.sha256(previous.encode())
    digest.update(_lines(rows))
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class FactBreak:
    """Where the fact log first does not hold: the facts of the block, and the one fact where it is known."""

    first_lsn: int
    last_lsn: int
    lsn: int | None
    message: str

    def __str__(self) -> str:
        return f"facts {self.first_lsn} to {self.last_lsn}: {self.message}"


@dataclass(frozen=True, slots=True)
class FactCheck:
    """What was recomputed, and the first break if there is one."""

    blocks: int
    facts: int
    head: str
    broken: FactBreak | None


SealedRows = Callable[[int, int], Iterable[Row]]
"""Rows (`COLUMNS`) of sealed facts with an lsn from first to last, from the files of the sealed months."""


def verify_facts(sealed: SealedRows | None = None) -> FactCheck:
    """Recompute every block from the first; `sealed` brings the facts that have moved to files.

    Without it, a block of which facts were sealed is a break: it cannot be proved from the database alone.
    """
    previous, expected, facts = GENESIS, 1, 0
    blocks = 0
    for block in FactBlock.objects.order_by("last_lsn").iterator(2000):
        rows = _rows_of(block, sealed)
        if broken := _break_in(block, previous, expected, rows):
            return FactCheck(blocks, facts, previous, broken)
        previous, expected = block.hash, block.last_lsn + 1
        blocks, facts = blocks + 1, facts + len(rows)
    stray = Fact.objects.filter(lsn__gte=expected).order_by("lsn").values_list("lsn", flat=True).first()
    if stray is not None:
        broken = FactBreak(stray, stray, stray, f"fact {stray} belongs to no block")
        return FactCheck(blocks, facts, previous, broken)
    return FactCheck(blocks, facts, previous, None)


@dataclass(frozen=True, slots=True)
class BlockCheck:
    """One block computed again: its place in the log, its hash, and in what it does not hold, if so."""

    first_lsn: int
    last_lsn: int
    previous: str
    hash: str
    broken: FactBreak | None


def check_block(lsn: int, sealed: SealedRows | None = None) -> BlockCheck | None:
    """Recompute the block of a fact, and that it follows the block before and is followed; None without one.

    That holds for this block alone: whether the whole log does, `verify_facts` tells.
    """
    block = FactBlock.objects.filter(last_lsn__gte=lsn).order_by("last_lsn").first()
    if block is None:
        return None
    before = FactBlock.objects.filter(last_lsn__lt=block.last_lsn).order_by("-last_lsn").first()
    after = FactBlock.objects.filter(last_lsn__gt=block.last_lsn).order_by("last_lsn").first()
    previous, expected = (before.hash, before.last_lsn + 1) if before is not None else (GENESIS, 1)
    broken = _break_in(block, previous, expected, _rows_of(block, sealed))
    if broken is None and after is not None and after.previous != block.hash:
        broken = _break(block, "the block after it does not follow")
    return BlockCheck(block.first_lsn, block.last_lsn, block.previous, block.hash, broken)


def _rows_of(block: FactBlock, sealed: SealedRows | None) -> list[Row]:
    span = Fact.objects.filter(lsn__gte=block.first_lsn, lsn__lte=block.last_lsn)
    names = [{"src": "src_id", "asset": "asset_id"}.get(name, name) for name in COLUMNS]
    rows = list(span.order_by("lsn").values_list(*names))
    if sealed is not None and len(rows) <= block.last_lsn - block.first_lsn:
        # A crash between sealing and deleting leaves a fact in both places.
        by_lsn = {row[0]: row for row in [*sealed(block.first_lsn, block.last_lsn), *rows]}
        rows = [by_lsn[lsn] for lsn in sorted(by_lsn)]
    return rows


def _break_in(block: FactBlock, previous: str, expected: int, rows: list[Row]) -> FactBreak | None:
    if block.first_lsn != expected:
        return _break(block, f"the block that holds fact {expected} is missing", expected)
    if block.previous != previous:
        return _break(block, "the block does not follow the one before it")
    present = {row[0] for row in rows}
    for lsn in range(block.first_lsn, block.last_lsn + 1):
        if lsn not in present:
            sealed = SealedMonth.objects.filter(last_lsn__gte=lsn).exists()
            also = ", or was sealed and its file was not read" if sealed else ""
            return _break(block, f"fact {lsn} is missing{also}", lsn)
    if block_hash(previous, rows) != block.hash:
        return _break(block, "a fact was altered after it was written")
    return None


def _break(block: FactBlock, message: str, lsn: int | None = None) -> FactBreak:
    return FactBreak(block.first_lsn, block.last_lsn, lsn, message)
