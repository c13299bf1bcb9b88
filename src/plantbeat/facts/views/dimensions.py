"""Publishing: what the plant's records say about reading facts, kept dated, in the writer's transaction.

What has no date of its own holds from the local day of its change on, so that the past stays as it was read;
a change on the day it was first published corrects it from the beginning. Whatever changes marks the
computed days it reaches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.db import models

from plantbeat.engine.calendars.civil import local_day_at
from plantbeat.engine.oee import State
from plantbeat.facts.tables import AssetLevel, Fact, FactAsset
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
from plantbeat.facts.views.dirty_days import touch
from plantbeat.facts.views.state_words import STATE_NAMED, spelled
from plantbeat.facts.views.tables import AssetDay
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class LineSettings:
    """How a line is counted, timed and read; None: as the site's rule says."""

    area: str = ""
    source: str = LineSource.connected
    counting_point_id: int | None = None
    bottleneck_id: int | None = None
    pattern: str = ""
    silent_after_us: int | None = None
    micro_stop_us: int | None = None
    slow_below_percent: int | None = None
    stops_recorded: bool = False
    first_piece: bool = False


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """How the facts of a site are read; `calendar` as `calendar_text.fiscal_text` writes it."""

    pattern: str
    silent_after_us: int | None
    micro_stop_us: int
    slow_below_percent: int | None
    coverage_limit_percent: int
    finish_tolerance_us: int
    calendar: str


def asset_named(site_id: int, ref: str) -> FactAsset | None:
    """The asset behind a record."""
    return FactAsset.objects.filter(site=site_id, ref=ref).first()


def asset_with_code(site_id: int, code: str) -> FactAsset | None:
    """The asset that has a code now."""
    return FactAsset.objects.filter(site=site_id, code=code).first()


def machines_published_of(site_id: int, line: str) -> list[FactAsset]:
    """Assets that say they belong to a line."""
    return list(FactAsset.objects.filter(site=site_id, line=line))


def today_at(site_id: int) -> date:
    """The local day that is going on at a site."""
    zone = Site.objects.values_list("zone", flat=True).get(pk=site_id)
    return local_day_at(clock.now_us(), ZoneInfo(zone)).day


def retire_asset(site_id: int, ref: str) -> None:
    """End the asset of a removed record now and free its code; one that nothing was ever said of goes."""
    with writing():
        asset = asset_named(site_id, ref)
        if asset is None:
            return
        _touch_lines(site_id, {asset.line})
        told = Fact.objects.filter(asset=asset).exists() or AssetDay.objects.filter(asset=asset).exists()
        if not told:
            asset.delete()
            return
        now_us = clock.now_us()
        asset.valid_to_us = min(now_us, asset.valid_to_us) if asset.valid_to_us is not None else now_us
        asset.code, asset.line = f"{asset.code}~{asset.pk}"[-60:], ""
        asset.save()


def rename_line(site_id: int, before: str, after: str) -> None:
    """Machines follow the code of their line."""
    with writing():
        FactAsset.objects.filter(site=site_id, line=before).update(line=after)


def publish_machine(asset: FactAsset, machine_class: str, position: int, line_before: str = "") -> None:
    """Make the class and the place of a machine known.

    Which machines a line has is not dated: a machine that comes or leaves changes all of the line's past, if
    the line has no counting point and no bottleneck of its own.
    """
    with writing():
        before = FactMachine.objects.filter(asset=asset).first()
        FactMachine.objects.update_or_create(
            asset=asset, defaults={"machine_class": machine_class, "position": position}
        )
        if before is not None and before.machine_class != machine_class:
            touch([asset.pk])
        if asset.line != line_before:
            _touch_lines(asset.site_id, {asset.line, line_before})
            touch([asset.pk])


def _touch_lines(site_id: int, codes: Iterable[str]) -> None:
    lines = FactAsset.objects.filter(site=site_id, level=AssetLevel.line, code__in=codes)
    touch(lines.values_list("pk", flat=True))


def publish_line(asset: FactAsset, settings: LineSettings) -> None:
    """Make the settings of a line known, from today on (from the beginning if it is new today)."""
    with writing():
        rows = FactLine.objects.filter(asset=asset).order_by("-valid_from")
        first = _dated(rows, FactLine(asset=asset), asset.site_id, asdict(settings))
        if first is not None:
            touch(
                [
                    asset.pk,
                    *FactAsset.objects.filter(line=asset.code, site=asset.site_id).values_list(
                        "pk", flat=True
                    ),
                ],
                first,
            )


def publish_site_rule(site_id: int, ref: str, valid_from: date, settings: SiteSettings | None) -> None:
    """Make a rule of the site known from a day on, or (None) withdraw it."""
    with writing():
        before = FactSiteRule.objects.filter(site=site_id, ref=ref).first()
        first = min(valid_from, before.valid_from) if before is not None else valid_from
        if settings is None:
            FactSiteRule.objects.filter(site=site_id, ref=ref).delete()
        else:
            values = {**asdict(settings), "valid_from": valid_from}
            if _is(before, values):
                return
            FactSiteRule.objects.update_or_create(site_id=site_id, ref=ref, defaults=values)
        touch(_assets_of(site_id), first)


@dataclass(frozen=True, slots=True)
class WordMap:
    """What the words of a class of machines (empty: of any) mean from a day on."""

    machine_class: str
    valid_from: date
    words: Mapping[str, State | str]


