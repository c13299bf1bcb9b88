"""Two small sites with people in every role, for tests of permission and writing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act

SYSTEM = Actor.system("test")
PASSWORD = "a good long passphrase"


class Plant:
    """`north` in Chicago and `south` in Berlin, which nobody of north may see."""

    def __init__(self) -> None:
        self.north = act(Site, "create", SYSTEM, {"code": "N", "name": "North", "zone": "America/Chicago"})
        self.south = act(Site, "create", SYSTEM, {"code": "S", "name": "South", "zone": "Europe/Berlin"})
        self.user(Role.administrator, everywhere=True)
        self.bottle = act(Item, "create", SYSTEM, {"site": self.north, "code": "BOTTLE", "name": "Bottle"})

    def user(self, role: Role | None = None, site: Site | None = None, *, everywhere: bool = False) -> User:
        """A person who can sign in, with one role at one site (north unless told) or everywhere."""
        where = None if everywhere else site or self.north
        number = User._base_manager.count() + 1
        grants = [] if role is None else [{"role": role, "site": where}]
        user = act(
            User,
            "create",
            SYSTEM,
            {"username": f"person{number}", "name": f"Person {number}", "grants": grants},
        )
        return act(user, "set_password", SYSTEM, {"password": PASSWORD})

    def actor(self, role: Role | None = None, site: Site | None = None, *, everywhere: bool = False) -> Actor:
        """The same person as the one who acts."""
        return Actor.of(self.user(role, site, everywhere=everywhere))

    def order_data(self, **changes: object) -> dict[str, object]:
        """A work order for bottles due tomorrow."""
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        return {"site": self.north, "item": self.bottle, "quantity": 500, "due": due, **changes}
