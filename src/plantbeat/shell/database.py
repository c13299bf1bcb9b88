"""The two supported databases: SQLite by default, PostgreSQL by one setting."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=10000; "
    "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
)


def whole_number(name: str, default: int) -> int:
    """A setting that counts something; ValueError with one sentence if it does not."""
    given = os.environ.get(name, "").strip() or str(default)
    if not (given.isascii() and given.isdigit()):
        raise ValueError(f"{name} is “{given}”; allowed is a whole number from 0")
    return int(given)


def database(url: str, data: Path) -> dict[str, Any]:
    """Django's settings of the database behind `PLANTBEAT_DATABASE_URL` (empty: SQLite in the data folder).

    Raises ValueError with one sentence if the address is of no supported kind.
    """
    if not url or url.startswith("sqlite:"):
        name = url.removeprefix("sqlite:///") if url else str(data / "plantbeat.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": name,
            "CONN_MAX_AGE": None,
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10, "init_command": SQLITE_PRAGMAS},
            # A file, not memory: writers in several threads and processes must meet the same database.
            "TEST": {"NAME": str(Path(tempfile.gettempdir()) / f"plantbeat-test-{os.getpid()}.sqlite3")},
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise ValueError(
            f"PLANTBEAT_DATABASE_URL starts with “{parts.scheme}:”; allowed are "
            "postgresql://user:password@host:port/name and sqlite:///path"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "plantbeat",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", **dict(parse_qsl(parts.query))},
        # Its own name, so that two test runs on one server never meet.
        "TEST": {"NAME": f"test_plantbeat_{os.getpid()}"},
    }
