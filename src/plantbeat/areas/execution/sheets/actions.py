"""Making a sheet for a line and shift; the same one however often it is asked for."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel.access import FLOOR, Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden
from plantbeat.kernel.problems import Kind, Problem, Refused

PRINTER = Actor.system("shift pack")


def sheet_for(site: Site, code: str, shift: FactShift, by: Actor) -> ShiftSheet:
    """The sheet of a line for a shift, made if there is none yet.

    Raises `Refused` for a line there is not, a shift the line does not work, and an actor without the role.
    """
    if not by.holds(FLOOR, site.pk):
        raise Refused(forbidden(_("shift pack")), Kind.forbidden)
    line = visible(Line, by).filter(site=site, code=code).first()
    if line is None:
        raise Refused(
            Problem(_("there is no line “%(code)s” here") % {"code": code}, "line", code), Kind.missing
        )
    known = visible(ShiftSheet, PRINTER).filter(line=line, start_us=shift.start_us)
    if found := known.select_related("line", "site").first():
        return found
    rules = SiteRules(site.pk)
    asset_id = rules.line_ids[code]
    pattern = rules.reading(asset_id, shift.owner_day).pattern
    if not worked_by([shift], pattern, asset_id):
        allowed = _("a shift that names the line")
        raise Refused(Problem(_("the line does not work this shift"), "shift", shift.shift, allowed))
    data = {
        "site": site, "line": line, "production_day": shift.owner_day, "shift": shift.shift,
        "crew": shift.crew, "start_us": shift.start_us, "end_us": shift.end_us,
    }  # fmt: skip
    try:
        return act(ShiftSheet, "create", PRINTER, data)
    except Refused as refused:
        if (found := known.first()) is not None:  # somebody else has just made it
            return found
        raise refused
