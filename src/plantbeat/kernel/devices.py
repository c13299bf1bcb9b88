"""Enrolled devices: a screen pairs once by a 6-digit code and is known by its token until revoked.

The screen makes its own secret and shows a code; somebody who leads at a site types the code in. The secret
becomes the device's token: only its hash is ever stored.
"""

from __future__ import annotations

import hashlib
import secrets

from django.db import models
from django.utils.translation import gettext as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Device, DeviceKind, Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

COOKIE = "plantbeat_device"
ROLES = {DeviceKind.wall: Role.analyst, DeviceKind.tablet: Role.operator}
CODE_GOOD_FOR_US = 10 * 60 * 1_000_000


class Pairing(models.Model):
    """A screen that waits to be enrolled: the code it shows and the hash of the secret it keeps."""

    code = models.CharField(max_length=6, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    until_us = models.BigIntegerField()

    class Meta:
        db_table = "kernel_pairing"


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def waiting_code(token: str) -> str:
    """The code a screen shows for its secret; made on first call and again when it has run out."""
    now_us = clock.now_us()
    with writing():
        Pairing.objects.filter(until_us__lt=now_us).delete()
        waiting = Pairing.objects.filter(token_hash=token_hash(token)).first()
        while waiting is None:
            code = f"{secrets.randbelow(1_000_000):06d}"
            if not Pairing.objects.filter(code=code).exists():
                until_us = now_us + CODE_GOOD_FOR_US
                waiting = Pairing.objects.create(code=code, token_hash=token_hash(token), until_us=until_us)
    return waiting.code


def enrol(code: str, by: Actor, *, site: Site, name: str, kind: str, place: str) -> Device:
    """Make the screen that shows a code a device of the site; by a known name it is that device, with a new
    token, and what it has queued stays good. Raises `Refused` for an unknown code."""
    with writing():
        waiting = Pairing.objects.filter(code=code.strip(), until_us__gte=clock.now_us()).first()
        if waiting is None:
            allowed = _("the six digits a screen shows now; they are good for ten minutes")
            raise Refused(Problem(_("no screen shows this code"), "code", code, allowed), Kind.invalid)
        data = {"site": site, "name": name, "kind": kind, "place": place}
        device = visible(Device, by).filter(site=site, name=name, kind=kind).first()
        device = act(device, "edit", by, data) if device else act(Device, "create", by, data)
        device.token_hash, device.revoked_us = waiting.token_hash, None
        device.save(update_fields=["token_hash", "revoked_us"])
        waiting.delete()
    return device


def device_of(token: str) -> Device | None:
    """The device behind a token; None if it is unknown or revoked."""
    if not token:
        return None
    enrolled = visible(Device, Actor.system("devices")).select_related("site")
    return enrolled.filter(token_hash=token_hash(token), revoked_us=None).first()


def actor_of(device: Device, *, door: str = "board", request_id: str = "") -> Actor:
    """The actor a device is: one role at one site, read only for a wall."""
    role = ROLES[DeviceKind(device.kind)]
    return Actor(
        pseudonym=f"device-{device.pk}",
        grants=((role, device.site_id),),
        label=device.name,
        door=door,
        request_id=request_id,
        device_id=device.pk,
    )
