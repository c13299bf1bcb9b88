"""Scripts, styles, icons and fonts of the pages, under addresses that name their content.

`/static/<version>/dist/app.css` never changes, so a browser keeps it for a year and paints without asking.
The version is one for all files and stands before the path: scripts and styles name each other relative to
themselves, and so stay in one version. Without a version, or with another one than this installation's (a
page of before an update, another process during one), it is the file at hand, and kept for a minute only.
"""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware

DIGITS = 16
VERSION = re.compile(rf"^[0-9a-f]{{{DIGITS}}}/")


@cache
def files_version() -> str:
    """Hash over the names and contents of all files; the same in every process that serves the same ones."""
    found: dict[str, Path] = {}
    for finder in finders.get_finders():
        for name, storage in finder.list(None):
            found.setdefault(Path(name).as_posix(), Path(storage.path(name)))
    digest = hashlib.sha256()
    for name, path in sorted(found.items()):
        content = path.read_bytes()
        digest.update(f"{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()[:DIGITS]


class VersionedAddresses(StaticFilesStorage):
    """What `{% static %}` gives: the address of a file in this version."""

    def url(self, name: str | None) -> str:
        """Address of the file of that name."""
        return super().url(f"{files_version()}/{name}")


class PageFiles(WhiteNoiseMiddleware):  # type: ignore[misc, unused-ignore]
    """Serves the files under both addresses."""

    FOREVER = 365 * 86400

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Know a file by its plain address and by that of this version."""
        super().add_file_to_dictionary(url, path, stat_cache)
        name = url.removeprefix(self.static_prefix)
        super().add_file_to_dictionary(f"{self.static_prefix}{files_version()}/{name}", path, stat_cache)

    def immutable_file_test(self, path: str, url: str) -> bool:
        """Whether an address names the content it answers with."""
        return url.startswith(f"{self.static_prefix}{files_version()}/")

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with a file, or pass the request on."""
        file = self.files.get(request.path_info) or self.files.get(self._plain(request.path_info))
        answer: HttpResponseBase = self.get_response(request) if file is None else self.serve(file, request)
        return answer

    def _plain(self, address: str) -> str:
        """An address without the version it may have."""
        prefix: str = self.static_prefix
        if not address.startswith(prefix):
            return address
        return prefix + VERSION.sub("", address.removeprefix(prefix), count=1)
