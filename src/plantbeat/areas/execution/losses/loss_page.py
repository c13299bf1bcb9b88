"""The page of the biggest losses, and the page of what differs from usual."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.periods import PeriodChoice
from plantbeat.areas.execution.losses import wording
from plantbeat.areas.execution.losses.answers import Bar, ByWhat, Looked, Of, Pareto, Repeat, Unanswered
from plantbeat.areas.execution.losses.calls import unanswered
from plantbeat.areas.execution.losses.choosing import read_choice
from plantbeat.areas.execution.losses.pareto import offered, pareto
from plantbeat.areas.execution.losses.repeats import repeats
from plantbeat.areas.execution.losses.staffing import understaffed
from plantbeat.areas.execution.losses.unusual import look
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Problem, Refused, Text
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

MINUTE_US = 60_000_000
SHOWN_REPEATS, SHOWN_CALLS, SHOWN_FACTS = 12, 12, 12

OF_WORDS: dict[Of, Text] = {
    Of.stops: gettext_lazy("Unplanned stops"),
    Of.scrap: gettext_lazy("Scrap"),
    Of.setup: gettext_lazy("Set-up"),
    Of.andon: gettext_lazy("Calls for help"),
}
BY_WORDS: dict[ByWhat, Text] = {
    ByWhat.reason: gettext_lazy("Reason"),
    ByWhat.machine: gettext_lazy("Machine"),
    ByWhat.product: gettext_lazy("Product"),
    ByWhat.line: gettext_lazy("Line"),
}


@require_GET
@signed_in
@rules_read_once()
def losses(request: HttpRequest) -> HttpResponse:
    """The biggest losses of a period as a Pareto, what repeats, calls nobody answered, short shifts."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        return render(request, "execution/losses.html", {"page_title": _("Losses")})
    chosen = read_choice(request, site, by, PeriodChoice.days_7)
    of = _of(request.GET.get("of", ""))
    asked = request.GET.get("by", "")
    by_what = ByWhat(asked) if asked in offered(of) else offered(of)[0]
    found = pareto(site, chosen.period, by, of=of, by_what=by_what, lines=chosen.lines)
    context = {
        **chosen.frame(),
        "page_title": _("Losses"),
        "site": site,
        "subjects": [(str(one), OF_WORDS[one], one is of) for one in Of],
        "bys": [(str(one), BY_WORDS[one], one is by_what) for one in offered(of)],
        "pareto": _pareto(found),
        "unusual_url": chosen.address("unusual"),
        "trends_url": chosen.address("trends"),
        "repeats": [_repeat(one) for one in repeats(site, chosen.period, by, lines=chosen.lines)],
        "calls": _calls(unanswered(site, chosen.period, by, lines=chosen.lines)),
        "short": understaffed(site, chosen.period, by, lines=chosen.lines),
        "now_us": clock.now_us(),
    }
    context["repeats_in_all"] = len(context["repeats"])
    context["repeats"] = context["repeats"][:SHOWN_REPEATS]
    return render(request, "execution/losses.html", context)


