"""How far the history of the demo plant is: written by the process that fills it, read by pages.

Standard library only.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass, field

from plantbeat.shell.demo.demo_folder import PROGRESS, DemoFolder, demo_folder


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` stretches of history are told (the newest first), `facts` in all, `numbers` by line.

    `ready`: the plant may run on from where the history ended. `days_left`: once all is told, the days of
    machines and lines whose figures are still to be computed. `finished`: all is told and computed.
    """

    done: int = 0
    total: int = 0
    facts: int = 0
    numbers: dict[str, int] = field(default_factory=dict)
    ready: bool = False
    days_left: int = 0
    finished: bool = False

    @property
    def percent(self) -> int:
        """Whole percent of the history that is told."""
        return 100 * self.done // self.total if self.total else 0

    def write(self, folder: DemoFolder) -> None:
        """Show it to the other processes."""
        folder.write(PROGRESS, asdict(self))


def read_progress(folder: DemoFolder) -> Progress:
    """The progress as it was last written."""
    try:
        return Progress(**folder.read_table(PROGRESS))
    except TypeError:
        return Progress()


def is_demo() -> bool:
    """Whether this process is a part of a demo plant."""
    return os.environ.get("PLANTBEAT_DEMO") == "1"


def demo_progress() -> Progress | None:
    """How far the history is, for a banner; None outside the demo and once it is finished."""
    if not is_demo():
        return None
    progress = read_progress(demo_folder())
    return None if progress.finished else progress
