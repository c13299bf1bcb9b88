"""Making handoffs before each boundary, and keeping their drafts up to date."""

from __future__ import annotations

import logging
from functools import partial

from django.db.models import Max, Q

from plantbeat.areas.daily.handoffs.boundaries import HandingOver, handing_over
from plantbeat.areas.daily.handoffs.drafting import drafted
from plantbeat.areas.daily.handoffs.keeping import Draft, draft_text
from plantbeat.areas.daily.handoffs.questions import drafts
from plantbeat.areas.daily.handoffs.site_now import DRAFTER, SiteNow
from plantbeat.areas.daily.records.handoff import LATE_AFTER_US, SIGNERS, Handoff
from plantbeat.areas.due_rows import DueRows
from plantbeat.areas.plant.records.area import Area
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Refused

logger = logging.getLogger("plantbeat.daily")

MINUTE_US = 60_000_000
AHEAD_US = 60 * MINUTE_US
"""So long before a boundary its handoff is drafted."""
BEHIND_US = 24 * 60 * MINUTE_US
"""A boundary longer ago than this gets no handoff any more, after a worker that was away."""
FRESH_US = 5 * MINUTE_US
SETTLED_US = 30 * MINUTE_US
"""So long after the boundary facts may still come in late; then the draft rests until a signer opens it."""
BOUNDARIES, DRAFTS = DueRows("handoff of a boundary", again_s=20.0), DueRows("draft of handoff", again_s=20.0)


def make_due(site: Site) -> list[Handoff]:
    """Make the handoffs of boundaries that are near, and draft them; those there are stay as they are."""
    now_us = clock.now_us()
    # A site begins with the boundary ahead of it: nobody can hand over a shift from before. A worker that was
    # away takes up where it left off.
    last_us = visible(Handoff, DRAFTER).filter(site=site).aggregate(last=Max("boundary_us"))["last"]
    since_us = now_us if last_us is None else max(min(last_us, now_us), now_us - BEHIND_US)
    near = handing_over(site, since_us, now_us + AHEAD_US)
    if not near:
        return []
    rows = visible(Handoff, DRAFTER).filter(site=site, boundary_us__gte=since_us)
    known = set(rows.values_list("place", "boundary_us"))
    areas = {area.code: area for area in visible(Area, DRAFTER).filter(site=site)}
    made: list[Handoff] = []

    def make(boundary: HandingOver) -> None:
        values = handoff_values(site, areas.get(boundary.area), boundary)
        try:
            made.append(act(Handoff, "create", DRAFTER, values))
        except Refused as refused:
            if refused.kind != Kind.conflict:  # another worker was quicker
                raise

    wanted = [one for one in near if (one.area, one.at_us) not in known]
    BOUNDARIES.each(wanted, make, key=lambda one: (site.code, one.area, one.at_us))
    DRAFTS.each(made, partial(refreshed, at_site=SiteNow(site)))
    return list(visible(Handoff, DRAFTER).filter(pk__in=[one.pk for one in made]).order_by("pk"))


def handoff_values(site: Site, area: Area | None, boundary: HandingOver) -> dict[str, object]:
    """A new handoff of an area at a boundary."""
    return {
        "site": site, "area": area, "place": boundary.area,
        "boundary_us": boundary.at_us, "start_us": boundary.start_us,
        "production_day": boundary.production_day, "shift": boundary.shift,
        "next_shift": boundary.next_shift, "next_start_us": boundary.next_start_us,
        "due_us": boundary.at_us + LATE_AFTER_US,
    }  # fmt: skip


def refreshed(handoff: Handoff, at_site: SiteNow | None = None) -> Handoff:
    """The handoff with its draft made anew; a signed one stays as it is. `at_site`: see `drafted`."""
    if handoff.state != str(Handoff.State.drafted):
        return handoff
    return _put(handoff, drafted(handoff, at_site))


def _put(handoff: Handoff, draft: Draft) -> Handoff:
    try:
        return act(handoff, "refresh", DRAFTER, {"sentences": draft})
    except Refused as refused:
        if refused.kind == Kind.state:  # signed in the meantime
            handoff.refresh_from_db()
            return handoff
        raise


def opened_to_sign(handoff: Handoff, by: Actor) -> Handoff:
    """The handoff as somebody who may sign it opens it: a draft that rests says what came in since.

    It stays as it is where nothing came in, and where it cannot be written now: then it can still be read.
    """
    now_us = clock.now_us()
    rests = handoff.boundary_us < now_us - SETTLED_US and (handoff.drafted_us or 0) < now_us - FRESH_US
    is_open = handoff.state == str(Handoff.State.drafted)
    if not (rests and is_open and by.holds(SIGNERS, handoff.site_id)):
        return handoff
    draft = drafted(handoff)
    if draft_text(draft.sentences) == handoff.draft:
        return handoff
    try:
        return _put(handoff, draft)
    except Refused as refused:
        logger.warning("the draft of %s rests on: %s", handoff.number, refused)
        return handoff


def keep_fresh(site: Site) -> int:
    """Draft anew what has become old while its shift ends, and what was never drafted; how many were."""
    now_us = clock.now_us()
    ending = Q(boundary_us__gte=now_us - SETTLED_US) | Q(drafted_us=None)
    rows = drafts(site, DRAFTER).filter(ending)
    old = (one for one in rows if (one.drafted_us or 0) < now_us - FRESH_US)
    return DRAFTS.each(old, partial(refreshed, at_site=SiteNow(site)))
