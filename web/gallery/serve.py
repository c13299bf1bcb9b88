"""A small server for the gallery and its tests: files under the product's content policy, and live frames."""

from __future__ import annotations

import json
import queue
import re
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import demo

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


SOURCES = Path(__file__).resolve().parents[1] / "src" / "js"
# Pages the gallery only links to: the browser stays where it is.
RECORDS = ("/facts/", "/machines/", "/operations/", "/orders/")
BEAT_S = 1.0


class Gallery(ThreadingHTTPServer):
    """Serves a rendered gallery; its clock starts at `start_us`."""

    daemon_threads = True

    def __init__(self, folder: Path, port: int = 0, start_us: int = demo.NOW_US) -> None:
        super().__init__(("127.0.0.1", port), partial(Handler, directory=str(folder)))
        self.listeners: list[queue.Queue[bytes | None]] = []
        self.asked: list[str] = []
        self.posted: list[str] = []
        # A snapshot holds everything that is watched: at first each key, with nothing new to say.
        self.snapshot: dict[str, Any] = {key: {} for key in _keys_of(folder)}
        self.refuse_live = self.silent = False
        self.start_us, self.started_s = start_us, time.monotonic()

    @property
    def address(self) -> str:
        """Base address without a slash at the end."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def now_us(self) -> int:
        """The gallery's own clock."""
        return self.start_us + int((time.monotonic() - self.started_s) * 1_000_000)

    def send(self, delta: dict[str, Any]) -> None:
        """Send what differs to everyone who listens."""
        self.snapshot |= delta
        for listener in list(self.listeners):
            listener.put(event("delta", delta))

    def drop(self) -> None:
        """End all live connections, as a restart of the server would."""
        for listener in list(self.listeners):
            listener.put(None)

    def start(self) -> None:
        """Serve in a thread of its own."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


def _keys_of(folder: Path) -> set[str]:
    """Every live key of the rendered pages."""
    keys = re.compile(r'data-live-key="([^"]+)"|"key": "([^"]+)"')
    texts = (page.read_text(encoding="utf-8") for page in folder.glob("**/*.html"))
    return {one or other for text in texts for one, other in keys.findall(text)}


def event(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


class Handler(SimpleHTTPRequestHandler):
    """Files, /live/ as server-sent events, and a POST that is only noted."""

    server: Gallery

    def translate_path(self, path: str) -> str:
        """Under /src/ the scripts' sources, so that tests can call their functions."""
        if path.startswith("/src/"):
            return str(SOURCES / Path(path.removeprefix("/src/")).name)
        return super().translate_path(path)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Request-ID", "req-7f3a")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def do_GET(self) -> None:
        if self.path.startswith("/live/"):
            self.live()
        elif self.path.startswith("/lookup/"):
            self.lookup()
        elif self.path.startswith(RECORDS):
            self.send_response(204)
            self.end_headers()
        else:
            super().do_GET()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.posted.append(f"{self.path} {body}")
        self.send_response(500 if "fail" in self.path else 204)
        if "toast" in self.path:
            self.send_header("HX-Trigger", json.dumps({"toast": {"text": "Saved.", "status": "good"}}))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def lookup(self) -> None:
        """Two suggestions, whatever is typed."""
        items = [
            {"key": "B-204", "label": "B-204 – Housing, milled"},
            {"key": "F-12", "label": "F-12 – Flange"},
        ]
        body = json.dumps({"items": items}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def live(self) -> None:
        """Hold the connection open: the snapshot, then beats and what `send` brings."""
        server = self.server
        server.asked.append(self.path)
        if server.refuse_live:
            self.send_error(503)
            return
        mine: queue.Queue[bytes | None] = queue.Queue()
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 200\n\n" + event("snapshot", server.snapshot))
        server.listeners.append(mine)
        try:
            while True:
                if not server.silent:
                    self.wfile.write(event("beat", {"at_us": server.now_us()}))
                self.wfile.flush()
                try:
                    text = mine.get(timeout=BEAT_S)
                except queue.Empty:
                    continue
                if text is None:
                    return
                self.wfile.write(text)
        except OSError:
            return
        finally:
            server.listeners.remove(mine)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def forever(folder: Path, port: int) -> None:
    """Serve until Ctrl-C, with a live value that changes every two seconds."""
    gallery = Gallery(folder, port)
    gallery.start()
    print(f"gallery: {gallery.address}/")
    count = 0
    try:
        while True:
            time.sleep(2)
            count += 1
            gallery.send({"line-1.oee": {"text": f"{81.3 + count % 7 / 10:.1f}", "at_us": gallery.now_us()}})
    except KeyboardInterrupt:
        gallery.shutdown()
