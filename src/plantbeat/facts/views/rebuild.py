"""Computing days again: some assets whose facts go together, over a range of local days.

Nothing is locked while a day is computed. When it is written, the rows it replaces must be those that were
there when the reading began; else somebody else has computed them meanwhile, and this result is dropped.
"""

from __future__ import annotations

import gc
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import IntegrityError
from django.db.models import Max

from plantbeat.engine.calendars.civil import LocalDay, local_day_window
from plantbeat.facts.tables import DirtyDay, Fact
from plantbeat.facts.views.asset_day import DayMaker, DayQuestion, reach_of, reaches
from plantbeat.facts.views.carry import NOTHING, Carry, read_carry
from plantbeat.facts.views.dirty_days import mark_days, settle, touch
from plantbeat.facts.views.feeds import feeds
from plantbeat.facts.views.log_rows import FactRow, facts_between, facts_numbered, head_lsn
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shifts import ONE_DAY, Shifts, ensure
from plantbeat.facts.views.tables import AssetDay, FactReach
from plantbeat.facts.views.written_rows import ComputedDay, replace_days
from plantbeat.kernel.writing import writing

MOST_SILENT = timedelta(days=400)
"""Days without any fact that are computed between two days with facts; a longer silence is left out."""


class Overtaken(Exception):  # noqa: N818  (no fault: somebody else was quicker)
    """The days have been computed by somebody else since the reading began."""


@dataclass(frozen=True, slots=True)
class Range:
    """Local days of one asset that are to be computed, both included."""

    asset_id: int
    first: date
    last: date


@dataclass(slots=True)
class _Before:
    """What is stored of an asset when the reading begins: the carry it starts from, and the rows replaced."""

    first: date
    carry: Carry
    previous: AssetDay | None
    versions: dict[date, int]
    carries: dict[date, str]


