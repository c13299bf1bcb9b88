"""Tier boards and the last week or month as live frames of walls: no names, one figure for each tile."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.reports.questions import Span, report
from plantbeat.areas.daily.reports.wording import days_of, report_words
from plantbeat.areas.daily.tiers import meetings, showing
from plantbeat.areas.daily.tiers.boards import board_named, letters_of
from plantbeat.areas.execution.live import Frame, site_in_view
from plantbeat.areas.safety.questions import shows_days_since
from plantbeat.facts.live.topics import Message
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Problem, Refused

MOST_MEASURES = 5
TIER_WRITES = (
    "record:daily.TierBoard", "record:daily.BoardCell", "record:plant.", "record:planning.", "record:safety.",
)  # fmt: skip


@rules_read_once()
def tier_frame(key: str, by: Actor) -> Frame:
    """The letters of the board with the code `key` on the day it looks at now, each by its worst figure."""
    found = board_named(site_in_view(by), key, by)
    if found is None:
        raise Refused(_("there is no such board here"), Kind.missing)
    day, now_us = meetings.day_looked_at(found, meetings.meeting_day(found)), clock.now_us()
    first = day - timedelta(days=showing.TREND_DAYS - 1)
    works = meetings.works(found, first, day)
    days_since = shows_days_since(found.site, by)
    frame: dict[str, dict[str, Any]] = {f"{key}.heading": {"text": date_format(day, "D Y-m-d")}}
    for one in letters_of(found, day, by, first):
        part = showing.wall_part(one, day, works, days_since=days_since)
        frame[f"{key}.{one.letter}"] = part | {"at_us": now_us}
    return frame


@rules_read_once()
def report_frame(key: str, by: Actor) -> Frame:
    """The measures of the last week or month that is over; `week@2026-03-31` is the one that holds a day."""
    span, _at, text = key.partition("@")
    if span not in set(Span):
        raise Refused(_("there is no such board here"), Kind.missing)
    try:
        last = date.fromisoformat(text) if text else None
    except ValueError:
        raise Refused(Problem(_("is no date"), "day", text, _("a day as 2026-03-31"))) from None
    found = report(site_in_view(by), Span(span), by, last, count=1)
    said = report_words(found)
    frame: dict[str, dict[str, Any]] = {
        f"{key}.heading": {"text": f"{said['period']} · {days_of(found.period)}"}
    }
    for place, row in enumerate(said["rows"][:MOST_MEASURES], start=1):
        latest = row["latest"]
        target = _("target %(sign)s %(value)s") % {"sign": row["better"], "value": row["target"]}
        frame[f"{key}.{place}"] = {
            "name": row["name"],
            "text": latest["text"] if latest["has_value"] else None,
            "unit": row["unit"],
            "status": latest["status"],
            "status_word": latest["word"],
            "detail": target if row["target"] else "",
            "at_us": found.as_of_us,
            "url": latest["url"],
        }
    return frame


def concerns_tier(message: Message, _key: str) -> bool:
    """Facts, what people write on boards, and the targets and calendars that figures are judged by."""
    return message.topic == "fact" or message.topic.startswith(TIER_WRITES)


def concerns_report(message: Message, _key: str) -> bool:
    """What is reported is over: only records change it at once, a late fact within the minute."""
    return message.topic.startswith(("record:daily.TierBoard", "record:plant.", "record:safety."))
