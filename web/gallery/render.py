"""Render the gallery: every component of the pages, from the real templates, with demo data.

    .venv/bin/python web/gallery/render.py [--out FOLDER] [--serve PORT]

Writes web/dist/gallery (not shipped) unless another folder is given. The gallery's clock starts at a fixed
instant, so that pictures of it can be compared.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1] / "src" / "plantbeat"
OUT = HERE.parent / "dist" / "gallery"

sys.path.insert(0, str(HERE))

import demo  # noqa: E402  (beside this file, which is not a package)
import demo_time  # noqa: E402
import serve  # noqa: E402


def settle() -> None:
    """Just enough Django to render the templates; the application's own settings are not needed."""
    import django
    from django.conf import settings

    settings.configure(
        DEBUG=False,
        SECRET_KEY="only renders the gallery",  # noqa: S106  (signs nothing)
        INSTALLED_APPS=["django.contrib.staticfiles", "django_htmx"],
        STATIC_URL="/static/",
        STATICFILES_DIRS=[SOURCE / "static"],
        STORAGES={"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}},
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "DIRS": [SOURCE / "surfaces" / "templates", HERE / "templates"],
                "OPTIONS": {"builtins": ["django.templatetags.i18n", "django.templatetags.static"]},
            }
        ],
        USE_I18N=True,
        USE_TZ=True,
        TIME_ZONE=demo.ZONE,
    )
    django.setup()


def page(out: Path, template: str, to: str, **context: Any) -> None:
    """Render one page of the gallery into the output folder."""
    from django.template.loader import render_to_string

    everything = {**demo.frame(), **context, "csrf_token": "gallery"}
    target = out / to
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(render_to_string(f"gallery/{template}", everything), encoding="utf-8")


def copy_static(out: Path) -> None:
    """Static files where the templates' addresses point."""
    import django_htmx

    shutil.copytree(SOURCE / "static" / "dist", out / "static" / "dist")
    shutil.copytree(
        Path(django_htmx.__file__).parent / "static" / "django_htmx", out / "static" / "django_htmx"
    )


def main() -> None:
    """Render all pages; with --serve, show them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--serve", type=int, metavar="PORT")
    options = parser.parse_args()
    if not (SOURCE / "static" / "dist" / "app.css").exists():
        sys.exit("The scripts and styles are not built: run `python hatch_build.py` first.")
    settle()
    out: Path = options.out
    shutil.rmtree(out, ignore_errors=True)
    copy_static(out)
    page(out, "index.html", "index.html", page_title="Gallery", **demo.index())
    page(out, "strips.html", "strips/index.html", page_title="Strips and schedule", **demo_time.strips())
    page(out, "forms.html", "forms/index.html", page_title="Routing 4711-20", **demo.forms())
    page(out, "operator.html", "operator/index.html", page_title="Line 1, filler", **demo.operator())
    page(out, "error.html", "error/index.html", page_title="Not found")
    page(out, "results.html", "search/index.html", **demo.search())
    for distance in (3, 6, 10):
        for theme in ("dark", "light"):
            board = demo.wall(distance, theme)
            page(out, "wall.html", f"wall-{distance}-{theme}/index.html", page_title="Line 1", **board)
    print(f"written: {out}")
    if options.serve:
        serve.forever(out, options.serve)


if __name__ == "__main__":
    main()
