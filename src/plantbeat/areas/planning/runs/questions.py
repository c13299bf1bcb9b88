"""The runs of a shift: which pieces of a version fall into it, on which line, from when to when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from plantbeat.areas.planning.publishing import open_spans_of, planned_by
from plantbeat.areas.planning.questions import planned_operations, schedule_in_force, version_at
from plantbeat.areas.planning.records.results import PlannedOperation
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.plant.publishing import asset_of
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site


@dataclass(frozen=True, slots=True)
class RunOfShift:
    """The part of an order that a shift is to make on a line (or machine without one).

    `start_us` and `end_us` are the operation's own; they may lie outside the shift. Its set-up begins at
    `setup_us`, which is `start_us` where there is none; closed time may lie in between.
    """

    order: str
    item: str
    pieces: int
    start_us: int
    end_us: int
    setup_us: int


@dataclass(frozen=True, slots=True)
class VersionOfShift:
    """A schedule version with what it expects of a shift, by asset, in the planned sequence.

    What lies before `from_us`, where the version begins, it does not speak of.
    """

    number: str
    published_us: int | None
    from_us: int
    runs: dict[int, list[RunOfShift]]


def version_in_force(site: Site, at_us: int, shift: FactShift, by: Actor) -> VersionOfShift | None:
    """The version that was in force at an instant, with its runs of a shift."""
    version = version_at(site, at_us, by)
    return _of(version, shift) if version is not None else None


def version_now(
    site: Site, shift: FactShift, by: Actor, *, unless: Collection[str] = ()
) -> VersionOfShift | None:
    """The version in force now, with its runs of a shift; None if its number is among those known already."""
    version = schedule_in_force(site, by)
    return _of(version, shift) if version is not None and version.number not in unless else None


def version_numbered(site: Site, number: str, shift: FactShift, by: Actor) -> VersionOfShift | None:
    """A version by its number, with its runs of a shift."""
    version = visible(Schedule, by).filter(site=site, number=number).first()
    return _of(version, shift) if version is not None else None


def _of(version: Schedule, shift: FactShift) -> VersionOfShift:
    begins_us = version.horizon_start_us or version.published_us or 0
    return VersionOfShift(version.number, version.published_us, begins_us, runs_of_shift(version, shift))


def runs_of_shift(version: Schedule, shift: FactShift) -> dict[int, list[RunOfShift]]:
    """What each line (or machine that belongs to none) is to make in a shift, in the planned sequence.

    An order that goes over several machines of a line counts once, where it leaves the line.
    """
    rows = planned_operations(version).filter(start_us__lt=shift.end_us, end_us__gt=shift.start_us)
    last: dict[tuple[int, int], PlannedOperation] = {}
    for one in rows:
        place = one.machine.line_id or -one.machine_id, one.order_id
        if place not in last or (last[place].step, last[place].end_us) < (one.step, one.end_us):
            last[place] = one
    operations = sorted(last.values(), key=lambda one: (one.start_us, one.pk))
    spans = open_spans_of(version.site, operations) if operations else {}
    found: dict[int, list[RunOfShift]] = defaultdict(list)
    known: dict[int, int | None] = {}
    for one in operations:
        place_id = one.machine.line_id or -one.machine_id
        if place_id not in known:
            asset = asset_of(one.machine.line or one.machine)
            known[place_id] = asset.pk if asset is not None else None
        by_end, by_start = (
            planned_by(one, spans[one.machine_id], at_us) for at_us in (shift.end_us, shift.start_us)
        )
        asset_id = known[place_id]
        if asset_id is not None and (pieces := int(by_end - by_start)):
            run = RunOfShift(
                one.order.number, one.order.item.code, pieces, one.start_us, one.end_us, one.setup_us
            )
            found[asset_id].append(run)
    return dict(found)
