"""What a fact says, in one sentence for each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.problems import Text

SENTENCES: dict[str, Text] = {
    "state": _("From then on %(asset)s is “%(state)s”, in the words of its source."),
    "counter": _("The counter “%(counter)s” of %(asset)s shows %(value)s."),
    "count": _("%(asset)s counts %(good)s good pieces, %(scrap)s scrapped and %(rework)s sent to rework."),
    "scrap": _("%(asset)s has scrapped %(quantity)s pieces."),
    "rework": _("%(asset)s has sent %(quantity)s pieces to rework."),
    "rework recovered": _("%(quantity)s pieces of %(asset)s were recovered by rework."),
    "rework scrapped": _("%(quantity)s pieces of %(asset)s were scrapped after rework."),
    "reason": _("The stop of %(asset)s has the reason %(reason)s."),
    "order_start": _("Order %(order)s begins on %(asset)s."),
    "order_end": _("Order %(order)s leaves %(asset)s, complete."),
    "order_end later": _("Order %(order)s leaves %(asset)s and will be continued."),
    "setup_start": _("A set-up begins on %(asset)s."),
    "setup_end": _("The set-up of %(asset)s is done."),
    "first_piece_ok": _("The first piece of order %(order)s is approved on %(asset)s."),
    "operator_on": _("Somebody begins to work at %(asset)s."),
    "operator_off": _("Somebody stops working at %(asset)s."),
    "andon_raise": _("Somebody calls for help at %(asset)s: %(category)s."),
    "andon_ack": _("Somebody has taken the call for help at %(asset)s."),
    "andon_arrive": _("Help has arrived at %(asset)s."),
    "andon_contain": _("The trouble at %(asset)s is contained; its cause is not gone yet."),
    "andon_resolve": _("Whoever helped at %(asset)s says that the trouble is over."),
    "andon_confirm": _("Whoever called at %(asset)s confirms that the trouble is over."),
    "andon_reopen": _("The trouble at %(asset)s is not over: the call is open again."),
    "reading": _("%(characteristic)s at %(asset)s was measured as %(value)s %(unit)s."),
    "reading bare": _("%(characteristic)s at %(asset)s was measured as %(value)s."),
    "heartbeat": _("The source of %(asset)s is alive, and the state is as before."),
    "gap": _("The source of %(asset)s has lost a time: nothing is known of it."),
    "note": _("A note about %(asset)s: “%(text)s”"),
    "incident": _("Incident %(case)s at %(asset)s."),
    "attendance": _("At %(asset)s %(present)s of %(rostered)s people on the roster are present."),
    "correction": _("A fact about %(asset)s is taken back: “%(reason)s”"),
}
"""By kind; a second word where the kind says different things."""


def sentence(kind: str, asset: str, said: Mapping[str, Any], reason: str) -> str:
    """A fact in words; `said` is its body with the defaults, `reason` its own reason."""
    variant = kind
    if kind == "rework" and said["outcome"] != "sent":
        variant = f"rework {said['outcome']}"
    if kind == "order_end" and not said["complete"]:
        variant = "order_end later"
    if kind == "reading" and not said["unit"]:
        variant = "reading bare"
    values = {"reason": reason} | dict(said) | {"asset": asset}
    return str(SENTENCES[variant]) % values
