"""The two supported databases: SQLite by default, PostgreSQL by one setting."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=10000; "
    "PRAGMA mmap_size=134217728; PRAGMA cache_size=-20000;"
)


_ALLOWED = "postgresql://user:password@host:port/name and sqlite:///path"


def _parts_of(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        return parts, parts.port
    except ValueError as error:
        raise ValueError(f"PLANTBEAT_DATABASE_URL is no address ({error}); allowed are {_ALLOWED}") from None


def log_level(default: str) -> str:
    """How much is said; ValueError with one sentence for a level there is not."""
    given = os.environ.get("PLANTBEAT_LOG_LEVEL") or default
    if given not in LEVELS:
        raise ValueError(f"PLANTBEAT_LOG_LEVEL is “{given}”; allowed are {', '.join(LEVELS)}")
    return given


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
    parts, port = _parts_of(url)
    if parts.scheme not in ("postgresql", "postgres"):
        begins = f"starts with “{parts.scheme}:”" if parts.scheme else "is no address"
        raise ValueError(f"PLANTBEAT_DATABASE_URL {begins}; allowed are {_ALLOWED}")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "plantbeat",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "5", **dict(parse_qsl(parts.query))},
        # Its own name, so that two test runs on one server never meet.
        "TEST": {"NAME": f"test_plantbeat_{os.getpid()}"},
    }
