"""What the views of the facts learn of the plant, in the same transaction as the record is written.

Every record that decides how facts are read calls one of these from its `written()`; `publish_site` does it
for all records of a site at once, for sites older than the views.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plantbeat.engine.calendars.civil import local_day_window
from plantbeat.facts.assets import publish_asset
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views import dimensions, shifts
from plantbeat.facts.views.calendar_text import fiscal_text
from plantbeat.facts.views.dimension_tables import ChangeOfShift
from plantbeat.facts.views.dimensions import CounterSettings, LineSettings, SiteSettings, WordMap
from plantbeat.facts.views.shift_calendar import OneOff
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.permission import REMOVE
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Record

if TYPE_CHECKING:
    from plantbeat.areas.plant.records.area import Area
    from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
    from plantbeat.areas.plant.records.holiday import Holiday
    from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.areas.plant.records.machine import Machine
    from plantbeat.areas.plant.records.machine_counter import MachineCounter
    from plantbeat.areas.plant.records.planned_stop import PlannedStop
    from plantbeat.areas.plant.records.shift_change import ShiftChange
    from plantbeat.areas.plant.records.shift_pattern import ShiftPattern
    from plantbeat.areas.plant.records.site_rule import SiteRule
    from plantbeat.areas.plant.records.state_map import StateMap

PUBLISHED = (
    "plant.ShiftPattern", "plant.Holiday", "plant.SiteRule", "plant.Area", "plant.Line", "plant.Machine",
    "plant.Line", "plant.DowntimeReason", "plant.StateMap", "plant.MachineCounter", "plant.IdealCycle",
    "plant.ShiftChange", "plant.PlannedStop",
)  # fmt: skip
"""Types that publish, in an order in which each finds what it names; lines twice, for their machines."""

EVERY_CLASS = "*"
"""The class of a state map that holds for machines of any class."""

_ONE_DAY = timedelta(days=1)


def ref(record: Record) -> str:
    """The stable name of a record among the dimensions."""
    return f"{record.type_code()}:{record.pk}"


def asset_of(record: Area | Line | Machine) -> FactAsset | None:
    """What facts about a record of the plant are about."""
    return dimensions.asset_named(record.site_id, ref(record))


def code_problems(record: Area | Line | Machine) -> Iterator[Problem]:
    """Facts name areas, lines and machines by code alone, so the three share their codes."""
    known = dimensions.asset_with_code(record.site_id, record.code) if record.site_id else None
    if known is not None and known.ref != ref(record):
        kind = AssetLevel(known.level).label
        message = _("is the code of another: %(kind)s “%(name)s”") % {"kind": kind, "name": known.name}
        yield Problem(message, "code", record.code)


def area_written(area: Area, verb: str) -> None:
    """An area is an asset that facts may be about."""
    if verb == REMOVE:
        dimensions.retire_asset(area.site_id, ref(area))
        return
    _site_asset(area.site)
    publish_asset(area.site_id, area.code, area.name, AssetLevel.area, ref=ref(area))


def line_written(line: Line, verb: str) -> None:
    """A line is an asset with settings."""
    if verb == REMOVE:
        dimensions.retire_asset(line.site_id, ref(line))
        return
    _site_asset(line.site)
    before = dimensions.asset_named(line.site_id, ref(line))
    if before is not None and before.code != line.code:
        dimensions.rename_line(line.site_id, before.code, line.code)
    asset = publish_asset(line.site_id, line.code, line.name, AssetLevel.line, ref=ref(line), line=line.code)
    settings = LineSettings(
        area=line.area.code if line.area else "",
        source=line.source,
        counting_point_id=_asset_id(line.counting_point),
        bottleneck_id=_asset_id(line.bottleneck),
        pattern=line.shift_pattern.code if line.shift_pattern else "",
        silent_after_us=line.silent_after,
        micro_stop_us=line.micro_stop,
        slow_below_percent=line.slow_below,
        stops_recorded=line.stops_recorded,
        first_piece=line.first_piece,
    )
    dimensions.publish_line(asset, settings)


def machine_written(machine: Machine, verb: str) -> None:
    """A machine is an asset, in use between two dates, both included."""
    if verb == REMOVE:
        dimensions.retire_asset(machine.site_id, ref(machine))
        return
    _site_asset(machine.site)
    ends = machine.valid_to + _ONE_DAY if machine.valid_to else None
    before = dimensions.asset_named(machine.site_id, ref(machine))
    asset = publish_asset(
        machine.site_id,
        machine.code,
        machine.name,
        AssetLevel.machine,
        ref=ref(machine),
        line=machine.line.code if machine.line else "",
        valid_from_us=_midnight_us(machine.site, machine.valid_from),
        valid_to_us=_midnight_us(machine.site, ends),
    )
    line_before = before.line if before is not None else ""
    dimensions.publish_machine(asset, machine.machine_class, machine.position, line_before)


def reason_written(reason: DowntimeReason, verb: str) -> None:
    """A removed reason still explains the stops it was given to."""
    if verb != REMOVE:
        dimensions.publish_reason(
            reason.site_id, ref(reason), reason.code, reason.name, reason.counts_as, reason.loss
        )


def ideal_written(ideal: IdealCycle, verb: str) -> None:
    """An ideal time holds from its date until the next one."""
    if verb == REMOVE:
        dimensions.withdraw_ideal(ideal.site_id, ref(ideal))
        return
    asset = dimensions.asset_named(ideal.site_id, ref(ideal.machine))
    if asset is not None:
        dimensions.publish_ideal(
            ideal.site_id, ref(ideal), asset, ideal.item.code, ideal.valid_from, ideal.cycle,
            assumed=ideal.assumed,
        )  # fmt: skip


def pattern_written(pattern: ShiftPattern, verb: str) -> None:
    """A pattern that lacks shifts for its rotation has none until it is complete."""
    try:
        calendar = pattern.pattern() if verb != REMOVE else None
    except ValueError:
        calendar = None
    shifts.publish_pattern(pattern.site_id, ref(pattern), pattern.code, calendar)
    if pattern.rewritten_from is not None and verb != REMOVE:
        shifts.rewrite_pattern(pattern.site_id, ref(pattern), pattern.rewritten_from)


def holiday_written(holiday: Holiday, verb: str) -> None:
    """A holiday takes the shifts off its day."""
    day = holiday.day if verb != REMOVE else None
    shifts.publish_holiday(holiday.site_id, ref(holiday), day, holiday.name)


def shift_change_written(change: ShiftChange, verb: str) -> None:
    """A change of one day's shifts, past or to come."""
    if verb == REMOVE:
        shifts.publish_shift_change(change.site_id, ref(change), None)
        return
    one_off = OneOff(change.day, ChangeOfShift(change.change), change.shift, change.crew, change.times())
    shifts.publish_shift_change(change.site_id, ref(change), one_off, _place(change))


