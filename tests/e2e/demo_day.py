"""A demo plant that is stopped and goes on at a later time of the same working day."""

from __future__ import annotations

import signal
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from plantbeat.kernel import clock
from plantbeat.shell.demo import catalogue
from plantbeat.shell.demo.demo_folder import CLOCK, DemoFolder
from plantbeat.shell.demo.progress import read_progress
from shell.demo.running_demo import Demo, eventually, free_port

HISTORY_DAYS = "10"
BUILT_WITHIN_S = 400
CAUGHT_UP_WITHIN_S = 120
BEHIND_US = 10 * 60_000_000
"""A plant that has told this much up to now has caught up: lines are silent for some minutes at times."""
THURSDAY = 3


class DemoDay:
    """A demo plant on the next Thursday, at the same address all day; its clock only goes forward."""

    def __init__(self, folder: Path, begins: str) -> None:
        self.folder = DemoFolder.made(folder)
        self.zone, self.port = ZoneInfo(catalogue.SITE["zone"]), free_port()
        today = clock.now().astimezone(self.zone).date()
        self.day = today + timedelta(days=(THURSDAY - today.weekday()) % 7 or 7)
        self.demo = self._begun(begins)
        try:
            eventually(lambda: read_progress(self.folder).finished, BUILT_WITHIN_S, "the whole history")
        except AssertionError:
            self.stop()
            raise

    def at(self, hour: str) -> None:
        """Let the plant go on at a later hour (`"08:00"`); returns when it has told all until then."""
        self.stop()
        self.demo = self._begun(hour)
        until_us = self._instant_us(hour) - BEHIND_US
        eventually(lambda: self.demo.last_told_us() >= until_us, CAUGHT_UP_WITHIN_S, f"the plant at {hour}")

    def stop(self) -> None:
        self.demo.stop(signal.SIGINT)

    @property
    def passwords(self) -> dict[str, str]:
        return self.demo.sign_ins()

    def _begun(self, hour: str) -> Demo:
        self.folder.write(CLOCK, {"shown_us": self._instant_us(hour)})
        demo = Demo(self.folder.path, "--history-days", HISTORY_DAYS, port=self.port)
        demo.first_page_s()
        return demo

    def _instant_us(self, hour: str) -> int:
        return clock.to_us(datetime.combine(self.day, time.fromisoformat(hour), self.zone))
