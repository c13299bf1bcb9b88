"""The last shift as the start-up shows it: loss bridge, lines, stops, scrap, hours below plan."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from plantbeat.areas.daily.start_up.cells import oee_address
from plantbeat.areas.execution.hours.answers import HourBelowPlan
from plantbeat.areas.execution.kpis.wording import shown
from plantbeat.areas.execution.live import STATE_WORDS, drawn
from plantbeat.areas.execution.loss_parts import loss_parts
from plantbeat.areas.execution.review.measures import address_in_shift, measures_of_shift
from plantbeat.areas.execution.review.questions import (
    ScrapOfShift,
    ShiftReview,
    shift_review,
    unusual_in_shift,
)
from plantbeat.areas.execution.review.site_shifts import SiteShift
from plantbeat.areas.execution.stops.answers import TopStop
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

SHOWN_UNUSUAL = 5


def last_shift_context(site: Site, last: SiteShift | None, by: Actor) -> dict[str, Any]:
    """Variables of the part about the last shift; none without one."""
    if last is None:
        return {"last": None}
    review = shift_review(site, last, by)
    oee = measures_of_shift(site, last, [MeasureCode.oee], by)[MeasureCode.oee]
    return {
        "last": last,
        "last_begins": clock.from_us(last.start_us),
        "last_ends": clock.from_us(last.end_us),
        "oee": oee,
        "bridge": _bridge(site, review),
        "line_rows": _lines(site, review),
        "stops": [_stop(one) for one in review.stops],
        "scrap": [_scrap(site, last, one) for one in review.scrap],
        "hours": [_hour(last, one) for one in review.worst_hours],
        "hours_below": review.hours_below,
        "unusual": unusual_in_shift(site, last, by)[:SHOWN_UNUSUAL],
        "oee_url": oee_address(site, last),
    }


def _bridge(site: Site, review: ShiftReview) -> dict[str, Any]:
    whole, scope = review.bridge.losses.pbt_us, Scope.site(site.pk)
    rows = [
        {
            "name": name,
            "us": us,
            "percent": 100 * us / whole,
            "bar": max(0, round(100 * us / whole)),
            "url": address_in_shift(measure, scope, review.shift, where=f"shift:{review.shift.name}"),
            "good": measure is MeasureCode.oee,
        }
        for measure, name, us in loss_parts(review.bridge.losses)
        if us and whole
    ]
    return {"rows": rows, "whole_us": whole}


def _lines(site: Site, review: ShiftReview) -> list[dict[str, Any]]:
    found = []
    for one in review.lines:
        value = one.oee.oee.value if one.oee.oee is not None else None
        found.append(
            {
                "line": one.line,
                "name": one.name,
                "good": number_format(one.good, force_grouping=True),
                "scrap": number_format(one.scrap, force_grouping=True),
                "oee": shown(value, "%") if value is not None else "",
                "url": reverse("line", kwargs={"code": one.line}) + f"?shift={review.shift.id_of(one.line)}",
            }
        )
    return found


def _stop(one: TopStop) -> dict[str, Any]:
    return {
        "line": one.line,
        "state": drawn(one.state),
        "word": str(STATE_WORDS[one.state]),
        "reason": (one.reason.name or one.reason.code) if one.reason else _("no reason given"),
        "start": clock.from_us(one.start_us),
        "us": one.duration_us,
        "repeats": one.repeats,
        "repeats_us": one.repeats_us,
        "actions": one.actions,
        "facts": one.facts[:3],
        "url": reverse("stop", kwargs={"code": one.line, "at_us": one.start_us}),
    }


def _scrap(site: Site, last: SiteShift, one: ScrapOfShift) -> dict[str, Any]:
    url = address_in_shift(
        MeasureCode.scrap_percent,
        Scope.line(site.pk, one.line),
        last,
        where=f"shift:{last.name}",
        cut="defect",
    )
    return {
        "line": one.line,
        "defect": one.defect or _("no defect named"),
        "pieces": one.pieces,
        "percent": one.percent,
        "url": url,
    }


def _hour(last: SiteShift, one: HourBelowPlan) -> dict[str, Any]:
    reason = one.reasons[0] if one.reasons else None
    words = ""
    if reason is not None and reason.state is not None:
        named = (reason.reason.name or reason.reason.code) if reason.reason else ""
        words = f"{STATE_WORDS[reason.state]}{': ' + named if named else ''}"
    return {
        "line": one.line,
        "start": clock.from_us(one.start_us),
        "end": clock.from_us(one.end_us),
        "plan": number_format(one.plan, force_grouping=True),
        "good": number_format(one.good, force_grouping=True),
        "gap": number_format(one.gap, force_grouping=True),
        "reason": words,
        "url": reverse("line", kwargs={"code": one.line}) + f"?shift={last.id_of(one.line)}",
    }
