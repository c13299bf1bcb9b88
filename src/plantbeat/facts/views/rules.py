"""Everything that says how the facts of one site are read, loaded once and looked up by day."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars.civil import HOUR_US, MINUTE_US, local_day_at, local_day_window
from plantbeat.engine.counters import CounterRule
from plantbeat.engine.oee import IdealCycle, IdealCycles, State
from plantbeat.engine.oee.formulas import COVERAGE_LIMIT_PERCENT
from plantbeat.engine.oee.inputs import FOREVER_US
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views.dimension_tables import (
    BEGINNING,
    CounterMeaning,
    FactCounter,
    FactIdeal,
    FactLine,
    FactMachine,
    FactPlannedStop,
    FactReason,
    FactSiteRule,
    FactStateWord,
    LineSource,
)
from plantbeat.facts.views.state_words import STATE_NAMED, USUAL_WORDS, spelled
from plantbeat.kernel.accounts import Site

MICRO_STOP_US = 5 * MINUTE_US
SILENT_AFTER_US = 2 * HOUR_US
FINISH_TOLERANCE_US = 30 * MINUTE_US
"""What holds where a site has no rule of its own; silence counts for connected lines only."""


D = TypeVar("D", bound=FactLine | FactReason | FactSiteRule)
K = TypeVar("K")


class Since(Generic[D]):
    """Rows about one thing, each holding from its day until the next one's."""

    __slots__ = ("_days", "rows")

    def __init__(self, rows: Iterable[D] = ()) -> None:
        self.rows = sorted(rows, key=lambda row: row.valid_from)
        self._days = [row.valid_from for row in self.rows]

    def at(self, day: date) -> D | None:
        """The row that holds on a day, None before the first."""
        place = bisect_right(self._days, day) - 1
        return self.rows[place] if place >= 0 else None


@dataclass(frozen=True, slots=True)
class Reading:
    """How a day of one asset is read, by the rule of its line or else of its site."""

    source: LineSource
    pattern: str
    silent_after_us: int | None
    micro_stop_us: int
    slow_below_percent: int | None
    stops_recorded: bool
    first_piece: bool


@dataclass(frozen=True, slots=True)
class Counting:
    """What the advance of a counter means in pieces."""

    counts_as: CounterMeaning
    pieces_per_count: Fraction
    rule: CounterRule


@dataclass(frozen=True, slots=True)
class ReasonRule:
    """What a downtime reason counts as, and which of the six big losses it is."""

    counts_as: State
    loss: str
    name: str


_ANY_COUNTER = Counting(CounterMeaning.good, Fraction(1), CounterRule())


