"""Commands called wrongly on purpose: one sentence that names what is wrong, no trace, nothing changed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

BINARY = bytes(range(256)) * 8
AWAY = "postgresql://nobody:secret@127.0.0.1:1/plant?password=hidden"
SETTINGS = {"PLANTBEAT_SECRET_KEY": "only for tests", "PLANTBEAT_ALLOWED_HOSTS": "127.0.0.1"}


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    """A folder with what one should not hand to a command."""
    folder = tmp_path_factory.mktemp("place")
    (folder / "folder").mkdir()
    (folder / "binary.csv").write_bytes(BINARY)
    (folder / "binary.xlsx").write_bytes(b"PK\x03\x04" + BINARY)
    (folder / "binary.toml").write_bytes(BINARY)
    (folder / "empty.csv").write_bytes(b"")
    (folder / "wide.csv").write_text("ts,key,value\n2026-01-01T00:00:00Z,state,RUN\n", encoding="utf-16")
    (folder / "fine.csv").write_text("Code,Name\nA,First\n")
    return folder


def called(place: Path, words: str, **more: str) -> str:
    """What a call says that must fail; nothing may appear in the folder or be changed."""
    before = contents(place)
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
    done = subprocess.run(
        [sys.executable, "-m", "plantbeat.shell.cli", *shlex.split(words)],
        cwd=place,
        env=mine | {"PLANTBEAT_DATA": str(place / "none")} | more,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode not in (0, None), said
    assert "Traceback" not in said
    assert contents(place) == before
    return said


def contents(place: Path) -> dict[str, bytes]:
    return {str(one): one.read_bytes() if one.is_file() else b"" for one in sorted(place.rglob("*"))}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("import missing.csv --site N --zone UTC", "missing.csv cannot be read: there is no such file"),
        ("import folder --site N --zone UTC", "folder cannot be read: it is a folder"),
        ("facts summarize folder --state-key s", "'folder' is a directory"),
        ("facts summarize binary.csv --state-key s", "not UTF-8 text"),
        ("facts summarize wide.csv --state-key s", "not UTF-8 text"),
        ("facts summarize empty.csv --state-key s", "empty.csv is empty"),
        ("facts import fine.csv --map binary.toml", "binary.toml is not a TOML file"),
        ("schedule solve binary.xlsx --out o.xlsx", "not a workbook that can be read"),
        ("schedule solve missing.xlsx --out o.xlsx", "missing.xlsx: there is no such file"),
        ("schedule template folder/none/x.xlsx", "folder/none does not exist"),
        ("template nowhere/x.xlsx", "nowhere/x.xlsx cannot be written"),
        ("verify-log", "cannot be used: unable to open database file"),
        ("backup folder", "No such file or directory"),
        ("token list", "cannot be used: unable to open database file"),
        ("serve", "PLANTBEAT_SECRET_KEY is not set"),
        ("bogus", "No such command 'bogus'"),
    ],
)
def test_a_wrong_file_or_folder_is_named(place, words, says):
    assert says in called(place, words)


@pytest.mark.parametrize("words", ["verify-log", "token list", "doctor", "support-bundle s.zip"])
def test_a_database_that_is_away_is_named_without_its_password(place, words):
    said = called(place, words, PLANTBEAT_DATABASE_URL=AWAY)
    assert "127.0.0.1" in said
    assert "refused" in said
    assert "secret" not in said
    assert "hidden" not in said


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        (
            "PLANTBEAT_DATABASE_URL",
            "nonsense",
            "PLANTBEAT_DATABASE_URL is no address; allowed are postgresql://",
        ),
        ("PLANTBEAT_DATABASE_URL", "mysql://x/y", "PLANTBEAT_DATABASE_URL starts with “mysql:”"),
        ("PLANTBEAT_DATABASE_URL", "postgresql://h:port/x", "PLANTBEAT_DATABASE_URL is no address (Port"),
        ("PLANTBEAT_DATABASE_URL", "sqlite:///binary.csv", "cannot be used: file is not a database"),
        ("PLANTBEAT_LEAST_FREE_MB", "many", "PLANTBEAT_LEAST_FREE_MB is “many”; allowed is a whole number"),
        ("PLANTBEAT_LOG_LEVEL", "LOUD", "PLANTBEAT_LOG_LEVEL is “LOUD”; allowed are DEBUG"),
        ("PLANTBEAT_DATA", "fine.csv", "fine.csv"),
    ],
)
def test_a_wrong_setting_is_named(place, name, value, says):
    assert says in called(place, "verify-log", **{name: value})


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("serve --port 99999", "99999 is not in the range"),
        ("serve --host no.such.host --port 9444", "no.such.host is not a known host name"),
        ("serve --port 9444 --key fine.csv", "--key belongs to a certificate"),
    ],
)
def test_a_server_that_cannot_start_says_why(place, words, says):
    assert says in called(place, words, **SETTINGS)
