"""A bundle for whoever helps: what the installation is and how it does; no secret, no person."""

from __future__ import annotations

import json
import os
import platform
import zipfile
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from django.db import connection

import plantbeat
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.shell.upkeep.backing_up import applied_migrations
from plantbeat.shell.upkeep.doctor import examine

SHOWN = {
    "PLANTBEAT_ROLE",
    "PLANTBEAT_HTTPS",
    "PLANTBEAT_TRUST_PROXY",
    "PLANTBEAT_LOG_LEVEL",
    "PLANTBEAT_DATA",
}


def support_bundle(target: Path) -> Path:
    """Write the bundle as a ZIP file; returns its path."""
    parts: dict[str, Any] = {
        "installation.json": _installation(),
        "doctor.json": [[one.name, one.well, one.said] for one in examine()],
        "migrations.json": applied_migrations(),
        "records.json": _counts(),
        "packages.json": sorted(f"{d.metadata['Name']} {d.version}" for d in distributions()),
    }
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in parts.items():
            bundle.writestr(name, json.dumps(content, indent=1, ensure_ascii=False, default=str))
    return target


def _installation() -> dict[str, Any]:
    given = {name: value for name, value in os.environ.items() if name.startswith("PLANTBEAT_")}
    return {
        "version": plantbeat.__version__,
        "made_at": clock.now().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.platform(),
        "database": connection.vendor,
        "settings": {name: value if name in SHOWN else "set" for name, value in sorted(given.items())},
    }


def _counts() -> dict[str, int]:
    by = Actor.system("support bundle")
    return {model.type_code(): visible(model, by).count() for model in registry.records()}
