"""Measures over calls for help: how many, how soon taken, how soon resolved, how many in their limits.

A call belongs to where and when it was raised; what happened to it later counts with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plantbeat.areas.execution.andon.ladder import category_of
from plantbeat.areas.execution.andon.subjects import ANDON
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.engine.kpi.andon import (
    AndonTimes,
    andon_calls_per_shift,
    andon_in_limit_percent,
    andon_resolve_median,
    andon_resolve_p90,
    andon_respond_median,
    andon_respond_p90,
)
from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import (
    Counted,
    Event,
    events_at_hand,
    grouped,
    kept_between,
    narrowed,
    shifts_of,
)
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import Counted as CountedIn
from plantbeat.facts.views.measure_parts import Element, things_of
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site

KINDS = ("andon_raise", "andon_ack", "andon_arrive", "andon_resolve")
FOLLOWED_US = 48 * 3_600_000_000
"""What is said of a call later than this after it was raised does not change the figures of its day."""
Calls = tuple[AndonTimes, ...]
Formula = Callable[[Calls], Ratio]


class _Call(NamedTuple):
    """A call of the scope and the period, and the facts that its times come from."""

    raised: Event
    times: AndonTimes
    lsns: tuple[int, ...]


def _calls(ask: Ask) -> list[_Call]:
    raised = [one for one in events_at_hand(ask, KINDS[:1]) if not one.said.get("test")]
    if not raised:
        return []
    later, limits = _later(ask, raised), _limits(ask, raised)
    found = []
    for one in raised:
        place = one.asset, one.said["call"]
        facts = [fact for fact in later.get(place, ()) if fact[0] >= one.t_us]
        taken = next((fact for fact in facts if fact[1] != "andon_resolve"), None)
        solved = next((fact for fact in reversed(facts) if fact[1] == "andon_resolve"), None)
        times = AndonTimes(
            taken[0] - one.t_us if taken else None,
            solved[0] - one.t_us if solved else None,
            *(limits.get(place) or limits["kind", one.said["category"]]),
            max(ask.now_us - one.t_us, 0),
        )
        behind = (one.lsn, *(fact[2] for fact in (taken, solved) if fact))
        found.append(_Call(one, times, behind))
    return found


def _later(ask: Ask, raised: list[Event]) -> dict[tuple[int, str], list[tuple[int, str, int]]]:
    """(time, kind, lsn) of what followed, by call; one query."""
    assets = {one.asset for one in raised}
    rows = kept_between(assets, KINDS[1:], raised[0].t_us, raised[-1].t_us + FOLLOWED_US)
    found: dict[tuple[int, str], list[tuple[int, str, int]]] = defaultdict(list)
    for asset, t_us, kind, body, lsn in rows:
        found[asset, msgspec.json.decode(body)["call"]].append((t_us, kind, lsn))
    return found


def _limits(ask: Ask, raised: list[Event]) -> dict[Any, tuple[int, int]]:
    """The limits each call was raised with; of a call without a record yet those of its kind."""
    site = visible(Site, ANDON).get(pk=ask.rules.site_id)
    kinds = {one.said["category"] for one in raised}
    known = {code: category_of(site, code) for code in kinds}
    found: dict[Any, tuple[int, int]] = {
        ("kind", code): (kind.respond_us, kind.resolve_us) for code, kind in known.items()
    }
    ids = {asset.code: pk for pk, asset in ask.rules.assets.items()}
    rows = visible(AndonCall, ANDON).filter(
        site=site, raised_us__gte=raised[0].t_us, raised_us__lte=raised[-1].t_us
    )
    for asset, call, *limits in rows.values_list("asset", "call", "respond_us", "resolve_us"):
        if asset in ids:
            found[ids[asset], call] = (limits[0], limits[1])
    return found


def _elements(ask: Ask) -> Mapping[Key, Calls]:
    return grouped(ask, [Counted(call.times, call.raised.parts(ask)) for call in _calls(ask)])


def _behind(ask: Ask) -> list[int]:
    calls = [call for call in _calls(ask) if narrowed(ask, call.raised.parts(ask))]
    return sorted({lsn for call in calls for lsn in call.lsns})


def _figure(formula: Formula, open_ones: Callable[[AndonTimes], bool]) -> Callable[[Calls, Ask], Figure]:
    """A formula over calls, with a word about those that are not in it yet."""

    def figure(calls: Calls, _ask: Ask) -> Figure:
        left = sum(map(open_ones, calls))
        text = ngettext("%(n)s call is not in it yet", "%(n)s calls are not in it yet", left)
        remarks = (text % {"n": left},) if left else ()
        missing = "" if len(calls) > left else _("no call")
        return Figure.of(formula(calls), len(calls) - left, missing=missing, remarks=remarks)

    return figure


class _Load(NamedTuple):
    """Calls, and the shifts (owner day and name) that a line has begun."""

    calls: int
    shift: tuple[Any, str] | None


def _load(ask: Ask) -> Mapping[Key, tuple[_Load, ...]]:
    shifts = shifts_of(ask)
    raised = [one for one in events_at_hand(ask, KINDS[:1]) if not one.said.get("test")]
    counted = [Counted(_Load(1, None), one.parts(ask)) for one in raised]
    for asset in ask.place.units:
        for shift in shifts:
            inside = ask.period.first <= shift.owner_day <= ask.period.last
            if ask.period.shift_id is not None:
                inside = shift.pk == ask.period.shift_id
            if not inside or shift.start_us > ask.now_us:
                continue
            pattern = ask.rules.reading(asset, shift.owner_day).pattern
            if worked_by([shift], pattern, ask.rules.line_of(asset)):
                event = Event(asset, shift.start_us, "", {}, 0, shift)
                load = _Load(0, (shift.owner_day, shift.shift))
                counted.append(Counted(load, event.parts(ask)))
    return grouped(ask, counted)


def _per_shift(loads: tuple[_Load, ...], _ask: Ask) -> Figure:
    calls = sum(load.calls for load in loads)
    shifts = {load.shift for load in loads if load.shift is not None}
    ratio = andon_calls_per_shift(calls, shifts)
    return Figure.of(ratio, len(shifts), missing="" if shifts else _("no shift has begun"))


def _behind_load(ask: Ask) -> list[int]:
    raised = events_at_hand(ask, KINDS[:1])
    return [one.lsn for one in raised if not one.said.get("test") and narrowed(ask, one.parts(ask))]


def declare_andon_measures() -> None:
    """Put the measures over calls for help into the catalogue."""
    cuts = frozenset({Cut.line, Cut.machine, Cut.shift, Cut.crew, Cut.day})
    taken, solved = gettext_lazy("from call to taken"), gettext_lazy("from call to resolved")
    one = Element("", CountedIn.one)
    times: tuple[tuple[MeasureCode, Formula, Any, str], ...] = (
        (MeasureCode.andon_respond_median, andon_respond_median, taken, "respond_us"),
        (MeasureCode.andon_respond_p90, andon_respond_p90, taken, "respond_us"),
        (MeasureCode.andon_resolve_median, andon_resolve_median, solved, "resolve_us"),
        (MeasureCode.andon_resolve_p90, andon_resolve_p90, solved, "resolve_us"),
    )
    for code, formula, words, field in times:
        lacks = _lacking(field)
        declare(
            Measure(
                code, str(Unit.minutes), Direction.lower_is_better, "site practice", code.value, cuts,
                _elements, _figure(formula, lacks), frozenset(KINDS), behind=_behind,
                divides=(Element(words, CountedIn.time), one),
            )
        )  # fmt: skip
    declare(
        Measure(
            MeasureCode.andon_in_limit_percent, str(Unit.percent), Direction.higher_is_better,
            "site practice", "andon_in_limit_percent", cuts, _elements,
            _figure(andon_in_limit_percent, lambda call: not call.is_judged), frozenset(KINDS),
            behind=_behind,
            divides=(
                things_of(gettext_lazy("calls taken and resolved in time")),
                things_of(gettext_lazy("calls resolved or past a limit")),
            ),
        )
    )  # fmt: skip
    declare(
        Measure(
            MeasureCode.andon_calls_per_shift, str(Unit.per_shift), Direction.lower_is_better,
            "site practice", "andon_calls_per_shift", cuts - {Cut.machine}, _load, _per_shift,
            frozenset(KINDS[:1]), behind=_behind_load,
            divides=(things_of(gettext_lazy("calls")), things_of(gettext_lazy("shifts"))),
        )
    )  # fmt: skip


def _lacking(field: str) -> Callable[[AndonTimes], bool]:
    return lambda call: getattr(call, field) is None
