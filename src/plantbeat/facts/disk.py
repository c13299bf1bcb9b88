"""Room on the disk: facts and imports are refused in time, before the database itself would fail."""

from __future__ import annotations

import errno
import shutil
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from plantbeat.kernel.problems import Kind, Problem, Refused

MIB = 1 << 20
RETRY_S = 10
_FULL = ("disk is full", "no space left", "could not extend file")


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes left where the installation writes, and how many must stay."""

    free: int
    least: int

    @property
    def suffices(self) -> bool:
        """True while facts and imports are taken."""
        return self.free >= self.least


def room() -> Room:
    """The least room of the disks that hold the data folder and the database file."""
    folders = {Path(settings.DATA)}
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        folders.add(Path(database["NAME"]).absolute().parent)
    return Room(min(map(free_bytes, folders)), settings.LEAST_FREE_MB * MIB)


def free_bytes(folder: Path) -> int:
    """Bytes an ordinary account may still write on the disk a folder is on, or will be on."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def problem(bytes_more: int = 0) -> Problem | None:
    """Why nothing of `bytes_more` bytes is taken now; None while there is room for it."""
    left = room()
    if left.free >= left.least + bytes_more:
        return None
    message = _("the disk of the server has %(free)s MiB left, of which %(least)s MiB stay free")
    allowed = _("send it again when there is room; nothing of this was stored")
    return Problem(message % {"free": left.free // MIB, "least": left.least // MIB}, allowed=allowed)


def require_room(bytes_more: int = 0) -> None:
    """Raise `Refused` if the disk has no room for so many bytes beside what must stay free."""
    if (found := problem(bytes_more)) is not None:
        raise Refused(found, Kind.full)


def is_full(error: BaseException) -> bool:
    """True if the database or the system says that the disk is full."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    return any(words in str(error).lower() for words in _FULL)
