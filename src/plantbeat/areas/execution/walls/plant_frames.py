"""The plant as a live frame of wall boards: S Q D C M, the worst stop now, and who gets help first."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _

from plantbeat.areas.execution.answers import LineNow
from plantbeat.areas.execution.kpis.wording import shown, status_word
from plantbeat.areas.execution.live import STATE_WORDS, Frame, site_in_view
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.questions import lines_now
from plantbeat.areas.execution.stops.questions import UNPLANNED
from plantbeat.areas.execution.targets import Targets, status_of
from plantbeat.facts.live.topics import Message
from plantbeat.facts.views import readings
from plantbeat.facts.views.catalogue import measure_named, values
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock, registry
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Kind, Refused

Part = dict[str, Any]

LETTERS: tuple[tuple[str, MeasureCode], ...] = (
    ("S", MeasureCode.days_since_last_recordable),
    ("Q", MeasureCode.first_pass_yield),
    ("D", MeasureCode.otd),
    ("C", MeasureCode.unplanned_downtime_percent),
    ("M", MeasureCode.attendance),
)
"""Safety, quality, delivery, cost (as time lost: no rate in money is approved yet) and people."""

PRIORITY = "daily.Priority"


@rules_read_once()
def plant_frame(key: str, by: Actor) -> Frame:
    """The frame of the site with the code `key`; `SITE@AREA` narrows the worst stop to an area."""
    site, (code, _at, area) = site_in_view(by), key.partition("@")
    if code != site.code:
        raise Refused(_("there is no such site here"), Kind.missing)
    floor = Floor(site, by)
    targets = Targets(site.pk, floor.today, by)
    frame: dict[str, Part] = {
        f"{key}.{letter}": _letter(floor, targets, letter, measure) for letter, measure in LETTERS
    }
    frame[f"{key}.stop"] = {"text": _worst_stop(lines_now(site, by), area)}
    frame[f"{key}.first"] = {"text": _first(floor)}
    return frame


def _letter(floor: Floor, targets: Targets, letter: str, code: MeasureCode) -> Part:
    measure, scope, is_week = measure_named(code), Scope.site(floor.site.pk), code is MeasureCode.otd
    period = Period.of_week(floor.rules, floor.today) if is_week else Period.of_day(floor.today)
    found = values(code, scope, period, floor.by)
    part: Part = {
        "name": f"{letter}  {measure.name}",
        "unit": measure.unit,
        "detail": _("this week") if is_week else _("today"),
        "at_us": floor.now_us,
    }
    if not found or found[0].figure.value is None:
        word = str(found[0].figure.missing) if found else ""
        taken = code is not MeasureCode.attendance
        return part | {
            "text": None,
            "status": "none",
            "status_word": (word or _("not enough data")) if taken else _("not taken"),
        }
    figure, target = found[0].figure, targets.of(code, scope)
    status = status_of(figure.value, target, measure.direction)
    return part | {
        "text": shown(figure.value, measure.unit),
        "status": status.value,
        "status_word": status_word(figure, status.value, has_target=target is not None),
    }


def _worst_stop(lines: list[LineNow], area: str) -> str:
    """The unplanned stop that has gone on for longest."""
    standing = [
        line
        for line in lines
        if line.counts_as in UNPLANNED and line.since_us is not None and area in ("", line.area)
    ]
    if not standing:
        return _("Nothing stands unplanned now.")
    worst = min(standing, key=lambda line: line.since_us or 0)
    said = _("%(line)s stands since %(time)s: %(state)s, %(why)s") % {
        "line": worst.code,
        "time": time_format(timezone.localtime(clock.from_us(worst.since_us or 0)), "H:i"),
        "state": STATE_WORDS[worst.counts_as],
        "why": (worst.reason.name or worst.reason.code) if worst.reason else _("no reason yet"),
    }
    more = len(standing) - 1
    return f"{said} (+{more})" if more else said


def _first(floor: Floor) -> str:
    """Who gets help first, as decided for the shift now; the decision belongs to the daily round."""
    shifts = readings.shifts_between(floor.site.pk, floor.now_us, floor.now_us + 1)
    found: Any = None
    if any(model.type_code() == PRIORITY for model in registry.records()):
        rows: Any = visible(registry.record(PRIORITY), floor.by)
        rows = rows.filter(site=floor.site, shift__in={shift.shift for shift in shifts})
        rows = rows.filter(day__in={shift.owner_day for shift in shifts})
        found = rows.select_related("owner").order_by("-decided_us").first()
    if found is None:
        return _("Help first: not decided yet")
    if not found.what:
        return _("Help first: nothing needs it")
    owner = f", {found.owner.name}" if found.owner is not None else ""
    return _("Help first: %(what)s") % {"what": f"{found.what}{owner}"}


def concerns_plant(message: Message, _key: str) -> bool:
    """Any fact, and what decides how they are read or who gets help first."""
    return message.topic == "fact" or message.topic.startswith(
        ("record:plant.", f"record:{PRIORITY}", "record:planning.WorkOrder")
    )
