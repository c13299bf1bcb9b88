"""What an incident room comes from: how it is called, where it is, since when, and the page it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.incident import SOURCES
from plantbeat.areas.execution.andon.questions import calls_as_answers
from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.areas.execution.questions import stop_at
from plantbeat.areas.planning import questions as planning
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.fields import ReferenceField
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.addresses import address_of

if TYPE_CHECKING:
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site

LONGEST_TITLE = 160
_field = ReferenceField(SOURCES)


@dataclass(frozen=True, slots=True)
class SourceWords:
    """A source as a room shows it; `began_us` is when its trouble began, `url` the page of it."""

    title: str
    name: str
    url: str
    line: Line | None
    began_us: int


def source_record(site: Site, reference: str, by: Actor) -> Any:
    """The record behind `type code:id` at a site. Raises `Refused` for what is none the actor may see."""
    found = _field.record_of(reference)
    seen = found is not None and visible(type(found), by).filter(pk=found.pk).exists()
    if found is None or not seen or found.site_id_of_record != site.pk:
        allowed = _("a stop, a call for help, a work order or a hazard")
        raise Refused(Problem(_("there is nothing of this kind"), "source", reference, allowed), Kind.missing)
    return found


def words_of(record: Any, by: Actor) -> SourceWords:
    """The words of a source."""
    tell = {
        "execution.Stop": _stop, "execution.AndonCall": _call, "planning.WorkOrder": _order,
        "safety.Hazard": _hazard,
    }  # fmt: skip
    return tell[record.type_code()](record, by)


def source_of(site: Site, reference: str, by: Actor) -> SourceWords | None:
    """The words of what a room came from; None for one that came from nothing."""
    if not reference:
        return None
    try:
        return words_of(source_record(site, reference, by), by)
    except Refused:
        return None


def _stop(record: Any, by: Actor) -> SourceWords:
    stop = stop_at(record.site, record.place, record.start_us, by)
    if stop is None:
        what = _("stop")
    else:
        what = (stop.reason.name or stop.reason.code) if stop.reason else str(STATE_WORDS[stop.state])
    title = _("%(place)s stands: %(what)s") % {"place": record.place, "what": what}
    url = reverse("stop", kwargs={"code": record.place, "at_us": record.start_us})
    began_us = stop.start_us if stop is not None else record.start_us
    return SourceWords(title[:LONGEST_TITLE], record.number, url, record.line, began_us)


def _call(record: Any, by: Actor) -> SourceWords:
    call = calls_as_answers(record.site, [record])[0]
    title = f"{call.line or call.asset}: {call.category_name}"
    if call.note:
        title = f"{title} – {call.note}"
    url = reverse("andon_call", kwargs={"number": record.number})
    return SourceWords(title[:LONGEST_TITLE], record.number, url, record.line, record.raised_us)


def _order(record: Any, by: Actor) -> SourceWords:
    title = _("Hot order %(number)s: %(item)s") % {"number": record.number, "item": record.item.code}
    if record.customer:
        title = f"{title}, {record.customer}"
    schedule = planning.schedule_in_force(record.site, by)
    first = None
    if schedule is not None:
        planned = planning.planned_operations(schedule).filter(order=record.pk)
        first = planned.order_by("start_us", "pk").first()
    line = first.machine.line if first is not None else None
    return SourceWords(title[:LONGEST_TITLE], record.number, address_of(record), line, clock.now_us())


def _hazard(record: Any, by: Actor) -> SourceWords:
    title = _("Hazard: %(what)s") % {"what": record.what}
    began_us = record.reported_us
    return SourceWords(title[:LONGEST_TITLE], record.number, address_of(record), record.line, began_us)
