"""What a backup is: one tar file with the database, the files, and a manifest that proves both."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
DATABASE = "database"
CHUNK = 1 << 20


class ArchiveError(Exception):
    """A backup cannot be made or used; the text is one sentence for the person who asked."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds and what state it proves."""

    version: str
    made_at: str
    database: str
    migrations: list[str]
    chain_heads: dict[str, list[Any]]
    sha256: dict[str, str] = field(default_factory=dict)


def digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    sha = hashlib.sha256()
    with path.open("rb") as content:
        while block := content.read(CHUNK):
            sha.update(block)
    return sha.hexdigest()


def write(target: Path, manifest: Manifest, database: Path, folders: dict[str, Path]) -> Path:
    """Write the archive whole or not at all; returns its path."""
    draft = target.with_name(f".{target.name}.part")
    members = {DATABASE: database}
    for name, folder in folders.items():
        if folder.is_dir():
            members |= {f"{name}/{file.relative_to(folder).as_posix()}": file for file in _files(folder)}
    sums = {name: digest(path) for name, path in members.items()}
    proven = json.dumps({**asdict(manifest), "sha256": sums}, indent=1, ensure_ascii=False).encode()
    try:
        with tarfile.open(draft, "w:gz", compresslevel=6) as tar:
            info = tarfile.TarInfo(MANIFEST)
            info.size = len(proven)
            tar.addfile(info, io.BytesIO(proven))
            for name, path in members.items():
                tar.add(path, name, recursive=False)
        draft.chmod(0o600)
        draft.replace(target)
    except OSError as problem:
        draft.unlink(missing_ok=True)
        raise ArchiveError(f"{target}: cannot be written: {problem.strerror}") from problem
    return target


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and "imports" not in path.parts)


def unpack(archive: Path, into: Path) -> Manifest:
    """Unpack and check every file against the manifest. Nothing outside `into` is touched."""
    try:
        with tarfile.open(archive, "r:gz") as tar:
            tar.extractall(into, filter="data")
    except FileNotFoundError as problem:
        raise ArchiveError(f"{archive}: there is no such file") from problem
    except (tarfile.TarError, OSError, EOFError) as problem:
        raise ArchiveError(f"{archive}: is not a backup that can be read: {problem}") from problem
    try:
        manifest = Manifest(**json.loads((into / MANIFEST).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as problem:
        raise ArchiveError(f"{archive}: has no manifest of a Plantbeat backup") from problem
    for name, expected in manifest.sha256.items():
        path = into / name
        if not path.is_file() or digest(path) != expected:
            raise ArchiveError(f"{archive}: {name} is damaged or missing; nothing was restored")
    return manifest
