"""A mapping file (TOML): which column of a log means what.

layout = "events"                     # one row per event: time, key, value
[source]
name = "hurco-log"                    # the fact source; made if there is none
[assets]
code = "HURCO"
[columns]
time = "ts"
key = "key"
value = "value"
file_date = "file_date"               # optional: day of the log file, to judge the machine's clock by
[keys]
state = "Program_Status"
[keys.counters]
Part_Count = "parts"                  # key in the file = counter of the machine

layout = "operations"                 # one row per operation of an order
[source]
name = "job-shop-2012"
[assets]
column = "Resource"
create = true                         # make machines that the site does not have yet
[time]
duration = "Span"                     # hhh:mm; or start and end, columns with timestamps
begin = "2012-01-02T07:00:00Z"        # operations follow each other on their machine from here
zone = "Europe/Berlin"                # optional: of times without an offset; else they are UTC
[columns]
order = "Case ID"
step = "Activity"                     # this and the next ones are optional
item = "Part Desc."
quantity = "Work Order Qty"
worker = "Worker ID"                  # a pseudonym
good = "Qty Completed"
scrap = "Qty Rejected"
rework = "Qty for MRB"
[rework]
column = "Rework"                     # rows in which earlier rejected pieces are worked on again
value = "Y"

layout = "lifecycle"                  # one row where an operation starts, another where it ends
[source], [assets], [columns], [rework]  as for operations
[time]
column = "ts"
zone = "Europe/Berlin"
[marks]
column = "lifecycle"                  # says which of the two a row is
start = "start"
end = "complete"
ignore = ["schedule"]                 # optional: rows with these words say nothing
[skip]                                # optional: rows that are no operation
column = "activity"
values = ["Start", "End"]
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from datetime import tzinfo
from pathlib import Path
from typing import Any

from plantbeat.engine.calendars.civil import zone_named
from plantbeat.engine.stream import TimestampError, utc_us
from plantbeat.wire.csv.file_fault import FileFault


@dataclass(frozen=True, slots=True)
class EventMapping:
    """An event file of one asset; `counters` are keys with the name of the counter."""

    source: str
    asset: str
    time: str
    key: str
    value: str
    file_date: str
    state: str
    counters: dict[str, str]

    @property
    def columns(self) -> list[str]:
        """Columns that the file must have."""
        return [name for name in (self.time, self.key, self.value, self.file_date) if name]


@dataclass(frozen=True, slots=True)
class OperationColumns:
    """Columns of an operation list; empty ones are not there."""

    order: str
    step: str = ""
    item: str = ""
    quantity: str = ""
    worker: str = ""
    good: str = ""
    scrap: str = ""
    rework: str = ""


@dataclass(frozen=True, slots=True)
class OperationMapping:
    """A list of operations, timed by start and end, or by a duration from `begin_us` on."""

    source: str
    asset_column: str
    create: bool
    start: str
    end: str
    duration: str
    begin_us: int
    zone: tzinfo | None
    of: OperationColumns
    rework_column: str
    rework_value: str

    @property
    def columns(self) -> list[str]:
        """Columns that the file must have."""
        named = [getattr(self.of, field.name) for field in fields(self.of)]
        every = [self.asset_column, self.start, self.end, self.duration, *named, self.rework_column]
        return list(dict.fromkeys(name for name in every if name))


@dataclass(frozen=True, slots=True)
class LifecycleMapping:
    """Rows that mark the start or the end of an operation; what names the operation pairs them."""

    source: str
    asset_column: str
    create: bool
    time: str
    zone: tzinfo | None
    mark: str
    start_word: str
    end_word: str
    ignored: tuple[str, ...]
    skip_column: str
    skipped: tuple[str, ...]
    of: OperationColumns
    rework_column: str
    rework_value: str

    @property
    def columns(self) -> list[str]:
        """Columns that the file must have."""
        named = [getattr(self.of, field.name) for field in fields(self.of)]
        every = [self.asset_column, self.time, self.mark, self.skip_column, *named, self.rework_column]
        return list(dict.fromkeys(name for name in every if name))


Mapping = EventMapping | OperationMapping | LifecycleMapping

_EVENTS = {
    "source": {"name"},
    "assets": {"code"},
    "columns": {"time", "key", "value", "file_date"},
    "keys": {"state", "counters"},
}
_OPERATIONS = {
    "source": {"name"},
    "assets": {"column", "create"},
    "time": {"start", "end", "duration", "begin", "zone"},
    "columns": {field.name for field in fields(OperationColumns)},
    "rework": {"column", "value"},
}
_LIFECYCLE = _OPERATIONS | {
    "time": {"column", "zone"},
    "marks": {"column", "start", "end", "ignore"},
    "skip": {"column", "values"},
}


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file. Raises `FileFault` with one sentence."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise FileFault(f"{path} cannot be read: {fault.strerror or fault}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise FileFault(f"{path} is not a TOML file: {fault}.") from None
    layout = found.pop("layout", None)
    if layout == "events":
        return _events(_Reader(path, found, _EVENTS))
    if layout == "operations":
        return _operations(_Reader(path, found, _OPERATIONS))
    if layout == "lifecycle":
        return _lifecycle(_Reader(path, found, _LIFECYCLE))
    raise FileFault(f"{path}: layout is {layout!r}; allowed are “events”, “operations” and “lifecycle”.")


class _Reader:
    """The tables of a mapping, with every unknown name refused."""

    def __init__(self, path: Path, found: dict[str, Any], allowed: dict[str, set[str]]) -> None:
        self.path, self.found = path, found
        for table, values in found.items():
            if table not in allowed:
                raise FileFault(f"{path}: there is no table [{table}]; allowed are {_listed(allowed)}.")
            if not isinstance(values, dict):
                raise FileFault(f"{path}: {table} must be a table, as in [{table}].")
            for name in values:
                if name not in allowed[table]:
                    raise FileFault(
                        f"{path}: [{table}] has no {name!r}; allowed are {_listed(allowed[table])}."
                    )

    def text(self, table: str, name: str, *, optional: bool = False) -> str:
        """A text; empty if it is optional and not there."""
        value = self.found.get(table, {}).get(name, "" if optional else None)
        if value is None:
            raise FileFault(f"{self.path}: [{table}] {name} is missing; a text is needed.")
        if not isinstance(value, str) or not (value or optional):
            raise FileFault(f"{self.path}: [{table}] {name} is {value!r}; a text is needed.")
        return value

    def texts(self, table: str, name: str) -> tuple[str, ...]:
        """A list of texts; empty if it is not there."""
        value = self.found.get(table, {}).get(name, [])
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise FileFault(f"{self.path}: [{table}] {name} is {value!r}; a list of texts is needed.")
        return tuple(value)

    def yes(self, table: str, name: str) -> bool:
        """True or false; false if it is not there."""
        value = self.found.get(table, {}).get(name, False)
        if not isinstance(value, bool):
            raise FileFault(f"{self.path}: [{table}] {name} is {value!r}; allowed are true and false.")
        return value

    def zone(self) -> tzinfo | None:
        """The zone of times without an offset; None if there is none."""
        name = self.text("time", "zone", optional=True)
        try:
            return zone_named(name) if name else None
        except ValueError as fault:
            raise FileFault(f"{self.path}: [time] zone: {fault}.") from None

    def operation_columns(self) -> OperationColumns:
        """The columns that say what an operation is; only the order is needed."""
        names = [field.name for field in fields(OperationColumns)]
        return OperationColumns(
            **{name: self.text("columns", name, optional=name != "order") for name in names}
        )

    def rework(self) -> tuple[str, str]:
        """Column and value of rows that are rework; both empty if the mapping does not say."""
        column, value = (self.text("rework", name, optional=True) for name in ("column", "value"))
        if bool(column) != bool(value):
            raise FileFault(f"{self.path}: [rework] needs both column and value.")
        return column, value


def _events(read: _Reader) -> EventMapping:
    counters = read.found.get("keys", {}).get("counters", {})
    if not isinstance(counters, dict) or not all(isinstance(name, str) for name in counters.values()):
        raise FileFault(f"{read.path}: [keys.counters] must name a counter for each key of the file.")
    return EventMapping(
        read.text("source", "name"), read.text("assets", "code"), read.text("columns", "time"),
        read.text("columns", "key"), read.text("columns", "value"),
        read.text("columns", "file_date", optional=True), read.text("keys", "state"), counters,
    )  # fmt: skip


def _operations(read: _Reader) -> OperationMapping:
    start, end, duration, begin = (
        read.text("time", name, optional=True) for name in ("start", "end", "duration", "begin")
    )
    if not (start and end and not duration) and not (duration and not end):
        raise FileFault(f"{read.path}: [time] needs start and end, or a duration with start or begin.")
    if duration and bool(start) == bool(begin):
        raise FileFault(f"{read.path}: [time] with a duration needs either start or begin.")
    zone = read.zone()
    try:
        begin_us = utc_us(begin, zone) if begin else 0
    except TimestampError as fault:
        raise FileFault(f"{read.path}: [time] begin: {fault}.") from None
    return OperationMapping(
        read.text("source", "name"), read.text("assets", "column"), read.yes("assets", "create"), start, end,
        duration, begin_us, zone, read.operation_columns(), *read.rework(),
    )  # fmt: skip


def _lifecycle(read: _Reader) -> LifecycleMapping:
    start, end = read.text("marks", "start"), read.text("marks", "end")
    ignored = read.texts("marks", "ignore")
    if start == end or {start, end} & set(ignored):
        raise FileFault(f"{read.path}: [marks] start, end and ignore must be different words.")
    column, values = read.text("skip", "column", optional=True), read.texts("skip", "values")
    if bool(column) != bool(values):
        raise FileFault(f"{read.path}: [skip] needs both column and values.")
    return LifecycleMapping(
        read.text("source", "name"), read.text("assets", "column"), read.yes("assets", "create"),
        read.text("time", "column"), read.zone(), read.text("marks", "column"), start, end, ignored,
        column, values, read.operation_columns(), *read.rework(),
    )  # fmt: skip


def _listed(names: Any) -> str:
    return ", ".join(sorted(names))
