"""Template words for handoffs."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.handoff import Handoff

register = template.Library()


@register.filter
def of_code(words: dict[str, str] | None, code: str) -> str:
    """What somebody had typed for the sentence with a code, before it was refused."""
    return (words or {}).get(code, "")


@register.filter
def meaning(verb: str) -> Any:
    """What a signature of a step means."""
    return _(Handoff.steps()[verb].signed)
