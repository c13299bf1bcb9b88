"""The whole suite: everything on SQLite, then what touches the database once more on PostgreSQL.

`./plantbeat test` without a path runs this; with one it is plain pytest.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from postgresql_server import postgresql

TESTS = Path(__file__).parent
ON_THE_DATABASE = [
    "kernel",
    "surfaces",
    "facts",
    "areas",
    "shell/test_live.py",
    "shell/test_upkeep_postgresql.py",
]


def _pytest(*arguments: str, **environment: str) -> int:
    cores = str(os.cpu_count() or 1)
    command = [sys.executable, "-m", "pytest", "-n", cores, "--dist", "loadfile", *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


def _on_sqlite(options: list[str]) -> int:
    """Browser tests have processes of their own: the browser's event loop would disturb others."""
    without = _pytest("-m", "not browser", *options)
    print("== in the browser", flush=True)
    results = [_pytest(str(TESTS / name), "-m", "browser", *options) for name in ("web", "e2e")]
    return max(without, *results)


def main() -> int:
    """0 if all is green on both databases, or on SQLite where there is no PostgreSQL."""
    options = sys.argv[1:]
    print("== on SQLite", flush=True)
    on_sqlite = _pytest(*options) if "-m" in options else _on_sqlite(options)
    with postgresql() as url:
        if url is None:
            print("== PostgreSQL: not tested, no server answers and none may be installed")
            print("   (set PLANTBEAT_TEST_POSTGRESQL, or PLANTBEAT_TEST_INSTALL=1 for Debian's package)")
            return on_sqlite
        print("== on PostgreSQL", flush=True)
        paths = [str(TESTS / name) for name in ON_THE_DATABASE]
        wanted = ["-m", "not browser and not slow"] if "-m" not in options else []
        on_postgresql = _pytest(*paths, *wanted, *options, PLANTBEAT_DATABASE_URL=url)
    return on_sqlite or on_postgresql


if __name__ == "__main__":
    sys.exit(main())
