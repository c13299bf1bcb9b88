"""Two small sites with machines and a gateway, for tests of the fact log."""

from __future__ import annotations

from plantbeat.facts.assets import publish_asset
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.source import FactSource
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act

SYSTEM = Actor.system("test")
NOW_US = 1_795_334_400_000_000
"""2026-11-22T08:00:00Z."""


class FactPlant:
    """Two sites with three machines each (`M1` to `M3`), and a gateway at the first."""

    def __init__(self) -> None:
        self.north = act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
        self.south = act(Site, "create", SYSTEM, {"code": "S", "name": "South", "zone": "Europe/Berlin"})
        for site in (self.north, self.south):
            for number in (1, 2, 3):
                publish_asset(site.pk, f"M{number}", f"Machine {number}", line="L1")
        self.gateway = self.source("gw-1")

    def source(self, name: str, site: Site | None = None, kind: str = "gateway") -> FactSource:
        return act(FactSource, "create", SYSTEM, {"site": site or self.north, "name": name, "kind": kind})

    def actor(self, role: Role, site: Site | None = None) -> Actor:
        return Actor(pseudonym=f"p-{role}", grants=((role, (site or self.north).pk),))


def count(seq=None, good=1, asset="M1", t_us=NOW_US, **more) -> NewFact:
    """A count at 08:00, in most tests the fact that is sent."""
    return NewFact(seq=seq, asset=asset, t_us=t_us, kind="count", body={"good": good}, **more)
