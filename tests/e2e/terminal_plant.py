"""The small plant with a line counted by hand and its operators; run with the installation's environment.

With a name and `roles` or `none` as arguments it gives an operator the role of the floor, or takes it away;
with `told` it prints what the facts and the ledger of taps say, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import django
import small_plant

LINE, PIN = "TAPS", "2580"
OPERATORS = {"ann": "10451", "bob": "10452"}


def main() -> None:
    """Add line TAPS with one bench, an order that runs, and two operators with badges."""
    small_plant.main()
    from plantbeat.areas.plant.records.item import Item
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.areas.plant.records.machine import Machine
    from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
    from plantbeat.facts.incoming import NewFact
    from plantbeat.facts.log import append, own_source
    from plantbeat.facts.views.recompute import recompute
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site, User
    from plantbeat.kernel.act import act

    by, minute = Actor.system("story"), 60_000_000
    site = visible(Site, by).get()
    pattern = visible(ShiftPattern, by).get(code="NOW")
    named = {"site": site, "code": LINE, "name": "Counted by hand", "source": "taps"}
    line = act(Line, "create", by, {**named, "shift_pattern": pattern})
    act(Machine, "create", by, {"site": site, "code": "BENCH", "name": "Bench", "line": line})
    act(visible(Item, by).get(code="DISH-500"), "edit", by, {"pack_size": 24, "pallet_size": 960})
    for name, badge in OPERATORS.items():
        given = {"username": name, "name": name.capitalize(), "badge": badge, "grants": _grants(site, True)}
        act(act(User, "create", by, given), "set_pin", by, {"pin": PIN})
    now_us = clock.now_us()
    said = [
        (-120, "BENCH", "state", {"state": "running"}),
        (-119, LINE, "order_start", {"order": "WO-TAPS", "item": "DISH-500", "quantity": 9000}),
        (-40, "BENCH", "state", {"state": "own_stop"}),
        (-20, "BENCH", "state", {"state": "running"}),
    ]
    facts = [
        NewFact(asset=asset, t_us=now_us + at * minute, kind=kind, body=body)
        for at, asset, kind, body in said
    ]
    append(facts, by, own_source(site))
    while recompute().left:
        pass


def _grants(site: object, given: bool) -> list[dict[str, object]]:
    return [{"role": "operator", "site": site}] if given else []


def roles(name: str, given: bool) -> None:
    """Give an operator the role of the floor, or take it away."""
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site, User
    from plantbeat.kernel.act import act

    by = Actor.system("story")
    act(visible(User, by).get(username=name), "edit", by, {"grants": _grants(visible(Site, by).get(), given)})


def told() -> dict[str, object]:
    """Taps by outcome, and the facts in force that people have said."""
    from plantbeat.facts.models import Tap
    from plantbeat.facts.questions import facts_in_force
    from plantbeat.kernel.access import Actor

    rows = facts_in_force(Actor.system("story")).filter(actor__startswith="p-").order_by("lsn")
    return {
        "outcomes": Counter(Tap.objects.values_list("outcome", flat=True)),
        "facts": [[kind, json.loads(body)] for kind, body in rows.values_list("kind", "body")],
    }


if __name__ == "__main__":
    django.setup()
    if sys.argv[1:2] == ["told"]:
        print(json.dumps(told()))
    elif sys.argv[1:]:
        roles(sys.argv[1], sys.argv[2] == "roles")
    else:
        main()
