"""The folder a demo plant lives in: its key, its sign-ins, its clock, and the lock that keeps it to one call.

Standard library only: the second start reads it before anything else is loaded.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

MARK = "plantbeat-demo.json"
SIGN_INS = "sign-ins.json"
BADGES = "badges.json"
TOKENS = "gateway-tokens.json"
PROGRESS = "progress.json"
CLOCK = "clock.json"
OUTBOX = "outbox.sqlite3"
_KEY = "secret-key"
_LOCK = "demo.lock"


class FolderError(Exception):
    """The folder cannot be used; the text is one sentence for the person who starts the demo."""


def default_folder(package: Path) -> Path:
    """`.demo` beside pyproject.toml in a checkout, else a folder among the person's own data."""
    root = package.parents[1]
    if (root / "pyproject.toml").is_file() and (root / "src").is_dir():
        return root / ".demo"
    if sys.platform == "win32":
        own = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    else:
        own = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return own / "plantbeat" / "demo"


@dataclass(frozen=True, slots=True)
class DemoFolder:
    """A folder that belongs to one demo plant."""

    path: Path

    @classmethod
    def made(cls, path: Path) -> DemoFolder:
        """Make the folder, or open it if it is a demo plant's. Raises `FolderError`."""
        folder = cls(path)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            others = [one.name for one in path.iterdir() if one.name != _LOCK]
            if others and MARK not in others:
                raise FolderError(
                    f"{path} holds something else ({sorted(others)[0]}); name an empty folder with --data."
                )
            if MARK not in others:
                folder.write(MARK, {})
            with (path / _LOCK).open("a"):
                pass
        except OSError as problem:
            reason = (problem.strerror or str(problem)).lower()
            raise FolderError(f"{path} cannot be used: {reason}; name another folder with --data.") from None
        return folder

    @contextlib.contextmanager
    def held(self) -> Any:
        """Hold the folder for this process alone. Raises `FolderError` if another one has it."""
        with (self.path / _LOCK).open("a") as lock:
            if not _locked(lock):
                raise FolderError(
                    f"a demo plant is running from {self.path} already; stop it, or name another with --data."
                )
            yield

    def empty(self) -> None:
        """Remove all that the demo plant left here; the lock stays. Raises `FolderError`."""
        try:
            for one in self.path.iterdir():
                if one.is_dir() and not one.is_symlink():
                    shutil.rmtree(one)
                elif one.name not in (_LOCK, MARK):
                    one.unlink()
            self.write(MARK, {})
        except OSError as problem:
            raise FolderError(f"{problem.filename} cannot be removed: {problem.strerror}.") from None

    def forget(self, *names: str) -> None:
        """Remove what was written under names."""
        for name in names:
            (self.path / name).unlink(missing_ok=True)

    def secret_key(self) -> str:
        """The key of this demo plant, made at first use."""
        file = self.path / _KEY
        if not file.exists():
            self._replace(file, secrets.token_urlsafe(48))
        return file.read_text(encoding="utf-8")

    def read(self, name: str) -> Any:
        """What was written under a name; None if nothing (whole) is there."""
        try:
            return json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def read_table(self, name: str) -> dict[str, Any]:
        """What was written under a name; empty if that is no table of names and values."""
        kept = self.read(name)
        return kept if isinstance(kept, dict) else {}

    @property
    def is_marked(self) -> bool:
        """Whether it says of its plant what the plant's history goes on from."""
        mark, kinds = self.read_table(MARK), {"built_us": int, "seed": str, "history_days": int}
        return all(isinstance(mark.get(name), kind) for name, kind in kinds.items())

    def write(self, name: str, value: Any) -> None:
        """Keep a value under a name, readable by the owner alone."""
        self._replace(self.path / name, json.dumps(value, indent=1, ensure_ascii=False))

    def _replace(self, file: Path, text: str) -> None:
        """Write beside and rename, so that nobody ever reads half a file."""
        draft = file.with_name(f"{file.name}.{os.getpid()}.draft")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:  # noqa: PTH123
            out.write(text)
        draft.replace(file)


def demo_folder() -> DemoFolder:
    """The folder of the demo plant this process is a part of."""
    return DemoFolder(Path(os.environ["PLANTBEAT_DATA"]))


def _locked(lock: TextIO) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