class SiteRules:
    """The published dimensions of a site as they stand when loaded, and the zone its days are local to."""

    def __init__(self, site_id: int) -> None:
        """Five queries; the rest is loaded when first needed. Raises Site.DoesNotExist."""
        self.site_id = site_id
        self.zone = ZoneInfo(Site.objects.values_list("zone", flat=True).get(pk=site_id))
        self.assets = {asset.pk: asset for asset in FactAsset.objects.filter(site=site_id)}
        at_site = {"asset__site": site_id}
        self.machines = {machine.pk: machine for machine in FactMachine.objects.filter(**at_site)}
        self.lines = _since((row.asset_id, row) for row in FactLine.objects.filter(**at_site))
        self.site_rules: Since[FactSiteRule] = Since(FactSiteRule.objects.filter(site=site_id))
        self._ideals: dict[int, IdealCycles] = {}
        self._maps: dict[tuple[str, date], dict[str, State]] = {}
        self._reason_maps: dict[date, dict[str, ReasonRule]] = {}
        self._readings: dict[tuple[int | None, date], Reading] = {}
        self._usual_rule = _usual_rule(site_id)

    @cached_property
    def _reasons(self) -> dict[str, Since[FactReason]]:
        return _since((row.code, row) for row in FactReason.objects.filter(site=self.site_id))

    @cached_property
    def _counters(self) -> dict[tuple[int, str], Counting]:
        rows = FactCounter.objects.filter(asset__site=self.site_id)
        return {(row.asset_id, row.counter): _counting(row) for row in rows}

    @cached_property
    def _words(self) -> dict[str, dict[date, dict[str, State]]]:
        words: dict[str, dict[date, dict[str, State]]] = defaultdict(lambda: defaultdict(dict))
        for row in FactStateWord.objects.filter(site=self.site_id):
            words[row.machine_class][row.valid_from][row.word] = STATE_NAMED[row.state]
        return words

    @cached_property
    def ideal_rows(self) -> dict[int, list[FactIdeal]]:
        """Ideal times of each machine, by the day they hold from."""
        rows: dict[int, list[FactIdeal]] = defaultdict(list)
        for ideal in FactIdeal.objects.filter(site=self.site_id).order_by("valid_from"):
            rows[ideal.asset_id].append(ideal)
        return rows

    # --- the tree ---

    @cached_property
    def line_ids(self) -> dict[str, int]:
        """Asset of each line by its code."""
        return {a.code: a.pk for a in self.assets.values() if a.level == AssetLevel.line}

    @cached_property
    def area_ids(self) -> dict[str, int]:
        """Asset of each area by its code."""
        return {a.code: a.pk for a in self.assets.values() if a.level == AssetLevel.area}

    @cached_property
    def machines_of(self) -> dict[int, list[int]]:
        """Machines of each line by position, then code."""
        found: dict[int, list[int]] = defaultdict(list)
        for asset in self.assets.values():
            line_id = self.line_of(asset.pk)
            if line_id is not None and line_id != asset.pk:
                found[line_id].append(asset.pk)
        for machines in found.values():
            machines.sort(key=lambda pk: (self._position(pk), self.assets[pk].code))
        return found

    def _position(self, asset_id: int) -> int:
        machine = self.machines.get(asset_id)
        return machine.position if machine else 0

    def line_of(self, asset_id: int) -> int | None:
        """The line an asset belongs to; a line belongs to itself, a machine alone to none."""
        asset = self.assets[asset_id]
        if asset.level == AssetLevel.line:
            return asset.pk
        return self.line_ids.get(asset.line) if asset.line else None

    def points_of(self, line_id: int, day: date) -> tuple[int | None, int | None]:
        """(counting point, bottleneck) of a line on a day.

        One that is not declared is the other; a line of a single machine is counted and timed there.
        """
        row = self.lines[line_id].at(day) if line_id in self.lines else None
        counted, timed = (row.counting_point_id, row.bottleneck_id) if row else (None, None)
        if counted is None and timed is None and len(self.machines_of.get(line_id, ())) == 1:
            counted = timed = self.machines_of[line_id][0]
        return counted or timed, timed or counted

    def area_of(self, asset_id: int, day: date) -> str:
        """Code of the area an asset's line stands in on a day; empty for none."""
        line_id = self.line_of(asset_id)
        row = self.lines[line_id].at(day) if line_id in self.lines else None
        return row.area if row else ""

    # --- how a day is read ---

    def day_at(self, t_us: int) -> date:
        """Local day of an instant."""
        return local_day_at(t_us, self.zone).day

    def site_rule(self, day: date) -> FactSiteRule:
        """The site's rule on a day; what usually holds where it has none."""
        return self.site_rules.at(day) or self._usual_rule

    def reading(self, asset_id: int, day: date) -> Reading:
        """How a day of an asset is read: all of a line alike, so each line's day is worked out once."""
        key = self.line_of(asset_id), day
        known = self._readings.get(key)
        if known is None:
            known = self._readings[key] = self._reading(*key)
        return known

    def _reading(self, line_id: int | None, day: date) -> Reading:
        site = self.site_rule(day)
        line = self.lines[line_id].at(day) if line_id in self.lines else None
        source = LineSource(line.source) if line else LineSource.connected
        silent_after_us = line.silent_after_us if line else None
        if silent_after_us is None and source is LineSource.connected:
            silent_after_us = site.silent_after_us
        slow = line.slow_below_percent if line else None
        return Reading(
            source=source,
            pattern=(line.pattern if line else "") or site.pattern,
            silent_after_us=silent_after_us,
            micro_stop_us=line.micro_stop_us
            if line and line.micro_stop_us is not None
            else site.micro_stop_us,
            slow_below_percent=slow if slow is not None else site.slow_below_percent,
            stops_recorded=bool(line and line.stops_recorded),
            first_piece=bool(line and line.first_piece),
        )

    @cached_property
    def longest_micro_stop_us(self) -> int:
        """The longest micro-stop limit of any line and day: how far beyond a day its stops are judged."""
        of_sites = [rule.micro_stop_us for rule in self.site_rules.rows] or [MICRO_STOP_US]
        of_lines = [row.micro_stop_us or 0 for rows in self.lines.values() for row in rows.rows]
        longest: int = max(MICRO_STOP_US, *of_sites, *of_lines)
        return longest

    def state_map(self, asset_id: int, day: date) -> dict[str, State]:
        """Canonical states by spelled word on a day: of the asset's class, then the site, then the usual."""
        machine = self.machines.get(asset_id)
        name = machine.machine_class if machine else ""
        known = self._maps.get((name, day))
        if known is None:
            known = dict(USUAL_WORDS)
            for whose in dict.fromkeys(("", name)):
                dated = self._words.get(whose, {})
                in_force = [valid_from for valid_from in dated if valid_from <= day]
                known |= dated[max(in_force)] if in_force else {}
            self._maps[name, day] = known
        return known

    def state_of(self, word: str, asset_id: int, day: date) -> State:
        """What a source's word means; a word that nobody has mapped is not yet explained."""
        return self.state_map(asset_id, day).get(spelled(word), State.unexplained)

    def reasons(self, day: date) -> dict[str, ReasonRule]:
        """Downtime reasons by code as they count on a day."""
        known = self._reason_maps.get(day)
        if known is None:
            in_force = {code: rows.at(day) for code, rows in self._reasons.items()}
            known = self._reason_maps[day] = {
                code: ReasonRule(STATE_NAMED[row.counts_as], row.loss, row.name)
                for code, row in in_force.items()
                if row is not None
            }
        return known

    def counting(self, asset_id: int, counter: str) -> Counting:
        """What a counter means; one that is not declared counts good pieces one by one."""
        return self._counters.get((asset_id, counter), _ANY_COUNTER)

    def ideals(self, asset_id: int) -> IdealCycles:
        """Ideal cycles of a machine."""
        known = self._ideals.get(asset_id)
        if known is None:
            by_product: dict[str, list[FactIdeal]] = defaultdict(list)
            for row in self.ideal_rows.get(asset_id, ()):
                by_product[row.product].append(row)
            cycles = [cycle for rows in by_product.values() for cycle in self._cycles(rows)]
            known = self._ideals[asset_id] = IdealCycles(cycles)
        return known

    def _cycles(self, rows: list[FactIdeal]) -> list[IdealCycle]:
        starts = [self.midnight_us(row.valid_from) for row in rows]
        ends = [*starts[1:], FOREVER_US]
        return [
            IdealCycle(row.product, row.ideal_us, start_us, end_us)
            for row, start_us, end_us in zip(rows, starts, ends, strict=True)
        ]

    @cached_property
    def _planned_stops(self) -> dict[int | None, list[tuple[int, int]]]:
        stops: dict[int | None, list[tuple[int, int]]] = defaultdict(list)
        rows = FactPlannedStop.objects.filter(site=self.site_id).order_by("start_us")
        for asset_id, start_us, end_us in rows.values_list("asset_id", "start_us", "end_us"):
            stops[asset_id].append((start_us, end_us))
        return stops

    def planned_stops(self, asset_id: int, day: date) -> list[tuple[int, int]]:
        """When an asset is to stand on a day: its own times and those of its line, area and site.

        A line also stands while its bottleneck is to stand.
        """
        if not self._planned_stops:
            return []
        line_id, area = self.line_of(asset_id), self.area_of(asset_id, day)
        places = {None, asset_id, line_id, self.area_ids.get(area)}
        if line_id == asset_id:
            places.add(self.points_of(asset_id, day)[1])
        window = local_day_window(day, self.zone)
        return [
            span
            for place in places
            for span in self._planned_stops.get(place, ())
            if span[0] < window.end_us and span[1] > window.start_us
        ]

    def midnight_us(self, day: date) -> int:
        """First instant of a local day; far in the past for `BEGINNING`."""
        return -(2**62) if day <= BEGINNING else local_day_window(day, self.zone).start_us


def _usual_rule(site_id: int) -> FactSiteRule:
    return FactSiteRule(
        site_id=site_id,
        valid_from=BEGINNING,
        silent_after_us=SILENT_AFTER_US,
        micro_stop_us=MICRO_STOP_US,
        coverage_limit_percent=COVERAGE_LIMIT_PERCENT,
        finish_tolerance_us=FINISH_TOLERANCE_US,
        calendar="",
    )


def _since(rows: Iterable[tuple[K, D]]) -> dict[K, Since[D]]:
    grouped: dict[K, list[D]] = defaultdict(list)
    for name, row in rows:
        grouped[name].append(row)
    return {name: Since(group) for name, group in grouped.items()}


def _counting(row: FactCounter) -> Counting:
    rule = CounterRule(modulus=row.modulus, restarts_at=row.restarts_at)
    return Counting(CounterMeaning(row.counts_as), Fraction(row.pieces, row.counts), rule)
