"""Prepares a site and a program that administers it, for the page about REST."""

from __future__ import annotations

import json

import django

django.setup()

from plantbeat.areas.programs.actions import api_token_create  # noqa: E402
from plantbeat.kernel.access import Actor, Role  # noqa: E402
from plantbeat.kernel.accounts import Site, User  # noqa: E402
from plantbeat.kernel.act import act  # noqa: E402

SYSTEM = Actor.system("trial")

act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
grants = [{"role": Role.administrator, "site": None}]
person = act(User, "create", SYSTEM, {"username": "administrator", "grants": grants})
act(person, "set_password", SYSTEM, {"password": "a good long passphrase"})
print(json.dumps({"TOKEN": api_token_create("erp", [(Role.administrator, None)], SYSTEM)}))
