"""10:00: where to go and look, from what the facts say."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.gemba.walking import places_to_see, walk_today, why_there
from plantbeat.areas.daily.moment_pages.sections import Row, Section, Way, since
from plantbeat.areas.daily.persons import person_of
from plantbeat.areas.daily.records.board_cell import MEETS
from plantbeat.areas.execution.andon.questions import calls_unresolved, unconfirmed
from plantbeat.areas.improvement import questions as improvement
from plantbeat.areas.safety import questions as safety
from plantbeat.areas.safety.records.hazard import Hazard
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address, address_of

SHOWN_PLACES, SHOWN_ROWS = 7, 6


def gemba_context(site: Site, by: Actor) -> dict[str, Any]:
    """Places ordered by how much there is to see; open calls; lines without an action; open hazards."""
    signals = places_to_see(site, by)
    return {
        "question": _("Where do I go and look first?"),
        "ways": _ways(site, bool(signals), by),
        "sections": [
            Section(
                _("Places, the most to see first"),
                [
                    Row(
                        f"{one.line} {one.line_name}",
                        one.question,
                        reverse("line", kwargs={"code": one.line}),
                        because=tuple(why_there(one)),
                    )
                    for one in signals[:SHOWN_PLACES]
                    if one.points > 0
                ],
                _("No line stands out: nothing unusual, nothing repeats, everything was seen lately."),
                _("unusual, drifting, repeating, not seen for long, new people; no names"),
                reverse("gemba"),
                _("Walk the prepared route"),
            ),
            _calls(site, by),
            _days_without_action(site, by),
            _hazards(site, by),
        ],
    }


def _ways(site: Site, there_is_a_route: bool, by: Actor) -> list[Way]:
    """The walk: to begin it, or to go on with the one begun today."""
    me, walks = person_of(site, by), Way(_("Gemba walk"), reverse("gemba"), "route")
    if (mine := walk_today(site, me, by)) is not None:
        return [
            Way(_("Go on with my walk"), reverse("gemba_walk", args=[mine.pk]), "route", first=True),
            walks,
        ]
    if there_is_a_route and me is not None and by.holds(MEETS, site.pk):
        return [Way(_("Start this walk"), reverse("gemba"), "route", does=True), walks]
    return [walks]


def _calls(site: Site, by: Actor) -> Section:
    """Calls nobody has resolved; those that only wait for their confirmation are counted."""
    calls, waiting = calls_unresolved(site, by), unconfirmed(site, by)
    note = ngettext("%(n)s resolved, to be confirmed", "%(n)s resolved, to be confirmed", waiting)
    rows = [
        Row(
            f"{call.number} {call.line or call.asset} {call.category_name}",
            f"{call.state_word}, {since(call.raised_us)}",
            reverse("andon_call", kwargs={"number": call.number}),
            "act" if call.overdue or call.unanswered else "watch",
            _("Overdue") if call.overdue else str(call.state_word),
        )
        for call in calls
    ]
    return Section(
        _("Calls for help open now"), rows[:SHOWN_ROWS], _("No call is open."),
        note % {"n": waiting} if waiting else "", reverse("andon"), _("All calls for help"),
    )  # fmt: skip


def _days_without_action(site: Site, by: Actor) -> Section:
    """Lines by the days since an action was last raised for them."""
    found = improvement.days_since_last_action(site, by)
    return Section(
        _("Days since the last action"),
        [
            Row(
                line,
                ngettext("%(n)s day", "%(n)s days", days) % {"n": days} if days is not None else _("never"),
                reverse("line", kwargs={"code": line}),
            )
            for line, days in found[:SHOWN_ROWS]
        ],
        _("There is no line."),
        more_url=reverse("records", kwargs={"area": "improvement", "slug": "improvement-actions"}),
        more=_("All actions"),
    )


def _hazards(site: Site, by: Actor) -> Section:
    return Section(
        _("Open hazards"),
        [
            Row(
                row.what,
                f"{row.number} {row.line.code if row.line else row.place}, {since(row.reported_us)}",
                address_of(row),
                "act" if row.potential == "fatal" else "watch",
                str(row.get_potential_display()),
            )
            for row in safety.open_hazards(site, by)[:SHOWN_ROWS]
        ],
        _("No hazard is open."),
        more_url=address(Hazard),
        more=_("All hazards"),
    )
