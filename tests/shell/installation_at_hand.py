"""An installation in a folder of its own, used only through the command line."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

MAKE = """
import django; django.setup()
from plantbeat.shell.installation import make_folders, migrate
make_folders(); migrate()
from django.conf import settings
from pathlib import Path
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
act(Site, "create", Actor.system("test"), {"code": "N", "name": "North"})
(Path(settings.MEDIA_ROOT) / "photo.txt").write_text("a picture")
"""


class Installation:
    """Its folder and the environment of its commands; `settings` are more variables of that."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PLANTBEAT_")},
            "PLANTBEAT_DATA": str(folder),
            "PLANTBEAT_SECRET_KEY": "the-secret-nobody-may-see",
            "DJANGO_SETTINGS_MODULE": "plantbeat.shell.settings",
            **settings,
        }

    def make(self) -> None:
        self.folder.mkdir(exist_ok=True)
        subprocess.run([sys.executable, "-c", MAKE], env=self.environment, check=True)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "plantbeat.shell.cli", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def sites(self) -> list[str]:
        with sqlite3.connect(self.folder / "plantbeat.sqlite3") as database:
            return [row[0] for row in database.execute("SELECT code FROM kernel_site")]
