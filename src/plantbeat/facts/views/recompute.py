"""Working off the days that have become dirty, and keeping the days that are going on up to the minute."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import DatabaseError

from plantbeat.facts.tables import DirtyDay, FactAsset
from plantbeat.facts.views.feeds import fed_by
from plantbeat.facts.views.rebuild import MOST_SILENT, Overtaken, Pass, Range
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import forget_answers
from plantbeat.facts.views.shifts import ONE_DAY
from plantbeat.facts.views.tables import AssetDay
from plantbeat.kernel import clock
from plantbeat.kernel.outbox import wake

logger = logging.getLogger("plantbeat.views")

DAYS_AT_ONCE = timedelta(days=31)
"""Days of a family of assets that are computed and written together; keeps transactions short."""

APART = timedelta(days=3)
"""Dirty days further from each other than this are computed on their own, without the days between."""

REFRESH_US = 15_000_000
"""How often a day that is going on is computed although nothing was heard: time passes, too."""

_left_alone: set[tuple[int, date, int]] = set()
"""Marks whose days this process could not compute."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Worked:
    """What a pass did: asset-days written, marks that others overtook, marks left."""

    days: int
    overtaken: int
    left: int


def recompute(
    limit: int | None = 400, *, share: tuple[int, int] = (0, 1), progress: Progress | None = None
) -> Worked:
    """Compute the days that are dirty: today's first, then those touched longest ago; None: all there are.

    Safe with several workers at once: whoever comes second on a day drops its result. With `share` (which,
    of how many) each takes the lines of its own, so that nobody works in vain. `progress(done, total)` is
    called as marks are settled.
    """
    marks = _marks(limit)
    days = overtaken = done = 0
    by_site: dict[int, list[DirtyDay]] = defaultdict(list)
    sites = dict(FactAsset.objects.values_list("pk", "site_id")) if marks else {}
    for mark in marks:
        by_site[sites[mark.asset_id]].append(mark)
    for site_id, of_site in by_site.items():
        rules = SiteRules(site_id)
        for piece in _pieces(rules, of_site, share):
            if left := _still_there(piece):
                written = _done(rules, _Work(list(_ranges(rules, left)), left))
                days += written or 0
                overtaken += len(left) if written is None else 0
            done += len(piece)
            if progress is not None:
                progress(done, len(marks))
    return Worked(days, overtaken, DirtyDay.objects.count() if marks else 0)


def _done(rules: SiteRules, work: _Work) -> int | None:
    """Asset-days written; None if somebody else was quicker.

    A fault of the program on one line's days must not keep the others waiting: it is logged, and these marks
    are left alone by this process until they are made anew.
    """
    try:
        days = Pass(rules, clock.now_us()).run(work.ranges, work.marks)
        forget_answers()
        wake("views")
        return days
    except Overtaken:
        return None
    except DatabaseError:
        raise
    except Exception:
        names = ", ".join(f"{rules.assets[mark.asset_id].code} {mark.day}" for mark in work.marks[:5])
        logger.exception("these days cannot be computed: %s", names)
        _left_alone.update((mark.asset_id, mark.day, mark.lsn) for mark in work.marks)
        return 0


def keep_up() -> bool:
    """Work off dirty days and refresh the running ones; True if there is more that could be done at once."""
    worked = recompute()
    refresh()
    return worked.left > 0 and worked.days > 0


def recompute_asset(asset_id: int, days: Iterable[date]) -> None:
    """Compute dirty days of one asset, and of what it feeds, at once: for a person who waits to see them."""
    rules = SiteRules(FactAsset.objects.values_list("site_id", flat=True).get(pk=asset_id))
    marks = DirtyDay.objects.filter(asset=asset_id, day__in=list(days))
    for piece in _pieces(rules, marks, (0, 1)):
        _done(rules, _Work(list(_ranges(rules, piece)), piece))


def _marks(limit: int | None) -> list[DirtyDay]:
    """Marks of days that have begun somewhere, in the order in which they are worked off."""
    now = clock.now()
    recently = (now - timedelta(hours=12)).date()
    begun = DirtyDay.objects.filter(day__lte=(now + timedelta(hours=14)).date())
    found = list(begun.filter(day__gte=recently).order_by("lsn")[:limit])
    if limit is None or len(found) < limit:
        older = begun.filter(day__lt=recently).order_by("lsn")
        found += older[: None if limit is None else limit - len(found)]
    return found


