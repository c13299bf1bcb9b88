"""The five cells of the start-up: safety, quality, delivery, cost, morale, each against its target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.execution.review.measures import Judged, address_in_shift, measures_of_shift
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.people.attendance.answers import CrewAttendance
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.questions import HazardCounts, IncidentSeen
from plantbeat.facts.views.measure_codes import MeasureCode
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

Tile = dict[str, Any]


def cells(site: Site, last: SiteShift | None, crews: Sequence[CrewAttendance], by: Actor) -> list[Tile]:
    """The cells in the order of their letters; a cell without a value says why and is never good."""
    found = measures_of_shift(site, last, MEASURES, by) if last is not None else {}
    return [
        safety_cell(site, last, by),
        _measured(found, MeasureCode.first_pass_yield, "Q", _("Quality"), last),
        _measured(found, MeasureCode.schedule_adherence_quantity, "D", _("Delivery"), last),
        _cost(found, last),
        morale_cell(site, crews),
    ]


def safety_cell(site: Site, last: SiteShift | None, by: Actor) -> Tile:
    """Hazards reported and fixed lead; what happened in the last shift decides the status."""
    now_us = clock.now_us()
    counts = safety.hazard_counts(site, now_us - DAY_US, now_us, by)
    begin_us, end_us = (last.start_us, last.end_us) if last is not None else (now_us - DAY_US, now_us)
    seen = safety.incidents_between(site, begin_us, end_us, by)
    status, word = _safety_status(seen, counts)
    return {
        "name": _("S · Safety"),
        "value": str(counts.reported),
        "unit": ngettext("hazard reported", "hazards reported", counts.reported),
        "status": status,
        "word": word,
        "period": _("24 h: %(fixed)s fixed, %(open)s open") % {"fixed": counts.fixed, "open": counts.open},
        "target": _incidents_text(seen),
        "coverage": _days_since(site, by),
        "url": reverse("records", kwargs={"area": "safety", "slug": "hazards"}),
        "at_us": now_us,
    }


def _safety_status(seen: Sequence[IncidentSeen], counts: HazardCounts) -> tuple[str, str]:
    if any(one.severity in HURT for one in seen):
        return "act", _("Somebody was hurt")
    if counts.open_serious:
        return "act", _("%(n)s serious open") % {"n": counts.open_serious}
    if seen or counts.open:
        return "watch", _("Watch")
    return "good", _("Nothing reported")


def _incidents_text(seen: Sequence[IncidentSeen]) -> str:
    """What happened in the last shift, the gravest first; never who."""
    if not seen:
        return _("last shift: no incident reported")
    return _("last shift: %(what)s") % {"what": ", ".join(f"{one.word} ({one.place})" for one in seen)}


def _days_since(site: Site, by: Actor) -> str:
    """The days since the last recordable, as small print, unless the site has switched them off."""
    if not safety.shows_days_since(site, by):
        return ""
    days = safety.days_since_last_recordable(site, by)
    return ngettext("%(n)s day since a recordable", "%(n)s days since a recordable", days) % {"n": days}


def _measured(
    found: Mapping[MeasureCode, Judged], code: MeasureCode, letter: str, name: str,
    last: SiteShift | None,
) -> Tile:  # fmt: skip
    title = f"{letter} · {name}"
    if last is None:
        return {"name": title, "status": "none", "word": _("Not taken"), "reason": _("no shift before this")}
    one = found[code]
    return {
        "name": title,
        "value": one.value,
        "unit": one.unit,
        "status": one.status,
        "word": one.word,
        "target": f"{one.name} · " + _target_text(one),
        "period": _("last shift: %(name)s") % {"name": last.name},
        "n": number_format(one.figure.n, force_grouping=True) if one.figure.n else "",
        "url": one.url,
        "at_us": last.end_us,
    }


def _target_text(one: Judged) -> str:
    return (
        _("target %(value)s %(unit)s") % {"value": one.target, "unit": one.unit}
        if one.target
        else _("no target")
    )


def _cost(found: Mapping[MeasureCode, Judged], last: SiteShift | None) -> Tile:
    """Lost time: money is not shown before finance has approved a rate."""
    tile = _measured(found, MeasureCode.unplanned_downtime_percent, "C", _("Cost"), last)
    return (
        {**tile, "reason": _("lost time, not money: no rate is approved yet")} if last is not None else tile
    )


def morale_cell(site: Site, crews: Sequence[CrewAttendance]) -> Tile:
    """People present in this shift; "not taken" until every crew is."""
    tile: Tile = {"name": _("M · Morale"), "unit": "", "url": reverse("attendance"), "at_us": clock.now_us()}
    taken = [crew for crew in crews if crew.present is not None]
    left = len(crews) - len(taken)
    if not crews:
        return {**tile, "status": "none", "word": _("No shift"), "reason": _("nobody works now")}
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
    return tile


def oee_address(site: Site, shift: SiteShift) -> str:
    """Where the OEE of a shift opens."""
    return address_in_shift(MeasureCode.oee, Scope.site(site.pk), shift, where=f"shift:{shift.name}")
