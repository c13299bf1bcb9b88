"""What differs from usual in a shift, a day or a run of days, against comparable times before."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from math import log2

from django.utils.translation import gettext as _

from plantbeat.areas.execution.losses import wording
from plantbeat.areas.execution.losses.answers import Kind, Looked, RateTrend, Unusual
from plantbeat.areas.execution.losses.blocks import (
    LineBlocks,
    block_of,
    exposed,
    history_days,
    hours,
    line_blocks,
    stop_blocks,
)
from plantbeat.areas.execution.losses.calls import Call, answer_limits, calls_in, unanswered_of
from plantbeat.areas.execution.losses.changeovers import MINUTE_US, setups_of
from plantbeat.areas.execution.losses.day_sums import Counted
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.areas.execution.losses.rates import rising_scrap
from plantbeat.areas.execution.losses.repeats import stop_surprises
from plantbeat.areas.execution.losses.staffing import Sheet, needs_of, sheets_in
from plantbeat.engine.oee.formulas import six_big_losses
from plantbeat.engine.signals.rate_change import ALPHA
from plantbeat.engine.signals.surprise import (
    FALSE_ALARMS,
    LEAST,
    Surprise,
    count_surprise,
    level_surprise,
    named_first,
)
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

MOST_CHANGEOVERS = 60
_LOSSES: tuple[tuple[MeasureCode, str], ...] = (
    (MeasureCode.loss_breakdowns, "breakdowns_us"),
    (MeasureCode.loss_setup, "setup_us"),
    (MeasureCode.loss_minor_stops, "minor_stops_us"),
    (MeasureCode.loss_starved, "starved_us"),
    (MeasureCode.loss_blocked, "blocked_us"),
    (MeasureCode.loss_reduced_speed, "reduced_speed_us"),
)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A value that was judged; `told` makes the answer if it stands out."""

    surprise: Surprise
    told: Callable[[Surprise], Unusual]

    @property
    def chance(self) -> float:
        return self.surprise.chance


def unusual(site: Site, period: Period, by: Actor, *, lines: Sequence[str] | None = None) -> list[Unusual]:
    """What differs from usual, ranked by surprise; see `look`."""
    return look(site, period, by, lines=lines).found


def look(site: Site, period: Period, by: Actor, *, lines: Sequence[str] | None = None) -> Looked:
    """What differs from usual in a period, and how much was looked at.

    A shift is compared with the line's last shifts of the same name, a day with its last days, a run of
    days with the runs before it: thirty at most, eight at least, else the line is among `too_little`.
    Judged are the stops of each machine for each reason, the losses, scrap by defect, each changeover,
    andon calls, and over the weeks up to the look the scrap causes whose rate has risen (`drifts`). The
    chance that anything of it is named while nothing is different is at most `false_alarms`. Broken
    limits (a call nobody answered, a shift below its need) are no statistics: they are always there,
    first.
    """
    looking = Looking(site, by, period, lines)
    known = looking.lines()
    ids = [line.pk for line in known]
    of_lines = line_blocks(looking, ids)
    calls = calls_in(looking, looking.before(history_days(looking)))
    candidates = [
        *_stops(looking, of_lines),
        *_losses(looking, of_lines),
        *_scrap(looking, of_lines),
        *_changeovers(looking, ids),
        *_calls(looking, of_lines, calls),
    ]
    limits = [*_unanswered(looking, calls), *_short(looking)]
    named = [one.told(one.surprise) for one in named_first(candidates, FALSE_ALARMS - ALPHA)]
    named += [_drift(looking, one) for one in rising_scrap(looking)]
    named.sort(key=lambda one: one.chance)
    too_little = [
        line.code
        for line in known
        if 0 in (blocks := of_lines.at(line.pk)) and blocks[0].pbt_us and len(exposed(blocks)) < LEAST
    ]
    return Looked(period, limits + named, len(candidates), too_little, FALSE_ALARMS)


