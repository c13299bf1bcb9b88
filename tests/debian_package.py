"""Debian packages that tests need, installed where PLANTBEAT_TEST_INSTALL=1 allows it."""

from __future__ import annotations

import fcntl
import os
import subprocess
import tempfile
from pathlib import Path


def install(package: str) -> bool:
    """Install a package; False where that is not allowed. Test processes that start together take turns."""
    if os.environ.get("PLANTBEAT_TEST_INSTALL") != "1":
        return False
    turn = Path(tempfile.gettempdir()) / "plantbeat-test-install.lock"
    with turn.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "check": True}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], **quiet)
    return True
