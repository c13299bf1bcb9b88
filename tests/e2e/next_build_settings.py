"""The product's settings with the pages' files of another build; for the story of an update."""

from __future__ import annotations

import os

from plantbeat.shell.settings import *  # noqa: F403

STATICFILES_DIRS = [os.environ["NEXT_BUILD"]]
