"""A request of the asynchronous server as the environment a WSGI application reads (PEP 3333)."""

from __future__ import annotations

import sys
from typing import Any, BinaryIO
from urllib.parse import unquote_to_bytes

from plantbeat.shell.outlet import Readable

BARE = {"content-type": "CONTENT_TYPE"}
NEVER = {"proxy", "content-length"}
"""`Proxy` would become HTTP_PROXY, which programs read as their own setting; the length is counted."""


class WholeFile:
    """`wsgi.file_wrapper`: marks an answer that is a file, to be sent without holding a thread."""

    def __init__(self, file: Readable, block_size: int = 8192) -> None:
        self.file, self.block_size = file, block_size

    def __iter__(self) -> WholeFile:
        return self

    def __next__(self) -> bytes:
        if data := self.file.read(self.block_size):
            return data
        raise StopIteration

    def close(self) -> None:
        """Close the file."""
        self.file.close()


def environ_of(scope: dict[str, Any], body: BinaryIO, length: int, request_id: str) -> dict[str, Any]:
    """Environment of a request whose body has been read: `length` bytes in `body`."""
    host, port = scope.get("server") or ("localhost", 80)
    root = scope.get("root_path", "")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": _wsgi_text(root),
        "PATH_INFO": _path(scope, root),
        "QUERY_STRING": scope.get("query_string", b"").decode("latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": str(port or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "CONTENT_LENGTH": str(length) if length else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        "wsgi.file_wrapper": WholeFile,
        "plantbeat.request_id": request_id,
    }
    if environ["wsgi.url_scheme"] == "https":
        environ["HTTPS"] = "on"
    if client := scope.get("client"):
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    else:
        environ["REMOTE_ADDR"] = ""
    _add_headers(environ, scope["headers"])
    return environ


def _wsgi_text(text: str) -> str:
    """Bytes in the disguise of text that WSGI asks for."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _path(scope: dict[str, Any], root: str) -> str:
    """Decoded bytes of the address as the client wrote it: bytes that are no UTF-8 stay as they are."""
    raw = scope.get("raw_path")
    path = unquote_to_bytes(raw).decode("latin-1") if raw else _wsgi_text(scope["path"])
    return path.removeprefix(_wsgi_text(root)) if root else path


def _add_headers(environ: dict[str, Any], headers: list[tuple[bytes, bytes]]) -> None:
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        # With "_" a client could pass off a header as another that a proxy in front has checked.
        if name in NEVER or "_" in name:
            continue
        key = BARE.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if key in environ and key.startswith("HTTP_"):
            separator = "; " if key == "HTTP_COOKIE" else ","
            value = environ[key] + separator + value
        environ[key] = value
