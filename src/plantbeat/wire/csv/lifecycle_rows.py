"""Rows that mark the start or the end of an operation, paired into operations.

What names an operation pairs its rows: order, step, machine and worker, as far as the mapping has them. An
end closes the latest start that is still open, in the order of the file.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from plantbeat.engine.stream import iso_utc
from plantbeat.wire.csv.file_fault import FileFault, RowFault
from plantbeat.wire.csv.mapping import LifecycleMapping
from plantbeat.wire.csv.operation_list import (
    Operation,
    instant,
    machine_of,
    nameless,
    needed,
    person_of,
    text_of,
    whole,
)
from plantbeat.wire.csv.table_file import TableRow

_WORDS_SHOWN = 10


class _Name(NamedTuple):
    """What an operation is called; two operations of one name can go on at once."""

    asset: str
    order: str
    step: str
    worker: str


class _Start(NamedTuple):
    row: TableRow
    at_us: int


@dataclass(slots=True)
class Paired:
    """The operations of a file and the rows that belong to none, in order of their numbers.

    `stated` are sentences on rows that were taken although they are unusual.
    """

    found: list[Operation | tuple[TableRow, RowFault]] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)


def paired_operations(rows: Iterable[TableRow], mapping: LifecycleMapping, path: Path) -> Paired:
    """Every operation that starts and ends in the file. Raises `FileFault` for words of another file."""
    pairing = _Pairing(mapping)
    for row in rows:
        try:
            pairing.take(row)
        except RowFault as fault:
            pairing.found.append((nameless(row, mapping.of.worker), fault))
    pairing.check_words(path)
    pairing.close()
    found = sorted(pairing.found, key=_number)
    return Paired(found, [*pairing.stated, *overlaps(found)])


@dataclass(slots=True)
class _Pairing:
    mapping: LifecycleMapping
    open: dict[_Name, list[_Start]] = field(default_factory=lambda: defaultdict(list))
    words: Counter[str] = field(default_factory=Counter)
    first_words: dict[_Name, str] = field(default_factory=dict)
    found: list[Operation | tuple[TableRow, RowFault]] = field(default_factory=list)
    stated: list[str] = field(default_factory=list)

    def take(self, row: TableRow) -> None:
        """Follow one row. Raises `RowFault` for one that neither starts nor ends an operation."""
        mapping = self.mapping
        if mapping.skip_column and text_of(row, mapping.skip_column) in mapping.skipped:
            return
        word = needed(row, mapping.mark)
        self.words[word] += 1
        if word in mapping.ignored:
            return
        if word not in (mapping.start_word, mapping.end_word):
            raise RowFault(
                f"{mapping.mark} “{word}” is neither “{mapping.start_word}” nor “{mapping.end_word}”; "
                "words that say nothing are named under ignore in [marks]"
            )
        of = mapping.of
        name = _Name(
            machine_of(row, mapping.asset_column), needed(row, of.order), text_of(row, of.step),
            person_of(row, of.worker),
        )  # fmt: skip
        self.first_words.setdefault(name, word)
        at_us = instant(row, mapping.time, mapping.zone)
        if word == mapping.start_word:
            self._start(name, _Start(row, at_us))
        else:
            self._end(name, row, at_us)

    def _start(self, name: _Name, start: _Start) -> None:
        waiting = self.open[name]
        if waiting:
            self.stated.append(
                f"row {start.row.number}: starts what row {waiting[-1].row.number} has started and no row "
                f"has ended; the next end is taken for row {start.row.number}"
            )
        waiting.append(start)

    def _end(self, name: _Name, row: TableRow, at_us: int) -> None:
        mapping, waiting = self.mapping, self.open[name]
        if not waiting:
            raise RowFault(
                f"“{mapping.end_word}” without a “{mapping.start_word}” before it ({self._same()})"
            )
        start = waiting.pop()
        if at_us < start.at_us:
            raise RowFault(
                f"{mapping.time} {iso_utc(at_us)} lies before the start in row {start.row.number}, "
                f"{iso_utc(start.at_us)}"
            )
        self.found.append(self._operation(name, start, row, at_us))

    def _operation(self, name: _Name, start: _Start, row: TableRow, end_us: int) -> Operation:
        """Item and ordered quantity stand in either row, pieces in the one that ends the operation."""
        mapping, of = self.mapping, self.mapping.of
        column, value = mapping.rework_column, mapping.rework_value
        quantity = (whole(start.row, of.quantity) or whole(row, of.quantity)) if of.quantity else None
        return Operation(
            row.number, start.row.number, name.asset, name.order, name.step,
            text_of(start.row, of.item) or text_of(row, of.item), quantity, name.worker, start.at_us, end_us,
            whole(row, of.good), whole(row, of.scrap), whole(row, of.rework),
            bool(column) and value in (text_of(start.row, column), text_of(row, column)),
        )  # fmt: skip

    def check_words(self, path: Path) -> None:
        """Raise `FileFault` if the words of the mapping are not those of the file, or the other way round."""
        for word in (self.mapping.start_word, self.mapping.end_word):
            if not self.words[word]:
                told = ", ".join(f"“{known}”" for known, _n in self.words.most_common(_WORDS_SHOWN)) or "none"
                raise FileFault(f"{path}: no row has {self.mapping.mark} “{word}”; words found: {told}.")
        first, word = Counter(self.first_words.values()), self.mapping.end_word
        if first[word] > first[self.mapping.start_word]:
            raise FileFault(
                f"{path}: {first[word]:,} of {len(self.first_words):,} operations begin with “{word}”; start "
                "and end in [marks] may be swapped, or the newest rows stand first: sort the file by time."
            )

    def close(self) -> None:
        """Starts that nothing has ended belong to no operation."""
        fault = f"“{self.mapping.start_word}” without a “{self.mapping.end_word}” after it ({self._same()})"
        self.found += [(start.row, RowFault(fault)) for waiting in self.open.values() for start in waiting]

    def _same(self) -> str:
        of = self.mapping.of
        named = [of.order, of.step, self.mapping.asset_column, of.worker]
        return "of the same " + ", ".join(dict.fromkeys(name for name in named if name))


def overlaps(found: Iterable[Operation | tuple[TableRow, RowFault]]) -> list[str]:
    """One sentence for each operation that begins while another of the same name goes on."""
    by_name: dict[_Name, list[Operation]] = defaultdict(list)
    for one in found:
        if isinstance(one, Operation) and one.worker:
            by_name[_Name(one.asset, one.order, one.step, one.worker)].append(one)
    told = []
    for same in by_name.values():
        same.sort(key=lambda one: (one.start_us, one.begun))
        longest = same[0]
        for one in same[1:]:
            if one.start_us < longest.end_us:
                told.append((one.begun, longest))
            if one.end_us > longest.end_us:
                longest = one
    return [
        f"row {number}: begins before row {other.number} ends the same operation of the same worker; "
        "both count in full"
        for number, other in sorted(told, key=lambda pair: pair[0])
    ]


def _number(one: Operation | tuple[TableRow, RowFault]) -> int:
    return one.number if isinstance(one, Operation) else one[0].number
