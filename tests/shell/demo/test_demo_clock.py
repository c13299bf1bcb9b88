"""The plant's clock from one run to the next: never backwards, whatever ended the run before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plantbeat.kernel import clock
from plantbeat.shell.demo import plant_clock
from plantbeat.shell.demo.demo_folder import CLOCK, DemoFolder
from plantbeat.shell.demo.plant_clock import ahead_of_machine, clock_kept, clock_setting

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US


@pytest.fixture
def folder(tmp_path: Path) -> DemoFolder:
    return DemoFolder.made(tmp_path / "plant")


def test_the_clock_is_the_real_one_unless_it_is_faster_or_was(folder) -> None:
    assert clock_setting(folder, 1) == ""
    real, shown, speed = clock_setting(folder, 60).split(":")
    assert (real, speed) == (shown, "60")
    ahead_us = int(real) + 7 * 24 * HOUR_US
    folder.write(CLOCK, {"shown_us": ahead_us})
    assert clock_setting(folder, 1).endswith(f":{ahead_us}:1")
    assert clock_setting(folder, 60).endswith(f":{ahead_us}:60")


def test_what_another_version_noted_is_no_obstacle(folder) -> None:
    for noted in ([1, 2], {"shown_us": "noon"}, {"at": 1}):
        folder.write(CLOCK, noted)
        assert clock_setting(folder, 1) == ""


@pytest.mark.parametrize(
    ("ahead_us", "said"),
    [
        (0, ""),
        (-HOUR_US, ""),
        (59_000_000, ""),
        (2 * MINUTE_US, "2 min"),
        (26 * HOUR_US + 5 * MINUTE_US, "1 d 2 h 5 min"),
        (HOUR_US, "1 h"),
    ],
)
def test_how_far_it_is_ahead_is_said_in_days_hours_and_minutes(folder, monkeypatch, ahead_us, said) -> None:
    monkeypatch.setattr(clock, "real_us", lambda: 1_800_000_000_000_000)
    folder.write(CLOCK, {"shown_us": 1_800_000_000_000_000 + ahead_us})
    assert ahead_of_machine(folder) == said


def test_while_it_runs_the_note_is_ahead_of_all_that_was_shown_and_exact_at_the_end(
    folder, monkeypatch
) -> None:
    monkeypatch.setattr(plant_clock, "NOTED_EVERY_S", 0.05)
    monkeypatch.setenv("PLANTBEAT_DEMO_CLOCK", clock_setting(folder, 3600))
    with clock_kept(folder, 3600):
        for _ in range(10):
            time.sleep(0.03)
            shown_us = clock.now_us()
            assert folder.read(CLOCK)["shown_us"] > shown_us
        last_us = clock.now_us()
    noted_us = folder.read(CLOCK)["shown_us"]
    assert last_us <= noted_us <= clock.now_us()


PROGRAM = """
import sys, time
from pathlib import Path
from plantbeat.kernel import clock
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.plant_clock import clock_kept
with clock_kept(DemoFolder(Path(sys.argv[1])), 3600):
    while True:
        print(clock.now_us(), flush=True)
        time.sleep(0.02)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="kills as POSIX systems do")
def test_a_killed_run_has_shown_nothing_later_than_the_next_one_begins_with(folder) -> None:
    environment = {**os.environ, "PLANTBEAT_DEMO_CLOCK": clock_setting(folder, 3600)}
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder.path)],
        env=environment, stdout=subprocess.PIPE, text=True,
    ) as run:  # fmt: skip
        time.sleep(1.5)
        run.send_signal(signal.SIGKILL)
        assert run.stdout is not None
        shown = [int(line) for line in run.stdout.read().splitlines()]
    assert len(shown) > 5
    assert int(clock_setting(folder, 1).split(":")[1]) > shown[-1]
