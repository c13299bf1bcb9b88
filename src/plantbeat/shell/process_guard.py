"""The guard: ends the process groups it was told of when the one who told it is gone, however that came.

Run as a script and without the installed packages, so that it starts fast: standard library only.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable

GRACE_S = 2.0

if sys.platform == "win32":
    OWN_GROUP = None
    OWN_GROUP_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP

    def ask_to_end(pid: int) -> None:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.CTRL_BREAK_EVENT)

    def kill_group(pid: int) -> None:
        _system("taskkill", "/F", "/T", "/PID", str(pid))

    def _group_lives(pid: int) -> bool:
        return str(pid).encode() in _system("tasklist", "/NH", "/FI", f"PID eq {pid}")

    def _system(*command: str) -> bytes:
        return subprocess.run(command, capture_output=True, check=False).stdout  # noqa: S603 (written above)

else:
    OWN_GROUP = 0
    OWN_GROUP_FLAGS = 0

    def ask_to_end(pid: int) -> None:
        """Ask the leader of a group to end; what it started is its own affair as long as it lives."""
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGTERM)

    def kill_group(pid: int) -> None:
        """Kill what is left of the group this process leads or led."""
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)

    def _group_lives(pid: int) -> bool:
        with contextlib.suppress(OSError):
            os.killpg(pid, 0)
            return True
        return False


def guard(told: Iterable[str], grace_s: float = GRACE_S) -> None:
    """Note "+PID" and "-PID" until the teller is gone, then end the groups that are left."""
    left: set[int] = set()
    for line in told:
        (left.add if line.startswith("+") else left.discard)(int(line[1:]))
    for pid in left:
        ask_to_end(pid)
    end = time.monotonic() + grace_s
    while time.monotonic() < end and any(map(_group_lives, left)):
        time.sleep(0.05)
    for pid in left:
        kill_group(pid)


if __name__ == "__main__":
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    guard(sys.stdin)