@dataclass(frozen=True, slots=True)
class _Work:
    """Ranges of assets that are computed together, and the marks they settle."""

    ranges: list[Range]
    marks: list[DirtyDay]


def _pieces(rules: SiteRules, marks: Iterable[DirtyDay], share: tuple[int, int]) -> Iterator[list[DirtyDay]]:
    """The marks of a site in pieces: assets of one line together, days that follow each other, in order."""
    families: dict[int, list[DirtyDay]] = defaultdict(list)
    today = rules.day_at(clock.now_us())
    for mark in marks:
        if mark.day > today or (mark.asset_id, mark.day, mark.lsn) in _left_alone:
            continue
        families[rules.line_of(mark.asset_id) or mark.asset_id].append(mark)
    for number, family in families.items():
        if number % share[1] != share[0]:
            continue
        family.sort(key=lambda mark: mark.day)
        part: list[DirtyDay] = []
        for mark in family:
            if part and (mark.day - part[0].day >= DAYS_AT_ONCE or mark.day - part[-1].day > APART):
                yield part
                part = []
            part.append(mark)
        yield part


def _still_there(marks: list[DirtyDay]) -> list[DirtyDay]:
    """The marks as they are now, without those that somebody has settled since they were read."""
    begun = {(mark.asset_id, mark.day) for mark in marks}
    rows = DirtyDay.objects.filter(
        asset__in={asset for asset, _day in begun}, day__range=(marks[0].day, marks[-1].day)
    )
    return [mark for mark in rows.order_by("day") if (mark.asset_id, mark.day) in begun]


def _ranges(rules: SiteRules, marks: list[DirtyDay]) -> Iterator[Range]:
    """For each asset that the marks make dirty, itself or through what it is fed, one range over its days."""
    days: dict[int, set[date]] = defaultdict(set)
    marked: dict[int, set[date]] = defaultdict(set)
    for mark in marks:
        marked[mark.asset_id].add(mark.day)
    for asset_id, own in marked.items():
        days[asset_id] |= own
        for other in fed_by(rules, asset_id, own):
            days[other] |= own
    for asset_id in sorted(days):
        yield Range(asset_id, min(days[asset_id]), max(days[asset_id]))


def refresh(*, every_us: int = REFRESH_US) -> int:
    """Compute anew the days that are going on (or ended since) and were last computed a while ago."""
    days = 0
    for site_id, rows in _behind(clock.now_us(), every_us).items():
        rules = SiteRules(site_id)
        families: dict[int, list[Range]] = defaultdict(list)
        for row in rows:
            first = row.day if row.until_us < row.end_us else row.day + ONE_DAY
            family = rules.line_of(row.asset_id) or row.asset_id
            families[family].append(Range(row.asset_id, first, first + DAYS_AT_ONCE))
        for ranges in families.values():
            try:
                days += Pass(rules, clock.now_us()).run(ranges)
            except Overtaken:
                continue
    return days


def _behind(now_us: int, every_us: int) -> dict[int, list[AssetDay]]:
    """Assets in use whose last computed day is not up to now, by site."""
    latest = (
        "SELECT d.* FROM fact_asset_day d JOIN (SELECT asset_id, MAX(day) AS day FROM fact_asset_day"
        " GROUP BY asset_id) l ON l.asset_id = d.asset_id AND l.day = d.day"
    )
    silent_us = MOST_SILENT // timedelta(microseconds=1)
    found: dict[int, list[AssetDay]] = defaultdict(list)
    sites: dict[int, int] = {}
    for row in AssetDay.objects.raw(latest):
        is_due = row.end_us <= now_us if row.until_us == row.end_us else now_us - row.until_us >= every_us
        if is_due and now_us - row.end_us <= silent_us:
            sites = sites or dict(FactAsset.objects.filter(valid_to_us=None).values_list("pk", "site_id"))
            if row.asset_id in sites:
                found[sites[row.asset_id]].append(row)
    return found
