"""What the processes of the tests' installation do."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.core.management import call_command
from django.http import HttpRequest

from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.facts.assets import publish_asset
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.live import topic
from plantbeat.facts.log import append
from plantbeat.facts.questions import facts_as_written
from plantbeat.facts.source import FactSource
from plantbeat.facts.tokens import token_create
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Device, Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Refused

BY = Actor.system("test")


def reasons(key: str, by: Actor) -> dict[str, dict[str, Any]]:
    """A frame over real records: how many reasons the audience sees, and one tile per reason."""
    if key == "missing":
        raise Refused("there is no such line", Kind.missing)
    if key == "broken":
        raise RuntimeError("secret detail")
    rows = list(visible(DowntimeReason, by).order_by("code"))
    return {
        "count": {"text": str(len(rows))},
        "facts": {"text": str(facts_as_written(by).count())},
        "roles": {"text": ",".join(sorted(role for role, _site in by.grants))},
        **{f"reason-{row.code}": {"text": row.name, "state": "own_stop"} for row in rows},
    }


def obey(order: dict[str, Any]) -> Any:
    """Carry out one order of the test through the product's own write path."""
    match order:
        case {"do": "site", "code": code, **more}:
            return act(Site, "create", BY, {"code": code, "name": code, **more}).pk
        case {"do": "user", "name": name, "roles": roles}:
            lines = [{"role": role, "site": Site.objects.filter(code=site).first()} for role, site in roles]
            return act(User, "create", BY, {"username": name, "grants": lines}).pk
        case {"do": "password", "user": pk, "password": password}:
            return act(User.objects.get(pk=pk), "set_password", BY, {"password": password}).pk
        case {"do": "sign_in", "user": pk}:
            request = HttpRequest()
            request.session = SessionStore()
            user = User.objects.get(pk=pk)
            login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
            request.session.save()
            return request.session.session_key
        case {"do": "edit_user", "user": pk, **data}:
            return act(User.objects.get(pk=pk), "edit", BY, data).pk
        case {"do": "device", "site": site, "token": token, "kind": kind}:
            made = act(
                Device, "create", BY, {"site": Site.objects.get(code=site), "name": token, "kind": kind}
            )
            Device.objects.filter(pk=made.pk).update(token_hash=hashlib.sha256(token.encode()).hexdigest())
            return made.pk
        case {"do": "revoke", "device": pk}:
            return act(Device.objects.get(pk=pk), "revoke", BY).pk
        case {"do": "reason", "site": site, "code": code, "name": name}:
            data = {"site": Site.objects.get(code=site), "code": code, "name": name}
            return act(DowntimeReason, "create", BY, data).pk
        case {"do": "rename", "reason": pk, "name": name}:
            return act(DowntimeReason.objects.get(pk=pk), "edit", BY, {"name": name}).pk
        case {"do": "asset", "site": site, "code": code}:
            return publish_asset(Site.objects.get(code=site).pk, code, code).pk
        case {"do": "source", "site": site, "name": name}:
            return token_create(name, Site.objects.get(code=site), BY)
        case {"do": "count", "asset": asset, "source": name, "seq": seq, "good": good}:
            fact = NewFact(seq=seq, asset=asset, t_us=clock.now_us(), kind="count", body={"good": good})
            return append([fact], BY, FactSource.objects.get(name=name)).accepted
    raise ValueError(f"unknown order {order}")


def main(verb: str, *values: str) -> None:
    if verb == "migrate":
        call_command("migrate", verbosity=0)
    elif verb == "serve":
        from plantbeat.facts.live import hub
        from plantbeat.shell.serving import serve

        hub.RECHECK_S = float(os.environ.get("TEST_RECHECK_S", hub.RECHECK_S))
        topic("reasons", reasons)
        role, port, *pair = values
        certificate, key = (Path(one) for one in pair) if pair else (None, None)
        serve("127.0.0.1", int(port), role=role, certificate=certificate, key=key)
    else:
        for line in sys.stdin:
            print(json.dumps(obey(json.loads(line))), flush=True)
