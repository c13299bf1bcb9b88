"""A PostgreSQL to test on: one that answers, else a private one from Debian's package, else none."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from debian_package import install

ANSWERING = "postgresql://postgres@127.0.0.1:5432/postgres"


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Address of a server for the time of the block; None where there is none and none may be installed."""
    given = os.environ.get("PLANTBEAT_TEST_POSTGRESQL", ANSWERING)
    if _answers(given):
        yield given
        return
    programs = _programs()
    if programs is None and install("postgresql"):
        programs = _programs()
    if programs is None:
        yield None
        return
    with _private(programs) as url:
        yield url


def _answers(url: str) -> bool:
    import psycopg

    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _programs() -> Path | None:
    """Folder of Debian's newest PostgreSQL programs, or of those on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def _private(programs: Path) -> Iterator[str]:
    """A server of our own in a folder of its own, gone afterwards. PostgreSQL refuses to run as root."""
    folder = Path(tempfile.mkdtemp(prefix="plantbeat-postgresql-"))
    user = ["runuser", "-u", "postgres", "--"] if getpass.getuser() == "root" else []
    if user:
        shutil.chown(folder, "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    initdb = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    options = f"-p {port} -k {folder} -h 127.0.0.1"
    start = [programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    try:
        subprocess.run([*user, *map(str, initdb)], check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*user, *map(str, start)], check=True, stdout=subprocess.DEVNULL)
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        stop = [programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"]
        subprocess.run([*user, *map(str, stop)], check=False, stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)