def planned_stop_written(stop: PlannedStop, verb: str) -> None:
    """Time in which nothing is meant to run is a planned stop in the cube."""
    span = (clock.to_us(stop.starts), clock.to_us(stop.ends)) if verb != REMOVE else None
    dimensions.publish_planned_stop(stop.site_id, ref(stop), span, _place(stop))


def _place(record: ShiftChange | PlannedStop) -> FactAsset | None:
    """The asset a record is about; None for the whole site."""
    named = [getattr(record, name, None) for name in ("machine", "line", "area")]
    found = next((one for one in named if one is not None), None)
    return dimensions.asset_named(record.site_id, ref(found)) if found is not None else None


def nobody_works(change: ShiftChange) -> Iterator[Problem]:
    """A change of a shift that no pattern has on that day is a slip of the pen."""
    there = shifts.begin_on(change.site_id, change.day, but=ref(change))
    if any(change.shift in ("", name) and change.crew in ("", crew) for name, crew in there):
        return
    allowed = ", ".join(sorted({f"{name} ({crew})" if crew else name for name, crew in there})) or _("none")
    message = _("nobody works this shift on %(day)s") % {"day": change.day}
    yield Problem(message, "shift", change.shift, _("shifts of that day: %(shifts)s") % {"shifts": allowed})


def state_map_written(state_map: StateMap, verb: str) -> None:
    """A map replaces the one before it from its date on."""
    if verb == REMOVE:
        dimensions.publish_state_words(state_map.site_id, ref(state_map), None)
        return
    words = {row.word: row.state for row in state_map.words.all()}
    machine_class = "" if state_map.machine_class == EVERY_CLASS else state_map.machine_class
    published = WordMap(machine_class, state_map.valid_from, words)
    dimensions.publish_state_words(state_map.site_id, ref(state_map), published)


def counter_written(counter: MachineCounter, verb: str) -> None:
    """What a counter counts holds for all of its past: the readings were always raw."""
    asset = dimensions.asset_named(counter.site_id, ref(counter.machine))
    if asset is None:
        return
    ratio = counter.ratio
    settings = CounterSettings(
        counter.counts_as, ratio.numerator, ratio.denominator, counter.modulus, counter.restarts_at
    )
    name = counter.counter
    dimensions.publish_counter(ref(counter), asset, name, settings if verb != REMOVE else None)


def site_rule_written(rule: SiteRule, verb: str) -> None:
    """The rule of a site holds from its date until the next one."""
    settings = SiteSettings(
        pattern=rule.shift_pattern.code if rule.shift_pattern else "",
        silent_after_us=rule.silent_after,
        micro_stop_us=rule.micro_stop,
        slow_below_percent=rule.slow_below,
        coverage_limit_percent=rule.coverage_limit,
        finish_tolerance_us=rule.finish_tolerance,
        calendar=fiscal_text(rule.fiscal_rule()),
    )
    dimensions.publish_site_rule(
        rule.site_id, ref(rule), rule.valid_from, settings if verb != REMOVE else None
    )


def publish_site(site: Site, by: Actor) -> int:
    """Publish every record of a site again; returns how many. What is known already changes nothing."""
    count = 0
    for code in PUBLISHED:
        for record in visible(registry.record(code), by).order_by("pk"):
            if record.site_id_of_record == site.pk:
                record.written(by, "edit")
                count += 1
    return count


def _site_asset(site: Site) -> None:
    """The site itself, for facts that are about no line: an incident in the yard."""
    name = f"{site.type_code()}:{site.pk}"
    if dimensions.asset_named(site.pk, name) is None:
        taken = dimensions.asset_with_code(site.pk, site.code) is not None
        code = f"{site.code}.site" if taken else site.code
        publish_asset(site.pk, code, site.name, AssetLevel.site, ref=name)


def _asset_id(machine: Machine | None) -> int | None:
    asset = dimensions.asset_named(machine.site_id, ref(machine)) if machine is not None else None
    return asset.pk if isinstance(asset, FactAsset) else None


def _midnight_us(site: Site, day: date | None) -> int | None:
    return None if day is None else local_day_window(day, ZoneInfo(site.zone)).start_us
