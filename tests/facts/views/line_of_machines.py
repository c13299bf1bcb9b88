"""A site in Berlin with a line of two machines, a shift pattern and a source, for tests of the views."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append
from plantbeat.facts.models import AssetDay, AssetHour, DirtyDay, FactAsset, FactInterval, FactSource
from plantbeat.facts.views.recompute import recompute, refresh
from plantbeat.facts.views.verify import verify_cube
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act

SYSTEM = Actor.system("test")
MIN = 60_000_000
HOUR = 60 * MIN
BERLIN = "Europe/Berlin"


def at(day: str, clock_time: str = "00:00") -> int:
    """µs of a UTC day and time."""
    return clock.to_us(datetime.fromisoformat(f"{day}T{clock_time}").replace(tzinfo=UTC))


class LineOfMachines:
    """Line `L1` with `M1` (bottleneck) and `M2` (counting point), three shifts of 8 h without breaks."""

    def __init__(self, zone: str = "UTC", source: str = "connected", **rule: object) -> None:
        self.site = act(Site, "create", SYSTEM, {"code": "B", "name": "Berlin", "zone": zone})
        self.pattern = self.make(
            ShiftPattern,
            code="3S", name="Three shifts", anchor=date(2026, 1, 5), weekdays="Mon Tue Wed Thu Fri Sat Sun",
            shifts=[
                {"place": 1, "name": "early", "start": time(6), "end": time(14), "breaks": ""},
                {"place": 2, "name": "late", "start": time(14), "end": time(22), "breaks": ""},
                {"place": 3, "name": "night", "start": time(22), "end": time(6), "breaks": ""},
            ],
        )  # fmt: skip
        usual = {"valid_from": date(2020, 1, 1), "shift_pattern": self.pattern, "silent_after": None}
        self.rule = self.make(SiteRule, **(usual | rule))
        self.line = self.make(Line, code="L1", name="Line 1", source=source)
        self.m1 = self.make(Machine, code="M1", name="Filler", line=self.line)
        self.m2 = self.make(Machine, code="M2", name="Packer", line=self.line)
        self.line = act(self.line, "edit", SYSTEM, {"bottleneck": self.m1, "counting_point": self.m2})
        self.item = self.make(Item, code="P", name="Product")
        for machine in (self.m1, self.m2):
            self.ideal(machine, 60 * 1_000_000)
        self.jam = self.make(DowntimeReason, code="JAM", name="Jam", loss="breakdowns")
        self.empty = self.make(DowntimeReason, code="EMPTY", name="No material", counts_as="starved")
        self.source = act(FactSource, "create", SYSTEM, {"site": self.site, "name": "gw", "kind": "gateway"})
        self._seq = 0

    def make(self, model, **data):
        return act(model, "create", SYSTEM, {"site": self.site, **data})

    def ideal(self, machine, cycle_us: int, valid_from: date = date(2020, 1, 1)):
        return self.make(IdealCycle, item=self.item, machine=machine, valid_from=valid_from, cycle=cycle_us)

    def asset(self, code: str) -> FactAsset:
        return FactAsset.objects.get(site=self.site, code=code)

    def fact(
        self, kind: str, t_us: int, asset: str = "M1", seq: int | None = None, **body: object
    ) -> NewFact:
        if seq is None:
            self._seq += 1
            seq = self._seq
        return NewFact(asset=asset, t_us=t_us, kind=kind, body=body, seq=seq)

    def say(self, *facts: NewFact) -> list[int | None]:
        receipt = append(facts, SYSTEM, self.source)
        assert not receipt.quarantined, receipt.quarantined
        return receipt.lsns

    def drain(self) -> None:
        """Work off everything that is dirty, up to now."""
        for _ in range(100):
            if not recompute().days + refresh(every_us=1) and not self.dirty():
                return
        raise AssertionError("the days never came to rest")

    def dirty(self) -> int:
        return DirtyDay.objects.filter(day__lte=clock.now().date()).count()

    def states(self, asset: str = "M1", day: str = "", **cut: object) -> dict[str, int]:
        """Minutes by state in the cube."""
        rows = AssetHour.objects.filter(asset=self.asset(asset), **cut)
        if day:
            rows = rows.filter(day=day)
        found: dict[str, int] = {}
        for state, us in rows.values_list("state", "us"):
            if us:
                found[state] = found.get(state, 0) + us
        return {state: us // MIN if us % MIN == 0 else us / MIN for state, us in found.items()}

    def total(self, name: str, asset: str = "L1", **cut: object) -> int:
        return sum(AssetHour.objects.filter(asset=self.asset(asset), **cut).values_list(name, flat=True))

    def spans(self, asset: str = "M1") -> list[tuple[int, int, str]]:
        rows = FactInterval.objects.filter(asset=self.asset(asset)).order_by("start_us", "end_us")
        return list(rows.values_list("start_us", "end_us", "state"))

    def check(self) -> None:
        """Time identity of every day, and the cube proved against the facts."""
        for row in AssetDay.objects.all():
            assert not row.fault, row.fault
            hours = AssetHour.objects.filter(
                asset=row.asset_id, hour_us__gte=row.start_us, hour_us__lt=row.end_us
            )
            assert sum(hours.values_list("us", flat=True)) == row.until_us - row.start_us
            spans = FactInterval.objects.filter(
                asset=row.asset_id, start_us__gte=row.start_us, start_us__lt=row.end_us
            ).order_by("start_us")
            edge = row.start_us
            for start_us, end_us in spans.values_list("start_us", "end_us"):
                assert start_us == edge
                edge = end_us
            assert edge == row.until_us
        assert verify_cube(self.site.pk).differences == []
