"""`plantbeat facts summarize`: what an event file of a machine says, without a site and without a server."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import tzinfo
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import click

from plantbeat.engine.counters import Reading
from plantbeat.engine.stream import (
    ClockRule,
    EventRow,
    EventSummary,
    TimestampError,
    day_start_us,
    event_summary,
    utc_us,
)
from plantbeat.kernel import clock

HOUR_US = 3_600_000_000
_GZIP_MAGIC = b"\x1f\x8b"
_LONGEST_HEADER = 65_536
_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab"}
_KEYS_SHOWN = 30


class EventFileFault(click.ClickException):
    """The file cannot be summarized; the message names it and says what is allowed."""

    exit_code = 2


def _date(ctx: click.Context, param: click.Parameter, value: str) -> int:
    try:
        return day_start_us(value)
    except TimestampError as fault:
        raise click.BadParameter(f"{fault}.", ctx, param) from None


def _instant(ctx: click.Context, param: click.Parameter, value: str | None) -> int:
    if value is None:
        return clock.now_us()
    try:
        return utc_us(value)
    except TimestampError as fault:
        raise click.BadParameter(f"{fault}.", ctx, param) from None


def _zone(ctx: click.Context, param: click.Parameter, value: str | None) -> tzinfo | None:
    if value is None:
        return None
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        sentence = f"{value!r} is not a time zone; allowed are names such as Europe/Berlin."
        raise click.BadParameter(sentence, ctx, param) from None


@dataclass(frozen=True, slots=True)
class _Columns:
    """Names of the columns; without a name for the file date, `file_date` is taken where the file has it."""

    ts: str
    key: str
    value: str
    file_date: str | None

    @property
    def required(self) -> list[str]:
        named = [self.ts, self.key, self.value]
        return named if self.file_date is None else [*named, self.file_date]


@click.command("summarize", short_help="Time by state and counter advance of an event file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option("--state-key", required=True, metavar="KEY", help="Key whose values are the machine's states.")
@click.option(
    "--counter-key",
    "counter_keys",
    multiple=True,
    metavar="KEY",
    help="Key of a cumulative counter; may be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--not-before",
    callback=_date,
    metavar="DATE",
    default="2010-01-01",
    show_default=True,
    help="A row dated before this (UTC) is quarantined: its clock was wrong.",
)
@click.option(
    "--received",
    callback=_instant,
    metavar="TIMESTAMP",
    help="When the file was received, for rows without a file date; default: now.",
)
@click.option("--zone", callback=_zone, metavar="NAME", help="Zone of times without an offset; default: UTC.")
@click.option("--ts-column", default="ts", show_default=True, metavar="NAME")
@click.option("--key-column", default="key", show_default=True, metavar="NAME")
@click.option("--value-column", default="value", show_default=True, metavar="NAME")
@click.option("--file-date-column", metavar="NAME", help="Default: file_date, where the file has it.")
def summarize(
    file: Path,
    state_key: str,
    counter_keys: Sequence[str],
    as_json: bool,
    not_before: int,
    received: int,
    zone: tzinfo | None,
    ts_column: str,
    key_column: str,
    value_column: str,
    file_date_column: str | None,
) -> None:
    """Summarize FILE, a CSV (plain or .gz) with one event per row: time, key, value, optional file date.

    A state lasts to the next row of the state key; the last one is open and left out. Exact repeats of time
    and value are dropped. Rows that cannot be read or whose clock is impossible (before --not-before, or more
    than 48 h after the start of the file date) are quarantined: counted by reason, left out of the rest.
    """
    columns = _Columns(ts_column, key_column, value_column, file_date_column)
    with _event_rows(file, columns) as rows:
        summary = event_summary(
            rows,
            state_key=state_key,
            counter_keys=counter_keys,
            received_us=received,
            clock=ClockRule(not_before_us=not_before),
            zone=zone,
        )
    for key in (state_key, *counter_keys):
        if key not in summary.keys:
            raise EventFileFault(_never_occurs(file, key, summary))
    click.echo(json.dumps(_as_json(summary), indent=2, ensure_ascii=False) if as_json else _as_table(summary))


@contextmanager
def _event_rows(file: Path, columns: _Columns) -> Iterator[Iterator[EventRow | None]]:
    """The rows of an event CSV; whatever is wrong with the file itself is raised as one sentence."""
    try:
        with (
            file.open("rb") as raw,
            _unpacked(file, raw) as data,
            io.TextIOWrapper(data, encoding="utf-8-sig", newline="") as text,
        ):
            header, delimiter = _header(file, text, columns)
            yield _event_texts(_rows(file, text, delimiter), header, columns)
    except UnicodeDecodeError:
        raise EventFileFault(f"{file} is not UTF-8 text; allowed is a CSV saved as UTF-8.") from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as fault:
        raise EventFileFault(f"{file} cannot be unpacked, it is damaged or cut short: {fault}.") from None
    except OSError as fault:
        raise EventFileFault(f"{file} cannot be read: {fault.strerror or fault}.") from None


@contextmanager
def _unpacked(file: Path, raw: io.BufferedReader) -> Iterator[BinaryIO]:
    """The bytes of the file; packed or not is seen from the bytes themselves."""
    start = raw.peek(_LONGEST_HEADER)
    if start.startswith(_GZIP_MAGIC):
        with gzip.open(raw) as unpacked:
            yield cast("BinaryIO", unpacked)
        return
    if not start:
        raise EventFileFault(f"{file} is empty; allowed is a CSV with a header row.")
    if file.suffix == ".gz":
        raise EventFileFault(f"{file} is named .gz but holds no gzip data.")
    yield raw


def _header(file: Path, text: io.TextIOWrapper, columns: _Columns) -> tuple[list[str], str]:
    """The names of the header row and the delimiter under which the needed ones are found."""
    line = text.readline(_LONGEST_HEADER)
    if not line.strip():
        raise EventFileFault(f"{file} has no header row; allowed is a CSV that starts with one.")
    if "\0" in line or len(line) == _LONGEST_HEADER:
        raise EventFileFault(f"{file} is not a CSV: its first line is no header row of text.")
    found: list[str] = []
    for delimiter in _DELIMITERS:
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter))]
        if all(names.count(name) == 1 for name in columns.required):
            return names, delimiter
        found = max(found, names, key=len)
    missing = [name for name in columns.required if name not in found]
    if not missing:
        twice = next(name for name in columns.required if found.count(name) > 1)
        raise EventFileFault(f"{file} has the column {twice!r} more than once; allowed is once.")
    raise EventFileFault(
        f"{file} has no column {' and no column '.join(map(repr, missing))}; columns found: "
        f"{_listed(map(repr, found))}. Name them with --ts-column, --key-column, --value-column and "
        f"--file-date-column; allowed between columns are {', '.join(_DELIMITERS.values())}."
    )


def _rows(file: Path, text: io.TextIOWrapper, delimiter: str) -> Iterator[list[str] | None]:
    """The rows below the header that are not blank, None for one whose quotes are broken.

    A quote that is never closed would swallow the rows after it without a word, so that refuses the file.
    """
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 2
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            if reader.line_num >= line:
                raise EventFileFault(f"{file} opens a quote in line {line} that is not closed.") from None
            yield None
        else:
            if row:
                yield row


def _event_texts(
    rows: Iterable[list[str] | None], header: list[str], columns: _Columns
) -> Iterator[EventRow | None]:
    """Each row's four texts; None where it is malformed, too short to hold them or longer than the header."""
    width = len(header)
    ts, key, value = (header.index(name) for name in (columns.ts, columns.key, columns.value))
    dated_name = columns.file_date or "file_date"
    dated = header.index(dated_name) if dated_name in header else None
    needed = max(ts, key, value, 0 if dated is None else dated) + 1
    for row in rows:
        if row is None or len(row) < needed or (len(row) > width and any(row[width:])):
            yield None
        else:
            yield EventRow(row[ts], row[key], row[value], "" if dated is None else row[dated])


