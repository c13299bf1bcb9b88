"""The five cells of the start-up: safety, quality, delivery, cost, morale, each against its target.

Walls show the same cells; of each, `brief` holds the few words and `brief_unit` the unit they have room for.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.execution.review.measures import (
    Judged,
    address_in_shift,
    measures_of_period,
    measures_of_shift,
)
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.people.attendance.answers import CrewAttendance
from plantbeat.areas.people.attendance.questions import attendance_of
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.questions import HazardCounts, IncidentSeen
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

DAY_US = 86_400_000_000
HURT = frozenset({"recordable", "restricted", "days_away", "fatality"})

MEASURES = (
    MeasureCode.first_pass_yield,
    MeasureCode.schedule_adherence_quantity,
    MeasureCode.unplanned_downtime_percent,
)
"""Of a shift that is over."""

MEASURES_SO_FAR = (MeasureCode.first_pass_yield, MeasureCode.unplanned_downtime_percent)
"""Of a shift that goes on: its plan is not due yet, so delivery is the week's orders on time."""

Tile = dict[str, Any]


def cells(site: Site, last: SiteShift | None, crews: Sequence[CrewAttendance], by: Actor) -> list[Tile]:
    """The cells in the order of their letters; a cell without a value says why and is never good."""
    found = measures_of_shift(site, last, MEASURES, by) if last is not None else {}
    period = _("last shift: %(name)s") % {"name": last.name} if last is not None else ""
    at_us, missing = (last.end_us if last is not None else clock.now_us()), _("no shift before this")

    def measured(code: MeasureCode, title: str) -> Tile:
        return _measured(found.get(code), title, period, at_us, missing)

    return [
        safety_cell(site, last, by, _("last shift")),
        measured(MeasureCode.first_pass_yield, _("Q · Quality")),
        measured(MeasureCode.schedule_adherence_quantity, _("D · Delivery")),
        _lost_time(measured(MeasureCode.unplanned_downtime_percent, _("C · Cost"))),
        morale_cell(site, crews),
    ]


def cells_so_far(site: Site, now: SiteShift | None, crews: Sequence[CrewAttendance], by: Actor) -> list[Tile]:
    """The same cells of the shift that goes on; delivery is that of the week so far."""
    found = measures_of_shift(site, now, MEASURES_SO_FAR, by) if now is not None else {}
    week = Period.of_week(rules_of(site.pk), rules_of(site.pk).day_at(clock.now_us()))
    orders = measures_of_period(site, week, [MeasureCode.otd], by)[MeasureCode.otd]
    period = _("this shift: %(name)s") % {"name": now.name} if now is not None else ""
    at_us, missing = clock.now_us(), _("no shift now")
    quality, lost = (found.get(code) for code in MEASURES_SO_FAR)
    return [
        safety_cell(site, now, by, _("this shift")),
        _measured(quality, _("Q · Quality"), period, at_us, missing),
        _measured(orders, _("D · Delivery"), _("this week"), at_us, missing),
        _lost_time(_measured(lost, _("C · Cost"), period, at_us, missing)),
        morale_cell(site, crews),
    ]


def crews_of(site: Site, shift: SiteShift, by: Actor) -> list[CrewAttendance]:
    """Attendance of every line of a shift, by code."""
    found = [
        crew for pk, lines in shift.ids.items() for crew in attendance_of(site, pk, by, lines=lines)
    ]  # fmt: skip
    return sorted(found, key=lambda crew: crew.line)


def safety_cell(site: Site, shift: SiteShift | None, by: Actor, shift_word: str) -> Tile:
    """Hazards reported and fixed lead; what happened in the shift, else in 24 h, decides the status."""
    now_us = clock.now_us()
    counts = safety.hazard_counts(site, now_us - DAY_US, now_us, by)
    begin_us, end_us = (shift.start_us, shift.end_us) if shift is not None else (now_us - DAY_US, now_us)
    seen = safety.incidents_between(site, begin_us, end_us, by)
    status, word = _safety_status(seen, counts)
    period = _("24 h: %(fixed)s fixed, %(open)s open") % {"fixed": counts.fixed, "open": counts.open}
    days_since = _days_since(site, by)
    return {
        "name": _("S · Safety"),
        "value": str(counts.reported),
        "unit": ngettext("hazard reported", "hazards reported", counts.reported),
        "status": status,
        "word": word,
        "period": period,
        "target": _incidents_text(seen, shift_word),
        "coverage": days_since,
        "url": reverse("records", kwargs={"area": "safety", "slug": "hazards"}),
        "at_us": now_us,
        "brief_unit": ngettext("hazard", "hazards", counts.reported),
        "brief": [period, *([days_since] if days_since else [])],
    }


