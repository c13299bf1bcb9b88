"""The biggest losses of a period, by reason, machine, product or line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from plantbeat.areas.execution.losses.answers import Bar, ByWhat, Of, Pareto
from plantbeat.areas.execution.losses.calls import calls_in
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.engine.oee import CubeRow, State
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, Key, cube_sums
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused

MOST_BARS = 10
UNPLANNED = (State.own_stop, State.micro_stop)
"""States whose time is unplanned downtime: those of the measure the bars open to."""

_ALLOWED: dict[Of, tuple[ByWhat, ...]] = {
    Of.stops: (ByWhat.reason, ByWhat.machine, ByWhat.product, ByWhat.line),
    Of.scrap: (ByWhat.reason, ByWhat.product, ByWhat.line),
    Of.setup: (ByWhat.product, ByWhat.line),
    Of.andon: (ByWhat.reason, ByWhat.machine, ByWhat.line),
}
_MEASURES: dict[Of, MeasureCode] = {
    Of.stops: MeasureCode.unplanned_downtime_percent,
    Of.scrap: MeasureCode.scrap_percent,
    Of.setup: MeasureCode.loss_setup,
    Of.andon: MeasureCode.mttr,
}


class _Sum(NamedTuple):
    us: int
    pieces: int
    starts: int


@dataclass(frozen=True, slots=True)
class _Question:
    looking: Looking
    of: Of
    by_what: ByWhat
    lines: list[FactAsset]


def offered(of: Of) -> tuple[ByWhat, ...]:
    """What the bars of a Pareto can be."""
    return _ALLOWED[of]


def pareto(
    site: Site,
    period: Period,
    by: Actor,
    *,
    of: Of | str = Of.stops,
    by_what: ByWhat | str = ByWhat.reason,
    lines: Sequence[str] | None = None,
) -> Pareto:
    """The bars of a period, the biggest first: minutes of stops, set-ups and calls, pieces of scrap.

    Stops are unplanned downtime as the measure of that name has it: a line's own time for reason, product and
    line, each machine's own time by machine. Raises `Refused` for what there is not.
    """
    asked = _question(Looking(site, by, period, lines), of, by_what)
    sums = _call_sums(asked) if asked.of is Of.andon else _cube_sums(asked)
    by_pieces = asked.of is Of.scrap

    def size(one: _Sum) -> int:
        return one.pieces if by_pieces else one.us

    ordered = sorted(sums.items(), key=lambda item: (-size(item[1]), str(item[0])))
    ordered = [item for item in ordered if size(item[1])]
    whole = sum(size(one) for _key, one in ordered)
    bars, so_far = [], 0
    for key, one in ordered:
        so_far += size(one)
        bars.append(
            Bar(
                None if key is None else _code(asked, key), _label(asked, key), *one,
                100 * size(one) / whole, 100 * so_far / whole, _address(asked, key),
            )
        )  # fmt: skip
    all_of = _added(one for _key, one in ordered)
    rest = _rest(bars[MOST_BARS:])
    codes = [line.code for line in asked.lines]
    n = all_of.pieces if by_pieces else all_of.starts
    return Pareto(
        asked.of, asked.by_what, period, codes, bars[:MOST_BARS], rest, all_of.us, all_of.pieces, n,
        asked.by_what is ByWhat.machine and asked.of is Of.stops,
    )  # fmt: skip


def _question(looking: Looking, of: Of | str, by_what: ByWhat | str) -> _Question:
    if of not in set(Of):
        raise Refused(Problem(_("there is no Pareto of that"), "of", of, ", ".join(Of)))
    allowed = _ALLOWED[Of(of)]
    if by_what not in allowed:
        raise Refused(Problem(_("cannot be shown by that"), "by", by_what, ", ".join(allowed)))
    return _Question(looking, Of(of), ByWhat(by_what), looking.lines())


def _cube_sums(asked: _Question) -> dict[Key, _Sum]:
    cuts = {
        ByWhat.reason: Cut.defect if asked.of is Of.scrap else Cut.reason,
        ByWhat.machine: Cut.machine,
        ByWhat.product: Cut.product,
        ByWhat.line: Cut.line,
    }
    looking = asked.looking
    assets = [line.pk for line in asked.lines]
    if asked.by_what is ByWhat.machine:
        assets = looking.machines(asked.lines)
    states: tuple[State, ...] = ()
    if asked.of is not Of.scrap:
        states = (State.setup,) if asked.of is Of.setup else UNPLANNED
    question = CubeQuestion(
        looking.floor.rules, assets, looking.period, [cuts[asked.by_what]], looking.where, states
    )
    return {keys[0]: _sum_of(cells) for keys, cells in cube_sums(question).items()}


def _sum_of(cells: Iterable[CubeRow]) -> _Sum:
    us = pieces = starts = 0
    for cell in cells:
        us, starts = us + cell.us, starts + cell.starts
        pieces += cell.scrap + cell.scrapped_after_rework
    return _Sum(us, pieces, starts)


def _call_sums(asked: _Question) -> dict[Key, _Sum]:
    """Calls by what the bars are, with the time from raise to close (open calls: so far)."""
    found: dict[Key, list[_Sum]] = defaultdict(list)
    rules = asked.looking.floor.rules
    for call in calls_in(asked.looking):
        key: Key = call.category if asked.by_what is ByWhat.reason else call.asset
        if asked.by_what is ByWhat.line:
            key = rules.line_of(call.asset)
        found[key].append(_Sum(call.open_us, 0, 1))
    return {key: _added(sums) for key, sums in found.items()}


def _added(sums: Iterable[_Sum]) -> _Sum:
    us = pieces = starts = 0
    for one in sums:
        us, pieces, starts = us + one.us, pieces + one.pieces, starts + one.starts
    return _Sum(us, pieces, starts)


def _rest(bars: Sequence[Bar]) -> Bar | None:
    if not bars:
        return None
    sums = _added(_Sum(bar.us, bar.pieces, bar.starts) for bar in bars)
    label = _("%(n)s others") % {"n": len(bars)}
    return Bar(None, label, *sums, sum(bar.share for bar in bars), 100.0, "")


def _code(asked: _Question, key: Key) -> str:
    if asked.by_what in (ByWhat.machine, ByWhat.line):
        return asked.looking.floor.rules.assets[key].code
    return str(key)


def _label(asked: _Question, key: Key) -> str:
    if key is None:
        return _("no reason given") if asked.by_what is ByWhat.reason else _("none")
    if asked.by_what in (ByWhat.machine, ByWhat.line):
        asset = asked.looking.floor.rules.assets[key]
        return asset.name or asset.code
    if asked.by_what is ByWhat.reason and asked.of is Of.stops:
        reason = asked.looking.floor.reason(key, asked.looking.last)
        return reason.name or reason.code if reason else str(key)
    return str(key)


def _address(asked: _Question, key: Key) -> str:
    looking, measure = asked.looking, _MEASURES[asked.of]
    if asked.of is Of.andon and asked.by_what is ByWhat.reason:
        return ""
    scope, where = Scope.site(looking.site.pk), _where(asked, key)
    if asked.by_what in (ByWhat.machine, ByWhat.line):
        scope = looking.scope(key)
    elif len(asked.lines) == 1:
        scope = looking.scope(asked.lines[0].pk)
    elif looking.codes is not None:
        return ""
    return looking.opened(measure, scope, where)


def _where(asked: _Question, key: Key) -> Mapping[Cut, Key]:
    if asked.by_what is ByWhat.product:
        return {Cut.product: key}
    if asked.by_what is ByWhat.reason:
        return {Cut.defect if asked.of is Of.scrap else Cut.reason: key}
    return {}
