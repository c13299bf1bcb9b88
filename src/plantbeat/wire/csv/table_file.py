"""A CSV file, plain or gzip, row by row with its line numbers."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from plantbeat.wire.csv.file_fault import FileFault

_GZIP_MAGIC = b"\x1f\x8b"


class TableRow(NamedTuple):
    """A row with its number as a spreadsheet counts (the header is 1); None for cells it does not have."""

    number: int
    cells: dict[str, str | None]


@contextmanager
def table_rows(path: Path, columns: Sequence[str]) -> Iterator[Iterator[TableRow]]:
    """The rows of a CSV that has these columns. Raises `FileFault` for whatever is wrong with the file."""
    try:
        with path.open("rb") as raw:
            packed = raw.peek(2)[:2] == _GZIP_MAGIC
            with (
                gzip.open(raw) if packed else raw as data,
                io.TextIOWrapper(data, encoding="utf-8-sig", newline="") as text,
            ):
                yield _rows(path, text, columns)
    except UnicodeDecodeError:
        raise FileFault(f"{path} is not UTF-8 text; allowed is a CSV saved as UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise FileFault(f"{path} cannot be unpacked, it is damaged or cut short: {fault}.") from None
    except csv.Error as fault:
        raise FileFault(f"{path} is not a CSV: {fault}.") from None
    except OSError as fault:
        raise FileFault(f"{path} cannot be read: {fault.strerror or fault}.") from None


def _rows(path: Path, text: io.TextIOWrapper, columns: Sequence[str]) -> Iterator[TableRow]:
    reader = csv.reader(text, strict=True)
    header = [name.strip() for name in next(reader, [])]
    if not any(header):
        raise FileFault(f"{path} is empty; the first row names the columns {', '.join(map(repr, columns))}.")
    missing = [name for name in columns if name not in header]
    if missing:
        found = ", ".join(header)
        raise FileFault(f"{path} has no column {', '.join(map(repr, missing))}; columns found: {found}.")
    places = {name: header.index(name) for name in columns}
    told = (row for row in enumerate(reader, 2) if row[1])
    first = next(told, None)
    if first is None:
        raise FileFault(f"{path} has column names but no rows.")
    return (
        TableRow(number, {name: row[at] if at < len(row) else None for name, at in places.items()})
        for number, row in chain([first], told)
    )