def _stops(looking: Looking, of_lines: LineBlocks) -> Iterator[_Candidate]:
    stops = stop_blocks(looking, looking.machines(looking.lines()))
    for (machine, code), surprise in stop_surprises(looking, of_lines, stops).items():
        now = stops[machine, code].get(0, Counted(0, 0))

        def told(s: Surprise, machine: int = machine, code: Key = code, now: Counted = now) -> Unusual:
            asset = looking.floor.rules.assets[machine]
            text = wording.stops(asset.name, looking.floor.reason(code, looking.last), s, looking)
            measure, scope = MeasureCode.unplanned_downtime_percent, looking.scope(machine)
            where = {Cut.reason: code}
            return _made(
                looking, machine, Kind.stops, str(code), text, s, "", now.us, 0, measure, scope, where
            )

        yield _Candidate(surprise, told)


def _losses(looking: Looking, of_lines: LineBlocks) -> Iterator[_Candidate]:
    """Shares of planned busy time lost, in percent."""
    for line, blocks in of_lines.of.items():
        if 0 not in blocks or not blocks[0].pbt_us:
            continue
        losses = {block: six_big_losses(blocks[block]) for block in (0, *exposed(blocks))}
        for measure, name in _LOSSES:
            lost_us = getattr(losses[0], name)
            shares = [100.0 * getattr(one, name) / one.pbt_us for block, one in losses.items() if block]
            surprise = level_surprise(100.0 * lost_us / blocks[0].pbt_us, shares)
            if surprise is None:
                continue

            def told(
                s: Surprise, line: int = line, measure: MeasureCode = measure, us: int = lost_us
            ) -> Unusual:
                asset = looking.floor.rules.assets[line]
                text = wording.loss(asset.code, str(measure.label), us, s)
                scope = looking.scope(line)
                return _made(looking, line, Kind.loss, str(measure), text, s, "%", us, 0, measure, scope, {})

            yield _Candidate(surprise, told)


def _scrap(looking: Looking, of_lines: LineBlocks) -> Iterator[_Candidate]:
    for (line, defect), pieces in of_lines.defects.items():
        blocks = of_lines.at(line)
        if 0 not in blocks:
            continue
        before = [(pieces.get(block, 0), float(blocks[block].produced)) for block in exposed(blocks)]
        count, made = pieces.get(0, 0), blocks[0].produced
        surprise = count_surprise(count, float(made), before)
        if surprise is None:
            continue

        def told(
            s: Surprise, line: int = line, defect: str = defect, count: int = count, made: int = made
        ) -> Unusual:
            asset = looking.floor.rules.assets[line]
            text = wording.scrap(asset.code, defect, made, s)
            measure, scope, where = MeasureCode.scrap_percent, looking.scope(line), {Cut.defect: defect}
            return _made(looking, line, Kind.scrap, defect, text, s, "pcs", 0, count, measure, scope, where)

        yield _Candidate(surprise, told)


def _changeovers(looking: Looking, ids: Sequence[int]) -> Iterator[_Candidate]:
    """Each changeover of the time looked at against the last sixty of its line."""
    since = looking.first - timedelta(days=2 * history_days(looking))
    first_us = looking.floor.rules.midnight_us(looking.first)
    for line, setups in setups_of(looking, ids, Period.of_days(since, looking.last)).items():
        changeovers = [one for one in setups if one.is_changeover]
        before = [one.us / MINUTE_US for one in changeovers if one.start_us < first_us][-MOST_CHANGEOVERS:]
        for one in changeovers:
            surprise = level_surprise(one.us / MINUTE_US, before) if one.start_us >= first_us else None
            if surprise is None:
                continue

            def told(s: Surprise, line: int = line, one: object = one) -> Unusual:
                return wording.changeover(looking, line, one, s)  # type: ignore[arg-type]

            yield _Candidate(surprise, told)


