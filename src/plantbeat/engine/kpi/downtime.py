"""Unplanned down time and repairs. Times are integer µs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from plantbeat.engine.kpi.ratio import Ratio, Unit


@dataclass(frozen=True, slots=True)
class DownTime:
    """Unplanned down time (own stops of any length) within planned busy time; add to roll up."""

    own_stop_us: int
    micro_stop_us: int
    pbt_us: int

    def __add__(self, other: DownTime) -> DownTime:
        return DownTime(
            self.own_stop_us + other.own_stop_us,
            self.micro_stop_us + other.micro_stop_us,
            self.pbt_us + other.pbt_us,
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """One down time from down to running, in its five parts (µs)."""

    respond_us: int = 0
    diagnose_us: int = 0
    wait_us: int = 0
    repair_us: int = 0
    test_us: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            if getattr(self, field.name) < 0:
                raise ValueError(f"{field.name} is {getattr(self, field.name)}, a time must be 0 or more")

    @property
    def active_us(self) -> int:
        """Hands-on time: finding the fault, correcting it, checking the result."""
        return self.diagnose_us + self.repair_us + self.test_us

    @property
    def down_us(self) -> int:
        return self.respond_us + self.wait_us + self.active_us


@dataclass(frozen=True, slots=True)
class MeanDownTime:
    """MDT and its five parts; the parts' numerators add up to the whole's."""

    mdt: Ratio
    respond: Ratio
    diagnose: Ratio
    wait: Ratio
    repair: Ratio
    test: Ratio


def unplanned_downtime_percent(time: DownTime) -> Ratio:
    """Own stops of any length / planned busy time.

    Micro-stops are in, so that moving their limit moves no minute in or out; starved and blocked are not.
    Unit: %. Direction: lower is better. Source: SMRP 3.4 (unscheduled downtime) over the planned busy time of
    ISO 22400-2:2014.
    Page: docs/reference/kpi/unplanned_downtime_percent.md
    """
    return Ratio(time.own_stop_us + time.micro_stop_us, time.pbt_us, Unit.percent)


def mttr(repairs: Iterable[Repair]) -> Ratio:
    """Active repair time (diagnose, repair, test) / repairs.

    Unit: h. Direction: lower is better. Source: SMRP 3.5.2 (MTTR); IEC 60050-192, repair time.
    Page: docs/reference/kpi/mttr.md
    """
    rows = list(repairs)
    return Ratio(sum(row.active_us for row in rows), len(rows), Unit.hours)


def mdt(repairs: Iterable[Repair]) -> MeanDownTime:
    """Mean time from down to running, with its parts respond, diagnose, wait, repair and test.

    Unit: h. Direction: lower is better. Source: SMRP 3.5.4 (mean downtime); IEC 60050-192.
    Page: docs/reference/kpi/mdt.md
    """
    rows = list(repairs)
    n = len(rows)

    def mean(total_us: int) -> Ratio:
        return Ratio(total_us, n, Unit.hours)

    return MeanDownTime(
        mean(sum(row.down_us for row in rows)),
        mean(sum(row.respond_us for row in rows)),
        mean(sum(row.diagnose_us for row in rows)),
        mean(sum(row.wait_us for row in rows)),
        mean(sum(row.repair_us for row in rows)),
        mean(sum(row.test_us for row in rows)),
    )


def mttr_iso22400(repairs: Iterable[Repair]) -> Ratio:
    """MTTR in the form of ISO 22400-2:2014: Σ time to repair (down to running) / (failure events + 1)."""
    rows = list(repairs)
    return Ratio(sum(row.down_us for row in rows), len(rows) + 1, Unit.hours)
