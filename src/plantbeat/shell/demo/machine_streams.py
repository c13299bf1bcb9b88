"""Two real machine tools of the NIST SMS Test Bed, played over and over on the plant's clock.

Thirteen weeks of each recording are shifted by whole weeks, so that weekdays stay weekdays, and begin again
when they are over. Rows go through `engine.stream`, as live ones do; what it does not believe (a controller
whose clock fell back to 2002) is told as it came, so that ingestion puts it into quarantine.
"""

from __future__ import annotations

import csv
import gzip
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib.resources import files
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from plantbeat.shell.demo.line_plan import DAY_US, Told

if TYPE_CHECKING:
    from plantbeat.engine.stream import Point

LAP_US = 13 * 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Recording:
    """Which machine a file is played as, which of its keys are state and counter, and the week it begins."""

    asset: str
    file: str
    state_key: str
    counter_key: str
    first_week: date


RECORDINGS = (
    Recording("CNC1", "nist_hurco01_events.csv.gz", "Program_Status", "Part_Count", date(2017, 2, 20)),
    Recording("CNC4", "nist_mazak01_events.csv.gz", "execution", "PartCountAct", date(2017, 9, 4)),
)
"""The liveliest thirteen weeks of each recording."""


class Event(NamedTuple):
    """Something said, so long after the begin of the recording; `t_us` if its clock is not believed."""

    after_us: int
    kind: str
    value: str | int
    t_us: int | None = None


class MachineStream:
    """One recording, laid over the plant's time so that a lap of it ends at `end_us`."""

    def __init__(self, recording: Recording, end_us: int) -> None:
        self.asset = recording.asset
        self.begin_us = end_us - LAP_US
        self.events = _events(recording)
        self._at = [event.after_us for event in self.events]
        counts = [int(event.value) for event in self.events if event.kind == "counter" and event.value]
        self._advance = counts[-1] - counts[0] if counts else 0

    def between(self, from_us: int, until_us: int) -> list[Told]:
        """What the machine says after an instant and up to another (included)."""
        told: list[Told] = []
        lap = (from_us - self.begin_us) // LAP_US
        while (origin := self.begin_us + lap * LAP_US) <= until_us:
            first = bisect_right(self._at, from_us - origin)
            last = bisect_right(self._at, until_us - origin)
            told += [self._told(event, origin, lap) for event in self.events[first:last]]
            lap += 1
        return told

    def _told(self, event: Event, origin: int, lap: int) -> Told:
        t_us = origin + event.after_us if event.t_us is None else event.t_us
        if event.kind == "state":
            return Told(t_us, self.asset, "state", {"state": event.value})
        # A register that has counted on for every lap; its spurious zeros stay zeros.
        value = int(event.value)
        return Told(t_us, self.asset, "counter", {"value": value + lap * self._advance if value else 0})


def _events(recording: Recording) -> list[Event]:
    """What is said in the weeks of a recording that are played, in order."""
    from plantbeat.engine.counters import counter_reading
    from plantbeat.engine.stream import Point, clock_fault, day_start_us, in_order, utc_us

    begin_us = day_start_us(recording.first_week.isoformat())
    end_us = begin_us + LAP_US
    states: list[Point[str]] = []
    counts: list[Point[int | Fraction]] = []
    doubted: list[Event] = []
    for row, (file_date, ts, key, value) in enumerate(_rows(recording.file)):
        if key not in (recording.state_key, recording.counter_key):
            continue
        at_us, received_us = utc_us(ts), day_start_us(file_date)
        if clock_fault(at_us, received_us) is not None:
            if begin_us <= received_us < end_us and key == recording.state_key:
                doubted.append(Event(received_us - begin_us, "state", value, at_us))
        elif not begin_us <= at_us < end_us:
            continue
        elif key == recording.state_key:
            states.append(Point(at_us, row, value))
        elif (reading := counter_reading(value)) is not None:
            counts.append(Point(at_us, row, reading))
    told = [Event(point.at_us - begin_us, "state", point.value) for point in _changes(in_order(states))]
    told += [Event(point.at_us - begin_us, "counter", int(point.value)) for point in in_order(counts)]
    return sorted([*told, *doubted], key=lambda event: event.after_us)


def _changes(points: Iterable[Point[str]]) -> Iterator[Point[str]]:
    """States without those that only repeat the one before, as each new file does at its top."""
    said = None
    for point in points:
        if point.value != said:
            said = point.value
            yield point


def _rows(name: str) -> Iterator[tuple[str, str, str, str]]:
    packed = files("plantbeat.shell.demo").joinpath("data", name).read_bytes()
    with gzip.open(BytesIO(packed), "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            yield row["file_date"], row["ts"], row["key"], row["value"]
