"""What a shift pack says: the same figures as the screens, asked of the same questions."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs import floor_sentences, order_sentences, people_sentences
from plantbeat.areas.daily.handoffs.boundaries import HandingOver
from plantbeat.areas.daily.handoffs.questions import handoff_at, last_handoff
from plantbeat.areas.daily.handoffs.reading import read_items
from plantbeat.areas.daily.handoffs.site_now import SiteNow
from plantbeat.areas.daily.handoffs.situation import Situation
from plantbeat.areas.daily.handoffs.wording import unspoken
from plantbeat.areas.daily.moments import ShiftAt
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.questions import shift_of_sheet
from plantbeat.areas.people.attendance.questions import may_read_names, roster_line
from plantbeat.areas.planning import questions as planning
from plantbeat.areas.planning.runs.questions import RunOfShift, version_now
from plantbeat.areas.plant.records.item import Item
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Problem, Refused

REASONS_PRINTED = 24
HANDOFF_PRINTED = 14


def pack_sheet(sheet: ShiftSheet, by: Actor) -> dict[str, Any]:
    """Everything the sheet `shift_pack` takes. Raises `Refused` for a shift that left the calendar."""
    shift = shift_of_sheet(sheet)
    if shift is None:
        raise Refused(Problem(_("the shift of this sheet is no longer in the calendar"), "sheet"))
    with rules_read_once():
        return _gathered(sheet, shift, by)


def _gathered(sheet: ShiftSheet, shift: FactShift, by: Actor) -> dict[str, Any]:
    zone, site, code = ZoneInfo(sheet.site.zone), sheet.site, sheet.line.code
    line_id = rules_of(site.pk).line_ids[code]
    version = version_now(site, shift, by)
    runs = version.runs.get(line_id, []) if version is not None else []
    board = hour_board(site, code, shift.pk, by)
    span = f"{_time(shift.start_us, zone)}–{_time(shift.end_us, zone)}"
    made = f"{clock.now().astimezone(zone):%Y-%m-%d %H:%M}"
    return {
        "words": _words(),
        "number": sheet.number,
        "title": _("Shift pack %(line)s") % {"line": f"{code} {sheet.line.name}"},
        "foot": f"{site.name} · {code} · {sheet.production_day.isoformat()} {shift.shift} · {made}",
        "facts": [
            [_("Shift"), f"{shift.shift} {shift.crew}".strip()],
            [_("Day"), sheet.production_day.isoformat()],
            [_("Time"), span],
            [_("Sheet"), sheet.number],
            [_("As of"), made],
        ],
        "orders": [_run(run, shift, zone) for run in runs],
        "plan_source": _("by schedule %(number)s") % {"number": version.number}
        if version is not None
        else _("no schedule is published"),
        "open": _open(sheet, shift, by),
        "handoff": _last_handoff(sheet, by),
        "hours": [
            {
                "time": f"{_time(row.start_us, zone)}–{_time(row.end_us, zone)}",
                "plan": "–" if row.plan is None else number_format(row.plan, force_grouping=True),
            }
            for row in board.rows
        ],
        "reasons": [
            f"{one.code} {one.name}" for one in execution.reasons_offered(site, by)[:REASONS_PRINTED]
        ],
        "checks": _checks(sheet, runs, by),
        **_people(sheet, shift, by),
    }


def _run(run: RunOfShift, shift: FactShift, zone: ZoneInfo) -> list[str]:
    pieces = number_format(run.pieces, force_grouping=True)
    return [
        run.order,
        run.item,
        pieces,
        *(_time_of_day(us, shift, zone) for us in (run.start_us, run.end_us)),
    ]


def _time_of_day(at_us: int, shift: FactShift, zone: ZoneInfo) -> str:
    """A time with its date where it lies outside the shift."""
    inside = shift.start_us <= at_us <= shift.end_us
    return _time(at_us, zone) if inside else f"{clock.from_us(at_us).astimezone(zone):%m-%d %H:%M}"


def _open(sheet: ShiftSheet, shift: FactShift, by: Actor) -> list[dict[str, Any]]:
    """Calls, hazards, held orders and planned stops of the line, and its risks, as a handoff words them."""
    area = rules_of(sheet.site_id).area_of(rules_of(sheet.site_id).line_ids[sheet.line.code], shift.owner_day)
    ahead = HandingOver(
        area, shift.start_us, shift.start_us, shift.shift, shift.owner_day,
        {sheet.line.code: ShiftAt.of(shift)}, shift.shift, shift.start_us, shift.end_us,
    )  # fmt: skip
    now = Situation(SiteNow(sheet.site, by), ahead, clock.now_us())
    with unspoken():
        floor_sentences.calls(now)
        people_sentences.hazards(now)
        order_sentences.held_orders(now)
        order_sentences.planned_stops(now)
        people_sentences.risks(now)
    return [{"text": one.words, "unsafe": one.unsafe, "source": one.source_words} for one in now.sentences]


def _last_handoff(sheet: ShiftSheet, by: Actor) -> dict[str, Any]:
    """The handoff to this shift, a draft where it is not signed yet; else the last one signed."""
    rules = rules_of(sheet.site_id)
    area = rules.area_of(rules.line_ids[sheet.line.code], sheet.production_day)
    found = handoff_at(sheet.site, area, sheet.start_us, by)
    found = found or last_handoff(sheet.site, area, sheet.start_us, by)
    if found is None:
        return {"title": _("Last handoff"), "items": []}
    state = str(Handoff.states()[found.state].label)
    rows = sorted(read_items(found), key=lambda item: (not item.unsafe, item.code))
    items = [{"text": item.words, "unsafe": item.unsafe} for item in rows[:HANDOFF_PRINTED]]
    if len(rows) > HANDOFF_PRINTED:
        more = _("… and %(n)s more in %(number)s") % {
            "n": len(rows) - HANDOFF_PRINTED, "number": found.number,
        }  # fmt: skip
        items.append({"text": more, "unsafe": False})
    return {
        "title": _("Handoff %(number)s, %(state)s") % {"number": found.number, "state": state},
        "items": items,
    }


def _checks(sheet: ShiftSheet, runs: list[RunOfShift], by: Actor) -> list[dict[str, Any]]:
    """For each order the first piece and the steps of its routing."""
    items = {
        item.code: item.pk
        for item in visible(Item, by).filter(site=sheet.site, code__in={run.item for run in runs})
    }
    steps = planning.operations_of(sheet.site, by) if runs else {}
    found = []
    for run in runs:
        rows = [
            [str(one.step), one.name or one.work_centre.name] for one in steps.get(items.get(run.item, 0), [])
        ]
        first = [["1.", _("first piece checked and approved")]]
        found.append({"order": run.order, "item": run.item, "steps": first + rows})
    return found


def _people(sheet: ShiftSheet, shift: FactShift, by: Actor) -> dict[str, Any]:
    """Who is rostered, by name only for who takes attendance."""
    if not may_read_names(sheet.site, by):
        return {"people": [], "no_people": _("names are printed for those who take attendance")}
    roster = roster_line(sheet.site, shift.pk, sheet.line.code, by)
    names = [person.name for person in roster.people if person.pk not in roster.lent_away]
    return {"people": names, "no_people": _("nobody is rostered on this line")}


def _time(at_us: int, zone: ZoneInfo) -> str:
    return f"{clock.from_us(at_us).astimezone(zone):%H:%M}"


def _words() -> dict[str, str]:
    return {
        "page": _("page"), "unsafe": _("unsafe"), "orders": _("Dispatch list"), "order": _("Order"),
        "no_orders": _("No order is planned for this shift."), "item": _("Item"), "pieces": _("Pieces"),
        "from": _("From"), "to": _("To"), "open": _("Open: calls, hazards, holds, stops, risks"),
        "nothing_open": _("Nothing is open as far as the facts tell."),
        "no_handoff": _("There is no handoff yet."), "hour_sheet": _("Hour sheet"),
        "how_to_write": _("Write every hour, zero too; an order holds until another one is written."),
        "hour": _("Hour"), "plan": _("Plan"), "good": _("Good"), "scrap": _("Scrap"), "defect": _("Defect"),
        "stops": _("Stops"), "reason": _("Reason"), "reasons": _("Reasons:"),
        "written_by": _("Written by"), "keyed_by": _("Keyed in by"), "check_sheet": _("Check sheet"),
        "no_checks": _("No order is planned, so there is nothing to check."), "step": _("Step"),
        "what": _("What"), "ok": _("OK"), "time": _("Time"), "initials": _("Initials"),
        "attendance": _("Attendance"), "name": _("Name"), "present": _("Present"), "late": _("Late"),
        "absent": _("Absent"), "remark": _("Remark"),
    }  # fmt: skip