def publish_state_words(site_id: int, ref: str, words: WordMap | None) -> None:
    """Make a map of words known, in place of what it was before; None: withdraw it."""
    with writing():
        known = FactStateWord.objects.filter(site=site_id, ref=ref)
        before = list(known)
        places = {(row.machine_class, row.valid_from) for row in before}
        rows = []
        if words is not None:
            places.add((words.machine_class, words.valid_from))
            meanings = {spelled(word): STATE_NAMED[state].value for word, state in words.words.items()}
            rows = [
                FactStateWord(
                    site_id=site_id, ref=ref, machine_class=words.machine_class, valid_from=words.valid_from,
                    word=word, state=state,
                )
                for word, state in meanings.items()
            ]  # fmt: skip
        if {_word(row) for row in before} == {_word(row) for row in rows}:
            return
        known.delete()
        FactStateWord.objects.bulk_create(rows, batch_size=200)
        for machine_class, valid_from in places:
            assets = _assets_of(site_id)
            if machine_class:
                assets = assets.filter(factmachine__machine_class=machine_class)
            touch(assets, valid_from)


def _word(row: FactStateWord) -> tuple[str, date, str, str]:
    return row.machine_class, row.valid_from, row.word, row.state


def publish_reason(site_id: int, ref: str, code: str, name: str, counts_as: State | str, loss: str) -> None:
    """Make a downtime reason known; what it counts as changes from today on."""
    with writing():
        known = FactReason.objects.filter(site=site_id, ref=ref)
        known.update(code=code, name=name)
        values = {"code": code, "name": name, "counts_as": STATE_NAMED[counts_as].value, "loss": loss}
        new = FactReason(site_id=site_id, ref=ref)
        first = _dated(known.order_by("-valid_from"), new, site_id, values)
        if first is not None:
            touch(_assets_of(site_id), first)


def publish_ideal(
    site_id: int, ref: str, asset: FactAsset, product: str, valid_from: date, ideal_us: int, *, assumed: bool
) -> None:
    """Make the ideal time of a product on a machine known from a day on, in few statements."""
    before = FactIdeal.objects.filter(site=site_id, ref=ref).first()
    values = {
        "asset_id": asset.pk, "product": product, "valid_from": valid_from, "ideal_us": ideal_us,
        "assumed": assumed,
    }  # fmt: skip
    if before is None:
        FactIdeal.objects.create(site_id=site_id, ref=ref, **values)
    elif not _is(before, values):
        touch([before.asset_id], before.valid_from)
        FactIdeal.objects.filter(pk=before.pk).update(**values)
    else:
        return
    touch([asset.pk], valid_from)


def withdraw_ideal(site_id: int, ref: str) -> None:
    """Forget an ideal time; the one before it holds again."""
    with writing():
        for row in FactIdeal.objects.filter(site=site_id, ref=ref):
            touch([row.asset_id], row.valid_from)
            row.delete()


@dataclass(frozen=True, slots=True)
class CounterSettings:
    """What a counter counts: `pieces` for so many `counts`, and how its register behaves."""

    counts_as: str = CounterMeaning.good
    pieces: int = 1
    counts: int = 1
    modulus: int | None = None
    restarts_at: int | None = None


def publish_counter(ref: str, asset: FactAsset, counter: str, settings: CounterSettings | None) -> None:
    """Make the meaning of a counter known, or (None) forget it; it holds for all of the counter's past."""
    with writing():
        values = {"asset_id": asset.pk, "counter": counter, **asdict(settings)} if settings else {}
        before = FactCounter.objects.filter(ref=ref, asset__site=asset.site_id).first()
        if settings is not None and _is(before, values):
            return
        if before is not None:
            touch([before.asset_id])
            before.delete()
        if settings is not None:
            FactCounter.objects.create(ref=ref, **values)
            touch([asset.pk])


def publish_planned_stop(
    site_id: int, ref: str, span: tuple[int, int] | None, asset: FactAsset | None = None
) -> None:
    """Make a planned stop known, or (None) forget it; its days are computed again, past or not.

    `asset` is the machine, line or area that is to stand; None: the whole site.
    """
    with writing():
        before = FactPlannedStop.objects.filter(site=site_id, ref=ref).first()
        spans = [(before.start_us, before.end_us)] if before is not None else []
        if span is None:
            FactPlannedStop.objects.filter(site=site_id, ref=ref).delete()
        else:
            spans.append(span)
            values = {"asset": asset, "start_us": span[0], "end_us": span[1]}
            if _is(before, values):
                return
            FactPlannedStop.objects.update_or_create(site_id=site_id, ref=ref, defaults=values)
        zone = ZoneInfo(Site.objects.values_list("zone", flat=True).get(pk=site_id))
        for start_us, end_us in spans:
            first, last = (local_day_at(at_us, zone).day for at_us in (start_us, end_us))
            touch(_assets_of(site_id), first, last)


def _assets_of(site_id: int) -> models.QuerySet[FactAsset, int]:
    return FactAsset.objects.filter(site=site_id).values_list("pk", flat=True)


def _is(row: models.Model | None, values: Mapping[str, Any]) -> bool:
    """True if a row holds these values already."""
    return row is not None and all(getattr(row, name) == value for name, value in values.items())


def _dated(rows: Iterable[Any], new: Any, site_id: int, values: Mapping[str, Any]) -> date | None:
    """Let values hold from today on; returns the first day they change, None if nothing changed.

    `rows` are those known, the latest first; `new` is an unsaved row for another one.
    """
    latest, today = next(iter(rows), None), today_at(site_id)
    if _is(latest, values):
        return None
    if latest is None:
        row, row_from = new, BEGINNING
    elif latest.published == today:
        row, row_from = latest, latest.valid_from
    else:
        row, row_from = new, today
    for name, value in {**values, "valid_from": row_from, "published": today}.items():
        setattr(row, name, value)
    row.save()
    return row_from
