"""The clock of a demo plant across its runs: it never shows an instant before one that it has shown.

A run at a higher speed leaves the plant ahead of the machine's clock. The next run goes on from there at its
own speed, so that something new happens at once; only a plant built anew begins at the machine's time again.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from threading import Event, Thread

from plantbeat.kernel import clock
from plantbeat.shell.demo.demo_folder import CLOCK, DemoFolder

SECOND_US = 1_000_000
NOTED_EVERY_S = 2.0
NOTED_AHEAD_S = 6.0
"""So far ahead the clock is noted: whoever is killed between two notes has shown nothing later."""
_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def clock_setting(folder: DemoFolder, speed: int) -> str:
    """`PLANTBEAT_DEMO_CLOCK` for a run that begins now; empty where it is the machine's own clock."""
    real_us = clock.real_us()
    shown_us = max(real_us, _noted_us(folder))
    return "" if speed == 1 and shown_us == real_us else f"{real_us}:{shown_us}:{speed}"


def ahead_of_machine(folder: DemoFolder) -> str:
    """How far the plant is ahead of the machine's clock, as people say it; empty below a minute."""
    ahead_s = (_noted_us(folder) - clock.real_us()) // SECOND_US
    if ahead_s < _MINUTE_S:
        return ""
    days, rest_s = divmod(ahead_s, _DAY_S)
    hours, rest_s = divmod(rest_s, _HOUR_S)
    parts = [(days, "d"), (hours, "h"), (rest_s // _MINUTE_S, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number)


@contextlib.contextmanager
def clock_kept(folder: DemoFolder, speed: int) -> Iterator[None]:
    """Note what this process's clock shows while the plant runs, and exactly when it has stopped."""
    ended = Event()
    ahead_us = round(NOTED_AHEAD_S * SECOND_US) * speed

    def note(ahead_us: int) -> None:
        # A full disk must not end the plant; the next note may succeed.
        with contextlib.suppress(OSError):
            folder.write(CLOCK, {"shown_us": clock.now_us() + ahead_us})

    def keep() -> None:
        while not ended.wait(NOTED_EVERY_S):
            note(ahead_us)

    note(ahead_us)
    keeper = Thread(target=keep, daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()
        note(0)


def _noted_us(folder: DemoFolder) -> int:
    noted = folder.read_table(CLOCK).get("shown_us")
    return noted if isinstance(noted, int) else 0
