"""What is done about a stop: give it a record, and draft what follows from it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.questions import stop_parts_at
from plantbeat.areas.execution.records.stop import Stop
from plantbeat.areas.execution.stops.places import line_of, place_of, record_id, record_within
from plantbeat.facts.tables import AssetLevel
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden, writes
from plantbeat.kernel.problems import Kind, Problem, Refused


def stop_record(site: Site, line_or_machine: str, at_us: int, by: Actor) -> Stop:
    """The record of the stop that goes on at an instant; made if there is none yet, always the same one.

    A stop of a line's bottleneck is the line's own. Raises `Refused` where nothing stood then, and for
    somebody who may not write at the site.
    """
    if not writes(by, site.pk):
        raise Refused(forbidden(_("record a stop")), Kind.forbidden)
    floor = Floor(site, by)
    place = place_of(floor, line_or_machine, at_us)
    parts = stop_parts_at(site, place.code, at_us, by)
    if not parts:
        message = _("%(place)s did not stand at this time")
        raise Refused(Problem(message % {"place": place.code}, "at_us", at_us), Kind.missing)
    known = record_within(floor, place, parts[0].start_us, parts[-1].end_us)
    if known is not None:
        return known
    line = line_of(floor, place)
    data: dict[str, Any] = {
        "site": site,
        "line_id": record_id(line, "plant.Line") if line is not None else None,
        "machine_id": record_id(place, "plant.Machine") if place.level != AssetLevel.line else None,
        "start_us": parts[0].start_us,
    }
    try:
        return act(Stop, "create", by.for_the_product(), _linked(data))
    except Refused:
        # Somebody else has made it in this moment.
        known = record_within(floor, place, parts[0].start_us, parts[-1].end_us)
        if known is None:
            raise
        return known


def _linked(data: dict[str, Any]) -> dict[str, Any]:
    """Ids as the records they are of."""
    linked = {"site": data["site"], "start_us": data["start_us"]}
    for name in ("line", "machine"):
        pk = data[f"{name}_id"]
        if pk is not None:
            model = Stop._meta.get_field(name).related_model
            linked[name] = model._base_manager.get(pk=pk)  # type: ignore[union-attr]
    return linked
