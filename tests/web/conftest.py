"""The gallery, rendered once from the real templates and served under the product's content policy."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from browser import chromium  # noqa: F401  (a fixture)

REPOSITORY = Path(__file__).parents[2]
GALLERY = REPOSITORY / "web" / "gallery"
BUILT = REPOSITORY / "src" / "plantbeat" / "static" / "dist"


def _module(name: str) -> Any:
    if str(GALLERY) not in sys.path:
        sys.path.insert(0, str(GALLERY))
    spec = importlib.util.spec_from_file_location(name, GALLERY / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def gallery_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered gallery, in a folder of this test session."""
    out = tmp_path_factory.mktemp("gallery") / "out"
    command = [sys.executable, str(GALLERY / "render.py"), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def gallery(gallery_folder: Path) -> Iterator[Any]:
    """A server of the gallery: `.address`, `.send(delta)`, `.drop()`, `.asked`, `.posted`."""
    server = _module("serve").Gallery(gallery_folder)
    server.start()
    yield server
    server.drop()
    server.shutdown()
    server.server_close()


@pytest.fixture
def open_page(chromium: Browser, gallery: Any) -> Iterator[Callable[..., Page]]:  # noqa: F811
    """Open a page of the gallery; at the end no page may have complained in its console."""
    contexts, complaints = [], []

    def open_(
        path: str = "", *, width: int = 1280, height: int = 800, theme: str = "light", **more: Any
    ) -> Page:
        phone = {"is_mobile": True, "has_touch": True} if width < 600 else {}
        size = {"width": width, "height": height}
        context = chromium.new_context(viewport=size, screen=size, color_scheme=theme, **phone, **more)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(5000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type in {"error", "warning"} and complaints.append(said.text))
        page.goto(f"{gallery.address}/{path}")
        page.wait_for_selector(".is-waiting", state="detached")
        return page

    open_.complaints = complaints  # type: ignore[attr-defined]
    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
