"""The application as an ASGI server loads it (`plantbeat.shell.asgi:application`)."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plantbeat.shell.settings")
_pages = get_wsgi_application()

from plantbeat.shell.dispatch import assembled  # noqa: E402  (only after the framework is set up)

application = assembled(os.environ.get("PLANTBEAT_ROLE") or "all", _pages)