def _safety_status(seen: Sequence[IncidentSeen], counts: HazardCounts) -> tuple[str, str]:
    if any(one.severity in HURT for one in seen):
        return "act", _("Somebody was hurt")
    if counts.open_serious:
        return "act", _("%(n)s serious open") % {"n": counts.open_serious}
    if seen or counts.open:
        return "watch", _("Watch")
    return "good", _("Nothing reported")


def _incidents_text(seen: Sequence[IncidentSeen], shift_word: str) -> str:
    """What happened in the shift, the gravest first; never who."""
    what = ", ".join(f"{one.word} ({one.place})" for one in seen) or _("no incident reported")
    return f"{shift_word}: {what}"


def _days_since(site: Site, by: Actor) -> str:
    """The days since the last recordable, as small print, unless the site has switched them off."""
    if not safety.shows_days_since(site, by):
        return ""
    days = safety.days_since_last_recordable(site, by)
    return ngettext("%(n)s day since a recordable", "%(n)s days since a recordable", days) % {"n": days}


def _measured(one: Judged | None, title: str, period: str, at_us: int, missing: str) -> Tile:
    """The cell of a measure over a period; without a shift to measure it says `missing`."""
    if one is None:
        word = _("Not taken")
        return {"name": title, "status": "none", "word": word, "reason": missing, "brief": [missing]}
    return {
        "name": title,
        "value": one.value,
        "unit": one.unit,
        "status": one.status,
        "word": one.word,
        "target": f"{one.name} · {_target_text(one)}",
        "period": period,
        "n": number_format(one.figure.n, force_grouping=True) if one.figure.n else "",
        "url": one.url,
        "at_us": at_us,
        "brief": [one.name, _target_text(one)],
    }


def _target_text(one: Judged) -> str:
    return (
        _("target %(value)s %(unit)s") % {"value": one.target, "unit": one.unit}
        if one.target
        else _("no target")
    )


def _lost_time(tile: Tile) -> Tile:
    """Lost time: money is not shown before finance has approved a rate."""
    return {"reason": _("lost time, not money: no rate is approved yet"), **tile}


def morale_cell(site: Site, crews: Sequence[CrewAttendance]) -> Tile:
    """People present in this shift; "not taken" until every crew is."""
    tile: Tile = {"name": _("M · Morale"), "unit": "", "url": reverse("attendance"), "at_us": clock.now_us()}
    taken = [crew for crew in crews if crew.present is not None]
    left = len(crews) - len(taken)
    if not crews:
        nobody = _("nobody works now")
        return {**tile, "status": "none", "word": _("No shift"), "reason": nobody, "brief": [nobody]}
    rostered = sum(crew.rostered - crew.leave for crew in taken)
    present = sum(crew.present or 0 for crew in taken)
    short = sum(crew.short or 0 for crew in taken)
    tile["target"] = _("people present / rostered, leave out")
    if left:
        tile |= {"status": "none", "word": _("Not taken")}
        tile["reason"] = ngettext("%(n)s crew not taken", "%(n)s crews not taken", left) % {"n": left}
    elif short:
        tile |= {"status": "act", "word": _("%(n)s short") % {"n": short}}
    else:
        tile |= {"status": "good" if present >= rostered else "watch", "word": _("Lines are staffed")}
    if taken:
        tile["value"] = f"{present} / {rostered}"
    tile["brief"] = [tile.get("reason") or _("present / rostered")]
    return tile


def oee_address(site: Site, shift: SiteShift) -> str:
    """Where the OEE of a shift opens."""
    return address_in_shift(MeasureCode.oee, Scope.site(site.pk), shift, where=f"shift:{shift.name}")
