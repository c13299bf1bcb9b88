"""What a benchmark is asked for on the command line: numbers within limits, and an installation to run on."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within limits, as the type of an argument."""

    def read(text: str) -> int:
        if not text.strip().lstrip("+-").isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(
                f"“{text}” is not allowed; a whole number from {least:,} to {most:,} is"
            )
        return int(text)

    return read


def amount(least: float, most: float) -> Callable[[str], float]:
    """A number within limits, as the type of an argument."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"“{text}” is not allowed; a number from {least:g} to {most:,g} is"
            )
        return value

    return read


def program(text: str) -> str:
    """A program that is there, as the type of an argument."""
    if not os.access(text, os.X_OK) or Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"there is no program {text}")
    return text


def server(text: str) -> str:
    """The address of a PostgreSQL server that answers, as the type of an argument."""
    import psycopg

    try:
        psycopg.connect(text, autocommit=True, connect_timeout=10).close()
    except psycopg.Error as error:
        why = str(error).strip().splitlines()[0]
        raise argparse.ArgumentTypeError(
            f"no PostgreSQL server answers ({why}); postgresql://user:password@host/database is asked for"
        ) from None
    return text


@contextmanager
def installation(given: str, **more: str) -> Iterator[dict[str, str]]:
    """Environment of an empty installation with a database of its own, on a PostgreSQL server or SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        name = f"plantbeat_bench_{secrets.token_hex(4)}"
        address = f"sqlite:///{folder}/bench.sqlite3"
        if given:
            address = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
            _told(given, f"CREATE DATABASE {name}")
        try:
            yield {
                **os.environ,
                "PLANTBEAT_DATABASE_URL": address,
                "PLANTBEAT_DATA": folder,
                "PLANTBEAT_SECRET_KEY": "only for this benchmark",
                **more,
            }
        finally:
            if given:
                _told(given, f"DROP DATABASE {name} WITH (FORCE)")


def _told(address: str, words: str) -> None:
    import psycopg

    try:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(words)
    except psycopg.Error as error:
        sys.exit(f"the database server did not do “{words}”: {error}")


def ready() -> None:
    """Set the framework up, in a process of a benchmark."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plantbeat.shell.settings")
    import django

    django.setup()
