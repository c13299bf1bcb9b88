"""Proof that what is stored equals what the facts say: every day computed again from the first one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from plantbeat.facts.tables import DirtyDay
from plantbeat.facts.views.asset_day import DayMaker
from plantbeat.facts.views.carry import NOTHING
from plantbeat.facts.views.rebuild import FactsOfRange, Pass
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shifts import Shifts
from plantbeat.facts.views.tables import AssetDay
from plantbeat.facts.views.written_rows import ComputedDay, plain, rows_of, stored_rows

_DAYS_AT_ONCE = 31


@dataclass(frozen=True, slots=True)
class Difference:
    """A day that is not what its facts say, and in what."""

    asset: str
    day: date
    what: str

    def __str__(self) -> str:
        return f"{self.asset}, {self.day.isoformat()}: {self.what} differs from the facts"


@dataclass(slots=True)
class CubeCheck:
    """What was computed again, and every difference found; days that are dirty are left out."""

    days: int = 0
    differences: list[Difference] = field(default_factory=list)


def verify_cube(site_id: int, assets: Iterable[int] | None = None) -> CubeCheck:
    """Compute every stored day of a site again from facts alone and compare all of it.

    A day computed while it was going on is computed to the same instant.
    """
    rules, check = SiteRules(site_id), CubeCheck()
    wanted = set(rules.assets) if assets is None else set(assets)
    dirty = set(DirtyDay.objects.filter(asset__in=wanted).values_list("asset_id", "day"))
    rows = AssetDay.objects.filter(asset__in=wanted).order_by("asset_id", "day")
    for asset_id, days in groupby(rows.iterator(500), key=lambda row: row.asset_id):
        code = rules.assets[asset_id].code
        for row, differences in _again(rules, asset_id, list(days)):
            if (asset_id, row.day) not in dirty:
                check.days += 1
                check.differences += [Difference(code, row.day, what) for what in differences]
    return check


def _again(rules: SiteRules, asset_id: int, days: list[AssetDay]) -> Iterator[tuple[AssetDay, list[str]]]:
    """Each stored day with what differs in it."""
    carry, following_us = NOTHING, days[0].start_us
    of_pass = Pass(rules, days[-1].until_us)
    for start in range(0, len(days), _DAYS_AT_ONCE):
        part = days[start : start + _DAYS_AT_ONCE]
        shifts = Shifts.between(rules.site_id, part[0].start_us, part[-1].end_us)
        maker, facts = DayMaker(rules, shifts), FactsOfRange(of_pass, part[0].day, part[-1].day)
        for row in part:
            if row.start_us != following_us:
                carry = NOTHING
            asked = facts.question(asset_id, of_pass.window(row.day), carry)
            view = maker.view(asked)
            made = ComputedDay(asset_id, asked.day, asked.until_us, row.lsn, row.version, view)
            yield row, list(_differences(row, made, shifts))
            carry, following_us = view.carry, row.end_us


def _differences(row: AssetDay, made: ComputedDay, shifts: Shifts) -> Iterator[str]:
    if row.until_us == row.end_us and row.carry != made.view.carry.text():
        yield "what it hands to the next day"
    if row.fault != made.view.fault:
        yield "whether it can be computed"
    for table, rows in rows_of(made, shifts.owner_days).items():
        stored = stored_rows(table, row.asset_id, row.start_us, row.end_us)
        if sorted(map(repr, map(plain, rows))) != sorted(map(repr, map(plain, stored))):
            yield f"what stands in {table}"
