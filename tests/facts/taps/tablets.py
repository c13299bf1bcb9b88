"""Tablets that send taps about machine M1, for tests of the ledger."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from fact_plant import NOW_US, SYSTEM, FactPlant

from plantbeat.facts.incoming import NewFact
from plantbeat.facts.models import Fact, Tap
from plantbeat.facts.taps import TapIn, tap
from plantbeat.facts.taps.passes import OperatorPass, pass_text
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import FLOOR, Actor, Role
from plantbeat.kernel.accounts import Device, Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Problem, Refused

SECOND, HOUR = 1_000_000, 3_600_000_000
SESSION = "session-of-a-tablet"


class Tablets:
    """Two tablets, an operator with badge 0451 who signed in an hour ago, and the kind `piece`."""

    def __init__(self) -> None:
        self.facts = FactPlant()
        self.site = self.facts.north
        chief = {"username": "chief", "name": "Chief", "grants": [{"role": Role.administrator, "site": None}]}
        act(
            act(User, "create", SYSTEM, chief), "set_password", SYSTEM, {"password": "a good long passphrase"}
        )
        grants = [{"role": Role.operator, "site": self.site}]
        with clock.at(NOW_US - 48 * HOUR):
            given = {"username": "ann", "name": "Ann", "badge": "0451", "grants": grants}
            self.ann = act(User, "create", SYSTEM, given)
        self.first, self.second = self.paired("first"), self.paired("second")
        tap("piece", by=FLOOR)(piece)

    def paired(self, name: str, kind: str = "tablet") -> Device:
        code = devices.waiting_code(f"secret of {name}")
        by = self.facts.actor(Role.supervisor)
        return devices.enrol(code, by, site=self.site, name=name, kind=kind, place="")

    def passed(
        self, device: Device | None = None, user: User | None = None, at_us: int = NOW_US - HOUR
    ) -> str:
        return pass_text(OperatorPass((user or self.ann).pk, (device or self.first).pk, at_us))

    def one(self, seq: int, *, at_us: int = NOW_US - 60 * SECOND, **more: Any) -> dict[str, Any]:
        usual = {"seq": seq, "kind": "piece", "clock_us": at_us, "offset_us": 0, "data": {"good": 1}}
        if "badge" not in more:
            usual["pass"] = self.passed()
        return usual | more

    def send(self, *taps: dict[str, Any], device: str = "first", session: str = SESSION, **more: Any) -> Any:
        body = {"session": session, "clock_us": clock.now_us(), "taps": list(taps)} | more
        token = f"Bearer secret of {device}"
        return Client().post(
            "/taps/", json.dumps(body), content_type="application/json", headers={"Authorization": token}
        )

    def send_own(self, *taps: dict[str, Any], user: User | None = None, site: str = "", **more: Any) -> Any:
        """As a screen of somebody's own sends, with their session; without a user as one signed out."""
        client = Client()
        if user is not None:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        body = {"session": "session-of-a-person", "clock_us": clock.now_us(), "taps": list(taps)} | more
        address = f"/taps/{site or self.site.code}/"
        return client.post(address, json.dumps(body), content_type="application/json")

    def outcomes(self, *taps: dict[str, Any], **more: Any) -> list[str]:
        answer = self.send(*taps, **more)
        assert answer.status_code == 200, answer.content
        return [one["outcome"] for one in answer.json()["results"]]

    def refusals(self, *taps: dict[str, Any], **more: Any) -> str:
        results = self.send(*taps, **more).json()["results"]
        return " ".join(str(problem) for one in results for problem in one["problems"])

    @staticmethod
    def pieces() -> int:
        return sum(json.loads(body).get("good", 0) for body in Fact.objects.values_list("body", flat=True))

    @staticmethod
    def ledger() -> list[tuple[int, str]]:
        return list(Tap.objects.order_by("seq", "pk").values_list("seq", "outcome"))


def piece(tap_in: TapIn, site: Site, by: Actor) -> None:
    """Count pieces on M1; an odd wish is refused after the fact was written."""
    good = tap_in.whole("good", 1, 1000)
    tap_in.append([NewFact(asset="M1", t_us=tap_in.at_us, kind="count", body={"good": good})], site, by)
    if good == 13:
        raise Refused(Problem("nobody makes thirteen", "good", good))
