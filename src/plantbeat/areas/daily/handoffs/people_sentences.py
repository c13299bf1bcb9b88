"""What people have to know at the end of a shift: actions due, risks with plan B, doubtful facts."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.situation import Situation
from plantbeat.areas.daily.handoffs.wording import Number, Said, Value, plural
from plantbeat.areas.daily.records.contingency_plan import ContingencyPlan
from plantbeat.areas.daily.records.handoff import ItemKind
from plantbeat.areas.daily.records.priority import ConstraintKind, Priority
from plantbeat.areas.improvement import questions as improvement
from plantbeat.areas.people.attendance.questions import attendance_of
from plantbeat.kernel.access import visible
from plantbeat.surfaces.addresses import address_of

ACTIONS_SHOWN = 5
RISKS_SHOWN = 3


def attendance(now: Situation) -> None:
    """How many were there and how many were missing on each line, as numbers; who it was is not told."""
    for shift_id in {shift.id for shift in now.lines.values()}:
        lines = [code for code, shift in now.lines.items() if shift.id == shift_id]
        for one in attendance_of(now.site, shift_id, now.by, lines=lines):
            if not one.rostered and one.present is None:
                continue
            if one.present is None:
                values: dict[str, Value] = {"line": one.line, "rostered": Number(one.rostered)}
                text = Said(_("%(line)s: attendance was not taken (%(rostered)s rostered)."), values)
            else:
                text = attendance_words(one.line, one.present, one.rostered, one.leave)
            source = Said(_("attendance of %(line)s"), {"line": one.line})
            now.say(f"people:{one.line}", ItemKind.people, text, source, now.line_address(one.line))


def attendance_words(line: str, present: int, rostered: int, leave: int) -> Said:
    """Attendance of a line in numbers."""
    return Said(_("%(line)s: %(present)s of %(rostered)s present, %(absent)s absent, %(leave)s on leave."), {
        "line": line, "present": Number(present), "rostered": Number(rostered), "leave": Number(leave),
        "absent": Number(max(0, rostered - leave - present)),
    })  # fmt: skip


def hazards(now: Situation) -> None:
    """Hazards of these lines, of the area and of none that nobody has fixed, the worst first."""
    for row in now.at_site.hazards:
        is_here = (
            row.line.code in now.lines if row.line else not row.area or row.area.code == now.boundary.area
        )
        if not is_here or row.reported_us >= now.until_us:
            continue
        where = row.line.code if row.line else row.area.code if row.area else now.site.code
        text = Said(_("Hazard %(number)s at %(where)s since %(at)s: %(what)s"), {
            "number": row.number, "where": where, "what": row.what, "at": now.time(row.reported_us),
        })  # fmt: skip
        now.say(f"hazard:{row.number}", ItemKind.safety, text, row.number, address_of(row), unsafe=True)


def rooms(now: Situation) -> None:
    """Incident rooms of these lines, and of none, that are open: the shift that takes over leads them on."""
    for room in now.at_site.rooms:
        if room.opened_us > now.until_us or (room.line and room.line not in now.lines):
            continue
        text = Said(_("Incident room %(number)s is open since %(at)s: %(title)s"), {
            "number": room.number, "title": room.title, "at": now.time(room.opened_us),
        })  # fmt: skip
        now.say(f"room:{room.number}", ItemKind.room, text, room.number, room.url, unsafe=True)


def decisions(now: Situation) -> None:
    """What got help first in the shift, by whose decision it was to be seen to."""
    names = {shift.name for shift in now.lines.values()}
    rows = visible(Priority, now.by).filter(site=now.site, day=now.day, shift__in=names)
    for row in rows.select_related("owner", "line"):
        if row.kind == ConstraintKind.none:
            text = Said(_("Decided: nothing needed help first."))
        else:
            owner = row.owner.name if row.owner else "–"
            text = Said(_("Help first: %(what)s (%(owner)s)."), {"what": row.what, "owner": owner})
        source = Said(
            _("priority of %(day)s %(shift)s"), {"day": row.day.isoformat(), "shift": row.shift}
        )  # fmt: skip
        now.say(f"priority:{row.pk}", ItemKind.decision, text, source, address_of(row))


def actions(now: Situation) -> None:
    """Actions of these lines, and of none, that are overdue or due by tomorrow."""
    tomorrow = now.today + timedelta(days=2)
    here = Q(line=None) | Q(line__code__in=list(now.lines))
    rows = list(improvement.overdue_actions(now.site, tomorrow, now.by).filter(here))
    for row in rows[:ACTIONS_SHOWN]:
        values: dict[str, Value] = {
            "what": row.title, "owner": row.owner.name, "due": row.due.isoformat(),
        }  # fmt: skip
        text = (
            _("%(what)s (%(owner)s) is overdue since %(due)s.")
            if row.due < now.today
            else _("%(what)s (%(owner)s) is due on %(due)s.")
        )
        now.say(f"action:{row.number}", ItemKind.action, Said(text, values), row.number, address_of(row))
    if len(rows) > ACTIONS_SHOWN:
        more = Said(_("%(n)s more actions are due or overdue."), {"n": Number(len(rows) - ACTIONS_SHOWN)})
        opens = reverse("records", kwargs={"area": "improvement", "slug": "improvement-actions"})
        now.say("action:more", ItemKind.action, more, Said(_("list of actions")), opens)


def risks(now: Situation) -> None:
    """The heaviest risks of the area with their plan B, carried from shift to shift while they hold."""
    here = Q(line__code__in=list(now.lines)) | Q(area__code=now.boundary.area) | Q(line=None, area=None)
    rows = visible(ContingencyPlan, now.by).filter(here, site=now.site)
    rows = rows.exclude(state=str(ContingencyPlan.State.retired)).exclude(until__lt=now.today)
    rows = rows.annotate(weight=F("likelihood") * F("effect")).select_related("owner", "line", "area")
    ranked = sorted(rows, key=lambda row: (row.state != "triggered", -row.weight, row.number))
    for row in ranked:
        runs = row.state == str(ContingencyPlan.State.triggered)
        if not runs and ranked.index(row) >= RISKS_SHOWN:
            break
        text = (
            _("Plan B runs for “%(risk)s”: %(plan)s (%(owner)s).")
            if runs
            else _("%(risk)s. Trigger: %(trigger)s. Plan B: %(plan)s (%(owner)s).")
        )
        values: dict[str, Value] = {
            "risk": row.risk, "trigger": row.trigger, "plan": row.plan_b, "owner": row.owner.name,
        }  # fmt: skip
        said = Said(text, values)
        now.say(f"risk:{row.number}", ItemKind.risk, said, row.number, address_of(row), unsafe=runs)


def quarantine(now: Situation) -> None:
    """Facts nobody believes yet: counts above may change."""
    if n := now.at_site.quarantined:
        text = plural(
            "%(n)s fact waits in quarantine; figures above may change.",
            "%(n)s facts wait in quarantine; figures above may change.",
            n,
        )
        now.say("quarantine", ItemKind.quality, text, Said(_("quarantine")), reverse("quarantine"))
