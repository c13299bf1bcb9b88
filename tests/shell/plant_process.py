"""Starts a process of the tests' installation: `migrate`, `serve ROLE PORT [CERTIFICATE KEY]`, or `write`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shell.plant_settings")
sys.path.insert(0, str(Path(__file__).parents[1]))

if __name__ == "__main__":
    django.setup()
    from shell.plant_orders import main

    main(*sys.argv[1:])
