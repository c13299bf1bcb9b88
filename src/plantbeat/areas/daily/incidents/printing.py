"""An incident room on paper: its facts, summary, decisions with their actions, and the whole timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from plantbeat.areas.daily.incidents.questions import decisions_of
from plantbeat.areas.daily.incidents.sources import source_of
from plantbeat.areas.daily.incidents.timeline import timeline
from plantbeat.areas.daily.paper_rules import paper_of
from plantbeat.areas.daily.records.incident import IncidentMember, IncidentRoom
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.paper import PAPERS, pdf


def incident_pdf(room: IncidentRoom, by: Actor, paper: str = "") -> bytes:
    """The PDF of a room; the paper is the site's unless one is asked for.

    Raises `Refused` for a paper there is not.
    """
    if paper and paper not in PAPERS:
        raise Refused(Problem(_("there is no such paper"), "paper", paper, ", ".join(PAPERS)))
    language = (get_language() or "en").split("-")[0]
    data = incident_sheet(room, by)
    return pdf("incident", data, paper=paper or paper_of(room.site, by), language=language)


def incident_sheet(room: IncidentRoom, by: Actor) -> dict[str, Any]:
    """What the sheet takes, as finished words; times in the zone of the site."""
    zone, state = ZoneInfo(room.site.zone), str(IncidentRoom.states()[room.state].label)
    source = source_of(room.site, room.source, by)
    members = visible(IncidentMember, by).filter(room=room).select_related("person").order_by("pk")
    facts = [
        (_("State"), state), (_("Line"), room.line.code if room.line else "–"),
        (_("Came from"), source.name if source else "–"), (_("Leads"), room.lead.name if room.lead else "–"),
        (_("Opened"), _time(room.opened_us, zone)),
        (_("Closed"), _time(room.closed_us, zone) if room.closed_us else "–"), (_("Zone"), room.site.zone),
        (_("Facts as of"), _time(clock.now_us(), zone)),
    ]  # fmt: skip
    return {
        "words": _words(),
        "title": f"{room.number} · {room.title}",
        "foot": f"{room.site.name} · {room.number} · {state}",
        "facts": [list(pair) for pair in facts],
        "summary": room.summary,
        "people": ", ".join(one.person.name for one in members),
        "decisions": _decisions(room, by),
        "timeline": [
            {
                "when": _clock(one.at, zone), "kind": one.word, "what": one.text, "who": one.who,
                "fact": str(one.lsn) if one.lsn is not None else "",
            }
            for one in timeline(room, by)
        ],
    }  # fmt: skip


def _decisions(room: IncidentRoom, by: Actor) -> list[dict[str, str]]:
    return [
        {
            "what": f"{action.number} {action.title}", "who": action.owner.name,
            "due": action.due.isoformat(), "state": str(type(action).states()[action.state].label),
        }
        for _decision, action in decisions_of(room, by)
    ]  # fmt: skip


def _words() -> dict[str, str]:
    return {
        "page": _("page"), "unsafe": _("unsafe"), "summary": _("Summary"),
        "no_summary": _("Not closed yet: no summary is written."),
        "decisions": _("Decisions"), "no_decisions": _("Nothing was decided."), "people": _("Who was in"),
        "no_people": _("Nobody has come in."), "timeline": _("Timeline"), "what": _("What"), "who": _("Who"),
        "when": _("When"), "due": _("Due"), "state": _("State"), "fact": _("Fact"), "kind": _("Kind"),
        "no_timeline": _("Nothing has happened yet."),
    }  # fmt: skip


def _time(at_us: int, zone: ZoneInfo) -> str:
    return f"{clock.from_us(at_us).astimezone(zone):%Y-%m-%d %H:%M}"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M:%S}"
