"""The people of the demo plant on its sign-in page, for a click instead of a password."""

from __future__ import annotations

import ipaddress
import os
from typing import Any

from django import template
from django.http import HttpRequest

from plantbeat.kernel.access import Role

register = template.Library()


@register.simple_tag
def demo_people(request: HttpRequest) -> list[dict[str, Any]]:
    """Who can sign in with a click: in the demo only, and only from the machine it runs on."""
    if not _may_click(request):
        return []
    from plantbeat.shell.demo.demo_folder import demo_folder
    from plantbeat.shell.demo.sign_in_list import read_sign_ins

    people = [one for one in read_sign_ins(demo_folder()) or [] if one["role"] in Role.values]
    return [{**one, "role_label": Role(one["role"]).label} for one in people]


@register.simple_tag
def demo_badges(request: HttpRequest) -> list[dict[str, str]]:
    """Whose badge a terminal knows: in the demo only, and only on the machine it runs on."""
    if not _may_click(request):
        return []
    from plantbeat.shell.demo.demo_folder import demo_folder
    from plantbeat.shell.demo.sign_in_list import read_badges

    return read_badges(demo_folder()) or []


def _may_click(request: HttpRequest) -> bool:
    is_open = os.environ.get("PLANTBEAT_DEMO") == "1" and os.environ.get("PLANTBEAT_DEMO_SIGN_INS") == "1"
    return is_open and _is_this_machine(request.META.get("REMOTE_ADDR", ""))


def _is_this_machine(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
