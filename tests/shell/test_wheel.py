"""The built wheel, installed far from the repository: engines alone, then a server without Node."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import urljoin

import httpx
import pytest
from stand_in_house import REPOSITORY, pinned_uv

from shell.demo.running_demo import Demo, signed_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("PLANTBEAT_TEST_INSTALL"), reason="set PLANTBEAT_TEST_INSTALL=1 to install"
    ),
]
VERSION = re.compile(r"^/static/[0-9a-f]{16}/")
ADDRESS = re.compile(r'(?:src|href)="(/static/[^"#?]+)')
IMPORTED = re.compile(r'(?:from|import)\s*\(?\s*"(\.{1,2}/[^"]+\.js)"')
FONT = re.compile(r'url\("?([^)"]+\.woff2)"?\)')
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


class Place:
    """A folder with a virtual environment that knows nothing of the repository, and no Node on its PATH."""

    kept: ClassVar[tuple[str, ...]] = ("SSL_", "HTTP", "http", "PIP_", "UV_")

    def __init__(self, folder: Path) -> None:
        self.folder, self.venv = folder, folder / "venv"
        # Programs of the environment only: not even the system's folders, where a Node may be.
        self.environment = {
            **{name: value for name, value in os.environ.items() if name.startswith(self.kept)},
            "HOME": str(folder),
            "PATH": str(self.venv / "bin"),
            "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache/uv"),
        }
        self._said("-m", "venv", "--without-pip", str(self.venv), python=os.path.realpath(sys.executable))

    def _said(self, *arguments: str, python: str) -> str:
        done = subprocess.run(
            [python, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def uv(self, *arguments: str) -> str:
        """What the pinned uv prints; the door has put it into the checkout."""
        return self._said(*arguments, python=str(uv()))

    def install(self, wanted: str) -> None:
        """Install a package with the versions of the lock."""
        versions = self.folder / "versions.txt"
        if not versions.exists():
            exported = ["--frozen", "--no-dev", "--all-extras", "--no-emit-project", "--no-hashes"]
            versions.write_text(self.uv("export", "--project", str(REPOSITORY), *exported))
        python = str(self.venv / "bin" / "python")
        self.uv("pip", "install", "--quiet", "--python", python, "-c", str(versions), wanted)

    def python(self, *arguments: str) -> str:
        """What the environment's own Python prints."""
        return self._said(*arguments, python=str(self.venv / "bin" / "python"))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Call the installed `plantbeat`."""
        return subprocess.run(
            [self.venv / "bin" / "plantbeat", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def uv() -> Path:
    """The door's own uv, else the one on the PATH."""
    own = REPOSITORY / f".tool/uv-{pinned_uv()}/bin/uv"
    return own if own.exists() else Path(os.environ.get("UV", "uv"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [uv(), "build", "--quiet", "--wheel", "--out-dir", folder, REPOSITORY], check=True, timeout=600
    )
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Place:
    return Place(tmp_path_factory.mktemp("elsewhere"))


@pytest.fixture(scope="module")
def base(place: Place, wheel: Path) -> Place:
    place.install(str(wheel))
    return place


@pytest.fixture(scope="module")
def demo(base: Place, wheel: Path) -> Iterator[Demo]:
    assert base.run("demo").returncode == 2, "the base install already has the server's packages"
    base.install(f"plantbeat[server] @ {wheel.as_uri()}")
    running = Demo(
        base.folder / "plant",
        "--history-days",
        "1",
        program=[str(base.venv / "bin" / "plantbeat")],
        **base.environment,
    )
    try:
        running.first_page_s()
        yield running
    finally:
        if running.process.poll() is None:
            running.stop(signal.SIGINT)


def test_the_wheel_holds_the_pages_files_with_the_licences_of_what_is_in_them(wheel):
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
        licences = content.read("plantbeat/static/dist/THIRD-PARTY-LICENSES.txt").decode()
    assert {"plantbeat/static/dist/app.js", "plantbeat/static/dist/app.css"} <= names
    assert any(name.endswith(".woff2") for name in names)
    for package in ("echarts", "@tabler/core", "@tabler/icons", "@fontsource-variable/inter"):
        assert re.search(rf"^{package} \d+\.\d+\.\d+\nLicence: [\w.-]+$", licences, re.MULTILINE), package
    assert [name for name in names if name.startswith(("tests/", "web/", "docs/"))] == []


def test_the_base_install_has_engines_and_commands_but_no_server(base):
    code = "import plantbeat.engine.schedule, plantbeat.engine.oee, importlib.util as found"
    code += "; print(found.find_spec('django'))"
    assert base.python("-c", code) == "None\n"
    made = base.run("schedule", "template", "orders.xlsx")
    assert made.returncode == 0, made.stderr
    solved = base.run("schedule", "solve", "orders.xlsx", "--out", "plan.xlsx")
    assert "Traceback" not in solved.stderr
    for command in ("demo", "serve", "doctor"):
        done = base.run(command)
        assert done.returncode == 2, done.stdout
        assert "pip install 'plantbeat[server]'" in done.stderr


def test_it_serves_its_pages_with_their_scripts_and_styles_without_node(demo):
    name, password = next(iter(demo.sign_ins().items()))
    with httpx.Client(base_url=demo.url, timeout=30, follow_redirects=True) as client:
        page = signed_in(client, name, password)
        assert (page.status_code, page.url.path) == (200, "/overview/")
        waiting = set(ADDRESS.findall(page.text))
        names = {VERSION.sub("/static/", address) for address in waiting}
        assert {"/static/dist/app.js", "/static/dist/app.css"} <= names, waiting
        seen: set[str] = set()
        while waiting:
            address = waiting.pop()
            seen.add(address)
            file = client.get(address)
            assert file.status_code == 200, address
            assert file.headers["cache-control"] == "max-age=31536000, public, immutable", address
            assert file.headers["content-type"].split(";")[0] == TYPES[Path(address).suffix], address
            found = IMPORTED.findall(file.text) if address.endswith(".js") else FONT.findall(file.text)
            waiting |= {urljoin(address, one) for one in found} - seen
    assert {Path(address).suffix for address in seen} >= {".js", ".css", ".woff2"}, seen
    assert demo.stop(signal.SIGTERM) in (0, 143)
    assert demo.orphans() == []