@dataclass(slots=True)
class Pass:
    """One pass over days of a site at an instant: rules and log as they stood at its beginning."""

    rules: SiteRules
    now_us: int
    lsn: int = field(default_factory=head_lsn)

    @property
    def today(self) -> date:
        """The local day that is going on."""
        return self.rules.day_at(self.now_us)

    def window(self, day: date) -> LocalDay:
        """A local day of the site."""
        return local_day_window(day, self.rules.zone)

    def run(self, ranges: Iterable[Range], dirty: Iterable[DirtyDay] = ()) -> int:
        """Compute ranges of assets whose facts go together and write them in one transaction.

        `dirty` are the marks that this settles; one that has changed meanwhile stays. Returns the number of
        days written. Raises `Overtaken`.
        """
        with _collector_paused():
            return self._run(ranges, dirty)

    def _run(self, ranges: Iterable[Range], dirty: Iterable[DirtyDay]) -> int:
        todo = [(one, _before(one)) for one in self._begun(ranges)]
        if len({one.asset_id for one, _stored in todo}) < len(todo):
            raise ValueError(
                "an asset has one range in a pass: each day begins with what the one before left"
            )
        if not todo:
            self._settle([], list(dirty), {}, [])
            return 0
        first = min(before.first for _one, before in todo)
        last = max(one.last for one, _before_it in todo)
        ensure(self.rules.site_id, first - 2 * ONE_DAY, last + 2 * ONE_DAY)
        shifts = Shifts.between(self.rules.site_id, self.window(first).start_us, self.window(last).end_us)
        maker, facts = DayMaker(self.rules, shifts), FactsOfRange(self, first, last)
        computed: list[ComputedDay] = []
        for one, before in todo:
            computed += self._days_of(one, before, maker, facts)
        self._settle(computed, list(dirty), shifts.owner_days, todo)
        return len(computed)

    def _begun(self, ranges: Iterable[Range]) -> list[Range]:
        """The ranges without days that have not begun or lie after the asset's end."""
        found = []
        for one in ranges:
            last, ends_us = min(one.last, self.today), self.rules.assets[one.asset_id].valid_to_us
            if self.window(last).start_us >= self.now_us:
                last -= ONE_DAY
            if ends_us is not None:
                last = min(last, self.rules.day_at(ends_us))
            if one.first <= last:
                found.append(Range(one.asset_id, one.first, last))
        return found

    def _days_of(
        self, one: Range, before: _Before, maker: DayMaker, facts: FactsOfRange
    ) -> list[ComputedDay]:
        made, carry, day = [], before.carry, before.first
        while day <= one.last:
            window = self.window(day)
            if window.length_us > 0:
                asked = facts.question(one.asset_id, window, carry)
                view = maker.view(asked)
                version = before.versions.get(day, 0) + 1
                made.append(ComputedDay(one.asset_id, window, asked.until_us, self.lsn, version, view))
                carry = view.carry
            day += ONE_DAY
        return made

    def _settle(
        self,
        computed: list[ComputedDay],
        dirty: list[DirtyDay],
        owner_days: dict[int, date],
        todo: list[tuple[Range, _Before]],
    ) -> None:
        try:
            with writing():
                for one, before in todo:
                    if _versions(one.asset_id, before.first, one.last) != before.versions:
                        raise Overtaken
                settle(dirty)
                for one, before in todo:
                    days = [day for day in computed if day.asset_id == one.asset_id]
                    self._touch_others(one, before, days)
                replace_days(computed, owner_days)
        except IntegrityError as error:
            raise Overtaken from error

    def _touch_others(self, one: Range, before: _Before, days: list[ComputedDay]) -> None:
        """Mark what else must be computed because of what these days came to."""
        if not days:
            return
        self._touch_reached(one, before.first, days)
        last = days[-1]
        if last.until_us == last.day.end_us and last.view.carry.text() != before.carries.get(one.last):
            later = AssetDay.objects.filter(
                asset=one.asset_id, day__gt=one.last, day__lte=one.last + MOST_SILENT
            )
            following = later.order_by("day").values_list("day", flat=True).first()
            if following is not None:
                mark_days([(one.asset_id, following)])
        previous = before.previous
        if previous is not None and read_carry(previous.carry).stops:
            self._touch_previous(one.asset_id, previous, days[0].day)

    def _touch_previous(self, asset_id: int, previous: AssetDay, day: LocalDay) -> None:
        """A stop at the end of the day before is judged by how long it went on."""
        peek_us = self.rules.reading(asset_id, previous.day).micro_stop_us
        told = Fact.objects.filter(
            asset__in=feeds(self.rules, asset_id, previous.day),
            t_us__gte=day.start_us,
            t_us__lt=day.start_us + peek_us,
        ).aggregate(last=Max("lsn"))["last"]
        if told is not None and told > previous.lsn:
            mark_days([(asset_id, previous.day)])

    def _touch_reached(self, one: Range, first: date, days: list[ComputedDay]) -> None:
        """Facts that speak of other days were added or taken back: those days are another now."""
        start_us, end_us = days[0].day.start_us, days[-1].day.end_us
        rows = FactReach.objects.filter(asset=one.asset_id, t_us__gte=start_us, t_us__lt=end_us)
        stored = set(rows.values_list("lsn", "from_us", "until_us"))
        now = {(fact.lsn, *reach_of(fact)) for day in days for fact in day.view.reach}
        for _lsn, from_us, until_us in stored ^ now:
            begin_us = from_us - self.rules.longest_micro_stop_us
            if begin_us < start_us:
                touch([one.asset_id], self.rules.day_at(begin_us), first - ONE_DAY)
            if until_us > end_us:
                touch([one.asset_id], one.last + ONE_DAY, self.rules.day_at(until_us - 1))


