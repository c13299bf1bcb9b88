"""The working rows of re-timing."""

from __future__ import annotations

from typing import NamedTuple

from plantbeat.engine.calendars.worktime import Row


class Deck(NamedTuple):
    """Sequences to be timed, and where the times are written."""

    sequence: Row  # operations of each machine in order, one slice per machine
    ptr: Row  # machines + 1
    mode: Row  # per operation: its mode row on its machine
    on: Row  # per operation: its machine, -1 if it is in no sequence
    missing: Row  # per operation: predecessors without an end
    ready: Row
    head: Row  # per machine: place in `sequence`
    next_pin: Row
    free_at: Row
    family_at: Row
    last: Row  # operation timed last, -1 = none
    timed: Row  # per operation
    stack: Row
    machine: Row  # results per operation
    start: Row
    end: Row
    setup: Row
    setup_start: Row
    previous: Row
