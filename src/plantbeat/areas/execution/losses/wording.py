"""What stands out, as a sentence: what it is, how much, and what is usual."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import ceil
from typing import Any, Protocol

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.execution.answers import Reason
from plantbeat.areas.execution.losses.answers import (
    ChangeoverTrend,
    Kind,
    RateTrend,
    Setup,
    UnansweredCall,
    Unusual,
)
from plantbeat.areas.execution.losses.looking import Looking, opened
from plantbeat.engine.signals.level_change import Level
from plantbeat.engine.signals.rate_change import Rate
from plantbeat.engine.signals.surprise import Surprise
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.kernel import clock
from plantbeat.surfaces.templatetags.records import duration

MINUTE_US = 60_000_000


class _Sheet(Protocol):
    @property
    def present(self) -> int: ...


def number(value: float) -> str:
    """A figure as a sentence says it: whole from 10 on, else with one decimal."""
    decimals = 0 if abs(value) >= 10 or value == int(value) else 1
    return str(number_format(round(value, decimals), decimal_pos=decimals, force_grouping=True))


def percent(chance: float) -> str:
    """A probability in words that do not pretend to know more than they do."""
    if chance < 0.0001:
        return _("less than 1 in 10,000")
    if chance >= 0.5:
        return _("about even")
    return _("about 1 in %(n)s") % {"n": number_format(ceil(1 / chance), force_grouping=True)}


def usual(s: Surprise, unit: str = "") -> str:
    """The usual value and range: `usual 1.2 (0 to 4), n 28`."""
    after = f" {unit}" if unit else ""
    return _("usual %(usual)s%(unit)s (%(low)s to %(high)s), n %(n)s") % {
        "usual": number(s.usual), "low": number(s.low), "high": number(s.high), "unit": after, "n": s.n
    }  # fmt: skip


def stops(machine: str, reason: Reason | None, s: Surprise, looking: Looking) -> str:
    """`Filler 1 stopped 6 times: Seal or leak; usual 0.5 (0 to 2), n 28`."""
    name = (reason.name or reason.code) if reason is not None else _("no reason given")
    count = int(s.value)
    text = ngettext(
        "%(machine)s stopped %(n)s time: %(reason)s; %(usual)s",
        "%(machine)s stopped %(n)s times: %(reason)s; %(usual)s", count,
    )  # fmt: skip
    return text % {"machine": machine, "n": count, "reason": name, "usual": usual(s)}


def loss(line: str, name: str, us: int, s: Surprise) -> str:
    """`L3: breakdowns 92 min, 19 % of the planned time; usual 8 % (2 to 16), n 28`."""
    return _("%(line)s: %(loss)s, %(time)s, %(share)s %% of the planned time; %(usual)s") % {
        "line": line, "loss": name, "time": duration(us), "share": number(s.value), "usual": usual(s, "%"),
    }  # fmt: skip


def scrap(line: str, defect: str, made: int, s: Surprise) -> str:
    """`L1: 214 pieces scrapped for FILL-LEVEL of 90,120 made; usual 61 (20 to 130), n 28`."""
    return _("%(line)s: %(n)s pieces scrapped for %(defect)s of %(made)s made; %(usual)s") % {
        "line": line, "n": number(s.value), "defect": defect,
        "made": number_format(made, force_grouping=True), "usual": usual(s),
    }  # fmt: skip


def calls(line: str, s: Surprise) -> str:
    """`L3 called for help 9 times; usual 2 (0 to 5), n 28`."""
    return _("%(line)s called for help %(n)s times; %(usual)s") % {
        "line": line, "n": int(s.value), "usual": usual(s)
    }  # fmt: skip


def changeover(looking: Looking, line: int, one: Setup, s: Surprise) -> Unusual:
    """A changeover that took longer than usual, as an answer; it opens to the set-up losses of its day."""
    code = looking.floor.rules.assets[line].code
    at = timezone.localtime(clock.from_us(one.start_us), looking.floor.rules.zone)
    text = _("%(line)s: the changeover from %(before)s to %(item)s at %(at)s took %(n)s min; %(usual)s") % {
        "line": code, "before": one.before, "item": one.item, "at": f"{at:%Y-%m-%d %H:%M}",
        "n": number(s.value), "usual": usual(s, "min"),
    }  # fmt: skip
    return Unusual(
        code, code, Kind.changeover, str(one.start_us), text, s.value, s.usual, s.low, s.high, s.n, "min",
        s.chance, s.bits, one.us, 0,
        opened(MeasureCode.loss_setup, looking.scope(line), looking.period, looking.where),
        partial(tuple, one.lsns),
    )  # fmt: skip


def unanswered(call: UnansweredCall, looking: Looking) -> str:
    """`Nobody answered the call for maintenance of L2-CAP raised at 04:12; it stood 31 min`."""
    at = timezone.localtime(clock.from_us(call.raised_us), looking.floor.rules.zone)
    values = {
        "asset": call.asset, "category": call.category, "at": f"{at:%Y-%m-%d %H:%M}",
        "time": duration(call.waited_us), "limit": duration(call.limit_us),
    }  # fmt: skip
    if call.is_open:
        text = _(
            "Nobody has answered the call for %(category)s of %(asset)s raised at %(at)s: it has waited"
            " %(time)s, the limit is %(limit)s"
        )
    else:
        text = _(
            "Nobody answered the call for %(category)s of %(asset)s raised at %(at)s: it was closed after"
            " %(time)s, the limit is %(limit)s"
        )
    return text % values


def short(line: str, shift: str, need: int, sheets: Sequence[_Sheet]) -> str:
    """`L3, night: 3 people present where 4 are needed`."""
    if len(sheets) == 1:
        text = _("%(line)s, %(shift)s shift: %(present)s people present where %(need)s are needed")
        return text % {"line": line, "shift": shift, "present": sheets[0].present, "need": need}
    fewest = min(sheet.present for sheet in sheets)
    text = _(
        "%(line)s, %(shift)s shift: %(n)s times below its need of %(need)s people, the fewest %(fewest)s"
    )
    return text % {"line": line, "shift": shift, "n": len(sheets), "need": need, "fewest": fewest}


def of_level(level: Level, unit: str) -> str:
    """`38 min (34 to 43)`."""
    if level.low is None or level.high is None:
        return _("%(value)s %(unit)s") % {"value": number(level.middle), "unit": unit}
    return _("%(value)s %(unit)s (%(low)s to %(high)s)") % {
        "value": number(level.middle), "unit": unit, "low": number(level.low), "high": number(level.high)
    }  # fmt: skip


def of_rate(one: Rate, per: float, unit: str) -> str:
    """`0.24 % (0.20 to 0.28)`."""
    return _("%(value)s %(unit)s (%(low)s to %(high)s)") % {
        "value": fine(one.value / per), "unit": unit,
        "low": fine(one.low / per), "high": fine(one.high / per),
    }  # fmt: skip


def fine(value: float) -> str:
    """A small rate with two figures that mean something: 0.24, 4.7, 31."""
    decimals = 0 if abs(value) >= 10 else 1 if abs(value) >= 1 else 2
    return str(number_format(round(value, decimals), decimal_pos=decimals, force_grouping=True))


def changeovers(trend: ChangeoverTrend, since: str) -> str:
    """What the changeovers of a line did: since when, from how many minutes to how many."""
    if trend.level is None:
        return _("%(line)s: no changeovers in this time") % {"line": trend.line}
    if trend.change is None:
        text = _("%(line)s: no change shown; a changeover takes %(level)s, n %(n)s")
        return text % {"line": trend.line, "level": of_level(trend.level, _("min")), "n": trend.n}
    text = _(
        "%(line)s: changeovers take %(after)s since %(since)s, before %(before)s; n %(n)s and %(m)s before"
    )
    return text % {
        "line": trend.line, "after": of_level(trend.change.after, _("min")), "since": since,
        "before": of_level(trend.change.before, _("min")), "n": trend.change.after.n,
        "m": trend.change.before.n,
    }  # fmt: skip


def rate_change(trend: RateTrend, what: str) -> str:
    """What the rate of something did: since when, from how much to how much, how many times."""
    values = {"line": trend.line, "what": what, "label": trend.label, "n": trend.events}
    if trend.change is None:
        return _("%(line)s, %(label)s: no change of %(what)s shown, n %(n)s") % values
    change = trend.change
    rises = change.ratio >= 1.0
    values |= {
        "before": of_rate(change.before, trend.per, trend.unit),
        "after": of_rate(change.after, trend.per, trend.unit),
        "week": trend.changed.isoformat() if trend.changed else "",
        "ratio": fine(change.ratio), "low": fine(change.ratio_low), "high": fine(change.ratio_high),
    }  # fmt: skip
    if rises:
        text = _(
            "%(line)s, %(label)s: %(what)s has risen since the week of %(week)s from %(before)s to %(after)s,"
            " %(ratio)s times (%(low)s to %(high)s)"
        )
    else:
        text = _(
            "%(line)s, %(label)s: %(what)s has fallen since the week of %(week)s from %(before)s to"
            " %(after)s, %(ratio)s times (%(low)s to %(high)s)"
        )
    return text % values


def names(texts: Sequence[Any]) -> str:
    """`L1, L2 and L3`."""
    words = [str(text) for text in texts]
    if len(words) < 2:
        return "".join(words)
    return _("%(first)s and %(last)s") % {"first": ", ".join(words[:-1]), "last": words[-1]}
