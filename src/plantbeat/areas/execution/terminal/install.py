"""What makes the terminal an app: its manifest, and the worker that keeps it at hand without a network."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

LARGEST = 60_000
"""Bytes of a script that the terminal takes along; charts and grids are larger and stay away."""

_ALWAYS = ("app.js", "app.css", "theme-early.js", "icons.svg", "brand.svg")
_OTHERS = ("django_htmx/htmx-2.min.js",)
_BACKGROUND, _THEME = "#0f1318", "#1f4e8c"


@require_GET
def manifest(_request: HttpRequest) -> JsonResponse:
    """The web app manifest (W3C), so that a browser offers to install the terminal."""
    sizes = ((192, "any"), (512, "any"), (512, "maskable"))
    icons = [
        {
            "src": static(f"dist/icon-{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": why,
        }
        for size, why in sizes
    ]
    about = {
        "id": reverse("terminals"),
        "name": _("Plantbeat terminal"),
        "short_name": "Plantbeat",
        "start_url": reverse("terminals"),
        "scope": reverse("terminals"),
        "display": "standalone",
        "background_color": _BACKGROUND,
        "theme_color": _THEME,
        "icons": [*icons, {"src": static("dist/brand.svg"), "sizes": "any", "type": "image/svg+xml"}],
    }
    answer = JsonResponse(about, content_type="application/manifest+json")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
def worker(_request: HttpRequest) -> HttpResponse:
    """The service worker, with the version of the pages' files and their names before it.

    Other pages whose forms wait in a queue have it look after them too, each below a path of its own.
    """
    found = finders.find("dist/terminal-worker.js")
    if not isinstance(found, str):
        raise Http404
    script = Path(found)
    files = {
        "version": _version(script.parent),
        "assets": _assets(script.parent),
        "terminal": reverse("terminals"),
    }
    text = f"self.PLANTBEAT = {json.dumps(files)};\n{script.read_text(encoding='utf-8')}"
    answer = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    answer["Service-Worker-Allowed"] = "/"
    return answer


@cache
def _version(folder: Path) -> str:
    stamp = folder / "build-stamp.txt"
    built = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    return hashlib.sha256(f"{built} {_assets(folder)}".encode()).hexdigest()[:16]


@cache
def _assets(folder: Path) -> list[str]:
    """Addresses of what the terminal needs to be drawn: scripts, styles, shapes, the font's Latin part."""
    names = [name for name in _ALWAYS if (folder / name).exists()]
    chunks = sorted((folder / "chunks").glob("*.js"))
    names += [f"chunks/{one.name}" for one in chunks if one.stat().st_size <= LARGEST]
    names += [f"fonts/{one.name}" for one in sorted((folder / "fonts").glob("*latin-wght*"))]
    others = [one for one in _OTHERS if finders.find(one)]
    return [static(f"dist/{name}") for name in names] + [static(one) for one in others]
