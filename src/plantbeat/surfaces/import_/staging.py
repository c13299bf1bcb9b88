"""The uploaded file, kept until the import is loaded or a day has passed."""

from __future__ import annotations

import json
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.http import Http404

from plantbeat.kernel import clock

KEPT_S = 86_400
_TOKEN = re.compile(r"^[0-9]{1,18}$")


@dataclass(frozen=True, slots=True)
class Upload:
    """A staged file and whose it is."""

    token: int
    owner: int
    record_type: str
    site_id: int | None
    file_name: str
    mapping: dict[str, str] | None = None
    header_row: int | None = None
    defaults: dict[str, str] | None = None

    @property
    def folder(self) -> Path:
        """Where its parts lie."""
        return _root() / str(self.token)

    def open(self) -> BinaryIO:
        """The file's content."""
        return (self.folder / "content").open("rb")

    def keep(self) -> None:
        """Store (again) what is known about the file."""
        (self.folder / "about.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    def size(self) -> int:
        """Bytes of the file."""
        return (self.folder / "content").stat().st_size

    def note(self, state: Mapping[str, Any]) -> None:
        """Store how far the work on the file has come, for whoever looks, in one piece."""
        fresh = self.folder / "state.new"
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self.folder / "state.json")

    def noted(self) -> dict[str, Any]:
        """What was noted last; empty before."""
        kept = self.folder / "state.json"
        return dict(json.loads(kept.read_text(encoding="utf-8"))) if kept.is_file() else {}

    def discard(self) -> None:
        """Throw the file away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / "imports"


def stage(content: BinaryIO, file_name: str, owner: int, record_type: str, site_id: int | None) -> Upload:
    """Keep an uploaded file under a number nobody can guess."""
    _forget_old()
    upload = Upload(secrets.randbelow(10**17) + 1, owner, record_type, site_id, Path(file_name).name[:120])
    upload.folder.mkdir(parents=True)
    with (upload.folder / "content").open("wb") as target:
        shutil.copyfileobj(content, target)
    upload.keep()
    return upload


def staged(token: int, owner: int, record_type: str) -> Upload:
    """The staged file of a number; 404 unless it is the owner's and for this record type."""
    about = _root() / str(token) / "about.json"
    if not _TOKEN.match(str(token)) or not about.is_file():
        raise Http404
    upload = Upload(**json.loads(about.read_text(encoding="utf-8")))
    if (upload.owner, upload.record_type) != (owner, record_type):
        raise Http404
    return upload


def _forget_old() -> None:
    if not _root().is_dir():
        return
    for folder in _root().iterdir():
        if folder.stat().st_mtime < clock.real_us() / 1_000_000 - KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)
