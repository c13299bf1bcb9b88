"""Prepares a site and somebody who administers it, for the program on the page about REST."""

from __future__ import annotations

import json

import django

django.setup()

from plantbeat.kernel.access import Actor, Role  # noqa: E402
from plantbeat.kernel.accounts import Site, User  # noqa: E402
from plantbeat.kernel.act import act  # noqa: E402

SYSTEM = Actor.system("trial")
NAME, PASSWORD = "planner", "a good long passphrase"

act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
grants = [{"role": Role.administrator, "site": None}]
user = act(User, "create", SYSTEM, {"username": NAME, "name": "Planner", "grants": grants})
act(user, "set_password", SYSTEM, {"password": PASSWORD})
print(json.dumps({"NAME": NAME, "PASSWORD": PASSWORD}))