def _calls(looking: Looking, of_lines: LineBlocks, calls: Sequence[Call]) -> Iterator[_Candidate]:
    days = Counter((call.line, call.day) for call in calls if call.day)
    counts: dict[int | None, Counter[int]] = defaultdict(Counter)
    for (of_line, day), number in days.items():
        counts[of_line][block_of(looking, date.fromisoformat(day))] += number
    for line, blocks in of_lines.of.items():
        if 0 not in blocks:
            continue
        count = counts[line]
        before = [(count.get(block, 0), hours(blocks[block])) for block in exposed(blocks)]
        surprise = count_surprise(count.get(0, 0), hours(blocks[0]), before)
        if surprise is None:
            continue

        def told(s: Surprise, line: int = line) -> Unusual:
            text = wording.calls(looking.floor.rules.assets[line].code, s)
            measure, scope = MeasureCode.mttr, looking.scope(line)
            return _made(looking, line, Kind.andon, "calls", text, s, "", 0, 0, measure, scope, {})

        yield _Candidate(surprise, told)


def _drift(looking: Looking, one: RateTrend) -> Unusual:
    """A scrap cause that has risen over weeks; its value and usual are in percent of the pieces made."""
    change = one.change
    if change is None:
        raise ValueError("a drift has a change")
    last = one.weeks[-1]
    return Unusual(
        one.line, one.line, Kind.drift, str(one.key), wording.rate_change(one, _("scrap")),
        change.after.value / one.per, change.before.value / one.per, change.before.low / one.per,
        change.before.high / one.per, len(one.weeks), one.unit, change.chance, -log2(change.chance or 1e-300),
        0, last.events, one.url, one.facts,
    )  # fmt: skip


def _unanswered(looking: Looking, calls: Sequence[Call]) -> Iterator[Unusual]:
    """Calls of the time looked at that nobody acknowledged at all within the limit."""
    now = [call for call in calls if call.day and looking.first.isoformat() <= call.day]
    answered = [call for call in calls if call.acked_us is not None]
    for one in unanswered_of(looking, now, answer_limits(looking.site)):
        if one.acked_us is None:
            scope = Scope.machine(looking.site.pk, one.asset)
            yield Unusual(
                one.line, one.asset, Kind.andon, one.call, wording.unanswered(one, looking),
                1.0, 0.0, 0.0, 0.0, len(answered), "", 0.0, 0.0, one.waited_us, 0,
                looking.opened(MeasureCode.mttr, scope), partial(tuple, one.lsns), is_limit=True,
            )  # fmt: skip


def _short(looking: Looking) -> Iterator[Unusual]:
    """Shifts of the time looked at with fewer people than the line needs, by line and name."""
    needs = needs_of(looking.site, looking.by)
    groups: dict[tuple[int, str], list[Sheet]] = {}
    for sheet in sheets_in(looking, looking.period):
        need = needs.of(looking.code_of(sheet.line), sheet.shift)
        if need is not None and sheet.present < need:
            groups.setdefault((sheet.line, sheet.shift), []).append(sheet)
    for (line, shift), sheets in groups.items():
        code = looking.code_of(line)
        need = needs.of(code, shift) or 0
        yield Unusual(
            code, code, Kind.staffing, shift, wording.short(code, shift, need, sheets),
            float(sum(sheet.present for sheet in sheets)), float(need * len(sheets)), 0.0, 0.0, len(sheets),
            "", 0.0, 0.0, 0, 0,
            looking.opened(MeasureCode.attendance, looking.scope(line), {Cut.shift: shift}),
            partial(tuple, [sheet.lsn for sheet in sheets]), is_limit=True,
        )  # fmt: skip


def _made(
    looking: Looking, asset: int, kind: Kind, key: str, text: str, s: Surprise, unit: str, us: int,
    pieces: int, measure: MeasureCode, scope: Scope, where: Mapping[Cut, Key],
) -> Unusual:  # fmt: skip
    rules = looking.floor.rules
    line = rules.line_of(asset)
    return Unusual(
        rules.assets[line].code if line is not None else "", rules.assets[asset].code, kind, key, text,
        s.value, s.usual, s.low, s.high, s.n, unit, s.chance, s.bits, us, pieces,
        looking.opened(measure, scope, where), partial(looking.facts, measure, scope, where),
    )  # fmt: skip
