"""The product's settings with addresses that tests need: slow, broken and endless pages."""

from plantbeat.shell.settings import *  # noqa: F403
from plantbeat.shell.settings import MIDDLEWARE as _MIDDLEWARE

ROOT_URLCONF = "shell.plant_urls"
TIMED = "plantbeat.shell.metrics.timed"
MIDDLEWARE = [TIMED, *(one for one in _MIDDLEWARE if one != TIMED)]