@require_GET
@signed_in
@rules_read_once()
def unusual_page(request: HttpRequest) -> HttpResponse:
    """What differs from usual in a shift, a day or some days."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        return render(request, "execution/unusual.html", {"page_title": _("What is unusual")})
    chosen = read_choice(request, site, by, PeriodChoice.yesterday)
    found = look(site, chosen.period, by, lines=chosen.lines)
    context = {
        **chosen.frame(),
        "page_title": _("What is unusual"),
        "site": site,
        "crumbs": [{"label": _("Losses"), "url": chosen.address("losses")}],
        "looked": _looked(found),
        "trends_url": chosen.address("trends"),
        "now_us": clock.now_us(),
    }
    return render(request, "execution/unusual.html", context)


def _of(text: str) -> Of:
    if text and text not in set(Of):
        raise Refused(Problem(_("there is no Pareto of that"), "of", text, ", ".join(Of)))
    return Of(text or Of.stops)


def _pareto(found: Pareto) -> dict[str, Any]:
    bars = [*found.bars, *([found.rest] if found.rest else [])]
    unit = _("pcs") if found.by_pieces else _("min")
    values = [bar.pieces if found.by_pieces else round(bar.us / MINUTE_US) for bar in bars]
    spec = {
        "kind": "bar" if found.overlaps else "pareto",
        "unit": unit,
        "decimals": 0,
        "x": {"kind": "category", "values": [bar.label for bar in bars]},
        "series": [{"name": str(OF_WORDS[found.of]), "values": values, "hrefs": [bar.url for bar in bars]}],
    }
    whole = found.pieces if found.by_pieces else found.us
    return {
        "name": _("%(what)s by %(by)s")
        % {"what": OF_WORDS[found.of], "by": str(BY_WORDS[found.by_what]).lower()},
        "by": BY_WORDS[found.by_what],
        "of": OF_WORDS[found.of],
        "unit": unit,
        "by_pieces": found.by_pieces,
        "overlaps": found.overlaps,
        "spec": spec,
        "rows": [_bar(bar, found) for bar in bars],
        "whole": _amount(whole, found),
        "n": number_format(found.n, force_grouping=True),
        "counted": {Of.stops: _("stops"), Of.setup: _("set-ups"), Of.andon: _("calls")}.get(found.of, ""),
        "has_any": bool(bars),
    }


def _bar(bar: Bar, found: Pareto) -> dict[str, Any]:
    return {
        "label": bar.label,
        "url": bar.url,
        "amount": _amount(bar.pieces if found.by_pieces else bar.us, found),
        "starts": number_format(bar.starts, force_grouping=True),
        "share": number_format(round(bar.share, 1), decimal_pos=1),
        "cumulative": number_format(round(bar.cumulative, 1), decimal_pos=1),
    }


def _amount(amount: int, found: Pareto) -> str:
    value = amount if found.by_pieces else round(amount / MINUTE_US)
    return str(number_format(value, force_grouping=True))


def _repeat(one: Repeat) -> dict[str, Any]:
    return {
        "line": one.line,
        "machine": f"{one.machine} {one.machine_name}",
        "reason": one.reason.name or one.reason.code,
        "times": one.times,
        "us": one.us,
        "usual": _("%(usual)s (%(low)s to %(high)s), n %(n)s")
        % {
            "usual": wording.number(one.usual), "low": wording.number(one.low),
            "high": wording.number(one.high), "n": one.n,
        }
        if one.n
        else _("not enough data"),
        "stands_out": one.stands_out,
        "word": _("More than usual") if one.stands_out else _("As usual") if one.n else _("not enough data"),
        "url": one.url,
    }  # fmt: skip


def _calls(found: Unanswered) -> dict[str, Any]:
    return {
        "n": found.n,
        "limits": sorted(set(found.limits.values()) or {found.limit_us}),
        "in_all": len(found.calls),
        "rows": [
            {
                "line": call.line,
                "asset": call.asset,
                "category": call.category,
                "raised": clock.from_us(call.raised_us),
                "waited_us": call.waited_us,
                "never": call.acked_us is None,
                "word": _answer_word(call.acked_us is None, is_open=call.is_open),
                "facts": call.lsns,
            }
            for call in found.calls[:SHOWN_CALLS]
        ],
    }


def _answer_word(never: bool, *, is_open: bool) -> str:
    if not never:
        return _("Answered late")
    return _("Waiting") if is_open else _("Never answered")


def _looked(found: Looked) -> dict[str, Any]:
    return {
        "rows": [
            {
                "text": one.text,
                "line": one.line,
                "url": one.url,
                "is_limit": one.is_limit,
                "word": _("Limit broken") if one.is_limit else _("Unusual"),
                "chance": "" if one.is_limit else wording.percent(one.chance),
                "cost": _cost(one.us, one.pieces),
                "facts": one.lsns[:SHOWN_FACTS],
                "more": len(one.lsns) > SHOWN_FACTS,
            }
            for one in found.found
        ],
        "looked_at": number_format(found.looked_at, force_grouping=True),
        "too_little": wording.names(found.too_little),
        "false_alarms": number_format(round(100 * found.false_alarms)),
    }


def _cost(us: int, pieces: int) -> str:
    if us:
        return _("%(n)s min") % {"n": number_format(round(us / MINUTE_US), force_grouping=True)}
    return _("%(n)s pcs") % {"n": number_format(pieces, force_grouping=True)} if pieces else ""
