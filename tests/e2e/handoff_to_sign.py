"""A handoff of the filling hall that waits to be signed, for its browser story; prints its number."""

from __future__ import annotations

import django

PASSWORD = "a good long passphrase"
HOUR_US = 3_600_000_000


def main() -> None:
    """Two leads, a line that stands, a near miss, and the draft at the next boundary."""
    django.setup()
    from plantbeat.areas.daily.handoffs.actions import handoff_values, refreshed
    from plantbeat.areas.daily.handoffs.boundaries import handing_over
    from plantbeat.areas.daily.records.handoff import Handoff
    from plantbeat.areas.plant.records.area import Area
    from plantbeat.facts.incoming import NewFact
    from plantbeat.facts.log import append, own_source
    from plantbeat.facts.views.recompute import recompute
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import Actor, Role, visible
    from plantbeat.kernel.accounts import Site, User
    from plantbeat.kernel.act import act

    by = Actor.system("story")
    site = visible(Site, by).get(code="RIV")
    for name in ("ann", "ben"):
        grants = [{"role": Role.line_lead, "site": site}]
        user = act(User, "create", by, {"username": name, "name": name.capitalize(), "grants": grants})
        act(user, "set_password", by, {"password": PASSWORD})
    now_us = clock.now_us()
    over = next(one for one in handing_over(site, now_us, now_us + 80 * HOUR_US) if one.area == "FILL")
    line = min(over.shift_of_line)
    said = [
        ("L1-FIL", "state", now_us - HOUR_US, {"state": "running"}),
        (line, "incident", now_us - HOUR_US // 2, {"case": "NM-12", "severity": "near_miss"}),
    ]
    append([NewFact(asset=a, kind=k, t_us=t, body=b) for a, k, t, b in said], by, own_source(site))
    recompute(None)
    if (known := visible(Handoff, by).filter(place="FILL", boundary_us=over.at_us).first()) is None:
        area = visible(Area, by).get(site=site, code="FILL")
        # What happened half an hour ago is told however long the shift that ends has just begun.
        values = handoff_values(site, area, over) | {"start_us": min(over.start_us, now_us - HOUR_US)}
        known = act(Handoff, "create", by, values)
    print(refreshed(known).number)


if __name__ == "__main__":
    main()