class FactsOfRange:
    """The facts of assets over a range of days, read once per asset."""

    def __init__(self, of: Pass, first: date, last: date) -> None:
        self._pass = of
        count = (last - first).days + 1
        self._starts = [of.window(first + number * ONE_DAY).start_us for number in range(count)]
        self._peek_us = of.rules.longest_micro_stop_us
        self._beyond_us = of.window(last).end_us + self._peek_us
        self._rows: dict[int, list[FactRow]] = {}
        self._together: dict[tuple[int, ...], _Together] = {}

    def question(self, asset_id: int, day: LocalDay, carry: Carry) -> DayQuestion:
        """What a day of an asset is computed from."""
        rules = self._pass.rules
        peek_us = rules.reading(asset_id, day.day).micro_stop_us
        known = self._of(tuple(sorted(feeds(rules, asset_id, day.day))))
        first, last = bisect_left(known.instants, day.start_us), bisect_left(known.instants, day.end_us)
        beyond = bisect_left(known.instants, day.end_us + peek_us)
        return DayQuestion(
            asset_id, day, carry, known.rows[first:last], known.rows[last:beyond],
            known.reaching.get(self._place(day.start_us), ()), self._pass.now_us,
        )  # fmt: skip

    def _place(self, at_us: int) -> int:
        """Number of the day of the range that holds an instant; -1 before the first."""
        return bisect_right(self._starts, at_us) - 1

    def _of(self, assets: tuple[int, ...]) -> _Together:
        known = self._together.get(assets)
        if known is None:
            rows = sorted((row for one in assets for row in self._of_asset(one)), key=_instant)
            start_us = self._starts[0]
            reach = FactReach.objects.filter(
                asset__in=assets, until_us__gt=start_us, from_us__lt=self._beyond_us
            ).exclude(t_us__gte=start_us, t_us__lt=self._beyond_us)
            outside = facts_numbered(reach.values_list("lsn", flat=True))
            inside = [row for row in rows if reaches(row)]
            known = _Together(rows, [row.t_us for row in rows], self._by_day([*outside, *inside]))
            self._together[assets] = known
        return known

    def _by_day(self, rows: Iterable[FactRow]) -> dict[int, list[FactRow]]:
        """Facts by the number of each day they speak of, where that is not their own."""
        found: dict[int, list[FactRow]] = defaultdict(list)
        for row in rows:
            from_us, until_us = reach_of(row)
            own, last = self._place(row.t_us), self._place(until_us - 1)
            for place in range(max(self._place(from_us - self._peek_us), 0), last + 1):
                if place != own or row.t_us >= self._beyond_us:
                    found[place].append(row)
        return found

    def _of_asset(self, asset_id: int) -> list[FactRow]:
        known = self._rows.get(asset_id)
        if known is None:
            known = self._rows[asset_id] = facts_between([asset_id], self._starts[0], self._beyond_us)
        return known


@dataclass(frozen=True, slots=True)
class _Together:
    """Facts of assets that are read together: in order, their instants, and by day those of other days."""

    rows: list[FactRow]
    instants: list[int]
    reaching: dict[int, list[FactRow]]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A pass makes many small values and no cycles; looking for cycles would take a third of its time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _instant(row: FactRow) -> int:
    return row.t_us


def _before(one: Range) -> _Before:
    """What is stored, and where to begin: at the first day of the range that follows a complete one."""
    earlier = list(
        AssetDay.objects.filter(
            asset=one.asset_id, day__lt=one.first, day__gte=one.first - MOST_SILENT
        ).order_by("-day")[:2]
    )
    if earlier and earlier[0].until_us < earlier[0].end_us:
        first, previous = earlier[0].day, earlier[1] if len(earlier) > 1 else None
    elif earlier:
        first, previous = earlier[0].day + ONE_DAY, earlier[0]
    else:
        first, previous = one.first, None
    rows = AssetDay.objects.filter(asset=one.asset_id, day__gte=first, day__lte=one.last)
    stored = {day: (version, carry) for day, version, carry in rows.values_list("day", "version", "carry")}
    return _Before(
        min(first, one.first),
        read_carry(previous.carry) if previous else NOTHING,
        previous,
        {day: version for day, (version, _carry) in stored.items()},
        {day: carry for day, (_version, carry) in stored.items()},
    )


def _versions(asset_id: int, first: date, last: date) -> dict[date, int]:
    rows = AssetDay.objects.select_for_update().filter(asset=asset_id, day__gte=first, day__lte=last)
    return dict(rows.values_list("day", "version"))
