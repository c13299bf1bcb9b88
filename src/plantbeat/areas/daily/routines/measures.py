"""How routines are kept, as a measure of the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.daily.records.routine import Routine
from plantbeat.areas.daily.routines.questions import marks_between
from plantbeat.engine.kpi.ratio import Unit
from plantbeat.engine.kpi.routines import Mark, routine_adherence
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Ask, Direction, Figure, Measure, declare
from plantbeat.facts.views.counted import Counted, grouped
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.groups import LEAST
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import things_of


def _of_site(ask: Ask) -> list[tuple[int, Mark]]:
    """Occurrences belong to people of the whole site, so only the site has them."""
    if ask.scope.level != AssetLevel.site:
        return []
    return marks_between(ask.scope.site_id, ask.period.first, ask.period.last, ask.by)


def _marks(ask: Ask) -> Mapping[Key, tuple[Mark, ...]]:
    return grouped(ask, [Counted(mark, {Cut.day: mark.due.isoformat()}) for _one, mark in _of_site(ask)])


def _adherence(marks: tuple[Mark, ...], ask: Ask) -> Figure:
    people = len({mark.person for mark in marks})
    if marks and people < LEAST:
        return Figure(0, 0, None, 0, missing=_("withheld: fewer than %(n)s people") % {"n": LEAST})
    ratio = routine_adherence(marks, ask.rules.day_at(ask.now_us))
    return Figure.of(ratio, ratio.denominator, missing="" if marks else _("no routine was due"))


def _opened(ask: Ask) -> list[str]:
    return [f"{Routine.type_code()}:{pk}" for pk in sorted({pk for pk, _mark in _of_site(ask)})]


def declare_routine_measures() -> None:
    """Put the measure into the catalogue."""
    declare(
        Measure(
            MeasureCode.routine_adherence, str(Unit.percent), Direction.higher_is_better, "site practice",
            "routine_adherence", frozenset({Cut.day}), _marks, _adherence, frozenset(), opens=_opened,
            divides=(
                things_of(gettext_lazy("routines done")),
                things_of(gettext_lazy("routines due")),
            ),
        )
    )  # fmt: skip
