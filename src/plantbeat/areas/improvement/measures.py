"""Measures over actions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.improvement.questions import ActionOnList, actions_known
from plantbeat.engine.kpi.actions import Action, open_actions_on_time
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, grouped, narrowed
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import things_of


def _as_of(ask: Ask) -> date:
    """The last day of the period, or today while it is going on: open is what is open at the end of it."""
    return min(ask.period.last, ask.rules.day_at(ask.now_us))


def _open(ask: Ask) -> list[tuple[ActionOnList, int | None]]:
    """Actions of the scope that were open at the end of the day, each with the asset of its line."""
    until_us = ask.rules.midnight_us(_as_of(ask) + timedelta(days=1))
    lines = {asset.ref: asset.pk for asset in ask.rules.assets.values()}
    found = []
    for one in actions_known(ask.scope.site_id, until_us, ask.by):
        line = lines.get(f"plant.Line:{one.line}") if one.line is not None else None
        inside = ask.scope.level == AssetLevel.site or line in ask.place.units
        if inside and (one.settled_us is None or one.settled_us >= until_us):
            found.append((one, line))
    return found


def _actions(ask: Ask) -> Mapping[Key, tuple[Action, ...]]:
    return grouped(ask, [Counted(Action(one.due), {Cut.line: line}) for one, line in _open(ask)])


def _on_time(actions: tuple[Action, ...], ask: Ask) -> Figure:
    result = open_actions_on_time(actions, _as_of(ask))
    late = result.ratio.denominator - result.ratio.numerator
    remarks = (_("%(n)s overdue") % {"n": late},) if late else ()
    missing = "" if actions else _("no action is open")
    return Figure.of(result.ratio, len(actions), missing=missing, remarks=remarks)


def _opened(ask: Ask) -> list[str]:
    return [one.reference for one, line in _open(ask) if narrowed(ask, {Cut.line: line})]


def declare_action_measures() -> None:
    """Put the measures over actions into the catalogue."""
    declare(
        Measure(
            MeasureCode.open_actions_on_time, str(Unit.percent), Direction.higher_is_better, "site practice",
            "open_actions_on_time", frozenset({Cut.line}), _actions, _on_time, frozenset(), opens=_opened,
            divides=(
                things_of(gettext_lazy("open actions that are not overdue")),
                things_of(gettext_lazy("open actions")),
            ),
        )
    )  # fmt: skip