def _never_occurs(file: Path, key: str, summary: EventSummary) -> str:
    if not summary.rows:
        return f"{file} has a header row and no events."
    found = _listed(f"{name!r} ({rows:,})" for name, rows in summary.keys.items())
    return f"the key {key!r} never occurs in {file}; keys found, with their rows: {found}."


def _listed(names: Iterable[str]) -> str:
    """The names with commas between, not more than anyone would read."""
    every = list(names)
    if len(every) > _KEYS_SHOWN:
        every[_KEYS_SHOWN:] = [f"and {len(every) - _KEYS_SHOWN} more"]
    return ", ".join(every) or "none"


def _number(advance: Reading | None) -> int | float | None:
    return float(advance) if isinstance(advance, Fraction) else advance


def _as_json(summary: EventSummary) -> dict[str, Any]:
    return {
        "rows": summary.rows,
        "quarantined": {reason.value: rows for reason, rows in summary.quarantined.items()},
        "states": {
            state: {"hours": round(time.length_us / HOUR_US, 4), "intervals": time.intervals}
            for state, time in summary.states.items()
        },
        "counters": {key: _number(total.advance) for key, total in summary.counters.items()},
    }


def _as_table(summary: EventSummary) -> str:
    quarantined = sum(summary.quarantined.values())
    lines = [f"{summary.rows:,} rows, {quarantined:,} of them quarantined"]
    lines += [
        f"  {rows:>9,}  {reason.value}: {reason.sentence}" for reason, rows in summary.quarantined.items()
    ]
    width = max(map(len, ("state", "counter", *summary.states, *summary.counters)))
    lines += ["", f"{'state':<{width}}  {'hours':>14}  {'intervals':>9}"]
    lines += [
        f"{state:<{width}}  {time.length_us / HOUR_US:>14,.4f}  {time.intervals:>9,}"
        for state, time in summary.states.items()
    ]
    if summary.counters:
        lines += ["", f"{'counter':<{width}}  {'advance':>14}  {'readings':>9}"]
    for key, total in summary.counters.items():
        advance = "no reading" if total.advance is None else f"{_number(total.advance):,}"
        open_drop = "  last drop undecided, not counted" if total.open_drop else ""
        lines.append(f"{key:<{width}}  {advance:>14}  {total.readings:>9,}{open_drop}")
    return "\n".join(lines)
