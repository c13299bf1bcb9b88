"""An installation under a second host name over HTTPS, and browsers that trust its certificate."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Browser, BrowserContext

from browser import FLAGS, chromium_path

NAME = "tablets.plant.lan"
STARTS_WITHIN_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Plant:
    """An installation served by `plantbeat serve` with its own certificate authority, filled by a script."""

    def __init__(self, folder: Path, script: str) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")}
        self.folder, self.port = folder, free_port()
        self.seed = Path(__file__).with_name(script)
        self.environment = kept | {
            "PLANTBEAT_DATA": str(folder),
            "PLANTBEAT_SECRET_KEY": "only-for-this-test",
            "PLANTBEAT_ALLOWED_HOSTS": NAME,
            "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
        }
        self.address = f"https://{NAME}:{self.port}"
        self.script()
        self.log = (folder / "log").open("w")
        self.server = self._served()
        self.certificate = self._trusted()

    def _served(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "plantbeat.shell.cli", "serve", "--host", "127.0.0.1"]
        return subprocess.Popen(
            [*command, "--port", str(self.port)], env=self.environment, stdout=self.log, stderr=self.log
        )

    def serve_next_build(self) -> None:
        """Stop, and serve again with the pages' files of a later build: `<html data-build="next">`."""
        from django.contrib.staticfiles import finders

        built = Path(str(finders.find("dist/app.js"))).parent
        later = self.folder / "later" / "dist"
        shutil.copytree(built, later)
        with (later / "app.js").open("a") as script:
            script.write('\ndocument.documentElement.dataset.build = "next";\n')
        (later / "app.js.gz").unlink()
        (later / "build-stamp.txt").write_text("of the next build")
        self.environment |= {
            "DJANGO_SETTINGS_MODULE": "next_build_settings",
            "PYTHONPATH": str(Path(__file__).parent),
            "NEXT_BUILD": str(later.parent),
        }
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(30)
        self.server = self._served()
        self._trusted()

    def script(self, *words: str) -> Any:
        done = subprocess.run(
            [sys.executable, str(self.seed), *words], env=self.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if words == ("told",) else None

    def _trusted(self) -> bytes:
        """The server's certificate, as a tablet checks it that trusts the plant's authority."""
        until = time.monotonic() + STARTS_WITHIN_S
        while True:
            try:
                trust = ssl.create_default_context(cafile=str(next(self.folder.rglob("authority*.pem"))))
                with (
                    socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain,
                    trust.wrap_socket(plain, server_hostname=NAME) as secure,
                ):
                    return secure.getpeercert(binary_form=True) or b""
            except (OSError, StopIteration):
                assert self.server.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < until, (self.folder / "log").read_text()
                time.sleep(0.3)

    def browser(self, chromium: Browser, profile: Path, **more: Any) -> BrowserContext:
        """A browser with a profile of its own that knows the plant under its second name."""
        public = x509.load_der_x509_certificate(self.certificate).public_key()
        key = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        trusted = base64.b64encode(hashlib.sha256(key).digest()).decode()
        flags = [
            f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
            f"--ignore-certificate-errors-spki-list={trusted}",
        ]
        return chromium.browser_type.launch_persistent_context(
            str(profile),
            executable_path=chromium_path(),
            args=[*FLAGS, *flags],
            base_url=self.address,
            **more,
        )

    def stop(self) -> None:
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(30)
        self.log.close()


def lose_the_first_answer(context: BrowserContext) -> list[int]:
    """The plant takes the first batch, and its answer never comes: the tablet has to send it again."""
    lost: list[int] = []

    def answer(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(_forward(route))
        route.abort()

    context.route(re.compile(r"/taps/"), answer)
    return lost


def _forward(route: Any) -> int:
    """Send a request on behalf of the tablet, past the browser."""
    request = route.request
    port = int(request.url.split(":")[2].split("/")[0])
    insecure = ssl.create_default_context()
    insecure.check_hostname, insecure.verify_mode = False, ssl.CERT_NONE
    link = http.client.HTTPSConnection("127.0.0.1", port, context=insecure, timeout=20)
    headers = {name: value for name, value in request.all_headers().items() if not name.startswith(":")}
    headers["host"] = f"{NAME}:{port}"
    headers.pop("content-length", None)
    headers.pop("accept-encoding", None)
    link.request("POST", urlsplit(request.url).path, body=request.post_data, headers=headers)
    return link.getresponse().status
