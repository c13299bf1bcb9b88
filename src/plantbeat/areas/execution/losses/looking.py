"""The time a question about losses looks at, the lines it looks at, and where its figures open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from plantbeat.areas.execution.kpis.asking import scope_text
from plantbeat.areas.execution.kpis.periods import PeriodChoice
from plantbeat.areas.execution.lookups import Floor
from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Refused

MOST_FACTS = 40
"""Facts named beside an answer; all of them stand behind its address."""


@dataclass(slots=True)
class Looking:
    """One look: production days `first` to `last`, all of them or their shifts of one name.

    A shift is looked at by its day and name, so that lines with other shift patterns are in the same look.
    """

    site: Site
    by: Actor
    asked: Period
    codes: Sequence[str] | None = None
    floor: Floor = field(init=False)
    shift: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self.floor = Floor(self.site, self.by)
        if self.asked.shift_id is not None:
            known = readings.shift_with_id(self.site.pk, self.asked.shift_id)
            self.shift = known.shift if known is not None else ""

    @property
    def first(self) -> date:
        """First production day."""
        return self.asked.first

    @property
    def last(self) -> date:
        """Last production day."""
        return self.asked.last

    @property
    def days(self) -> int:
        """How many production days."""
        return (self.last - self.first).days + 1

    @property
    def period(self) -> Period:
        """The days looked at."""
        return Period.of_day(self.first) if self.days == 1 else Period.of_days(self.first, self.last)

    @property
    def where(self) -> dict[Cut, Any]:
        """What the days are narrowed to."""
        return {Cut.shift: self.shift} if self.shift else {}

    def before(self, days: int) -> Period:
        """So many days up to the look, the look included."""
        return Period.of_days(self.first - timedelta(days=days), self.last)

    def lines(self) -> list[FactAsset]:
        """The lines looked at, by code. Raises `Refused` for a code that is none."""
        if self.codes is None:
            return self.floor.lines()
        return [self.floor.line(code) for code in self.codes]

    def code_of(self, asset: int) -> str:
        """Code of an asset."""
        return self.floor.rules.assets[asset].code

    def machines(self, lines: Sequence[FactAsset]) -> list[int]:
        """Machines of lines."""
        return [pk for line in lines for pk in self.floor.rules.machines_of.get(line.pk, ())]

    def scope(self, asset: int) -> Scope:
        """The scope of a line or machine."""
        known = self.floor.rules.assets[asset]
        if known.level == "line":
            return Scope.line(self.site.pk, known.code)
        return Scope.machine(self.site.pk, known.code)

    def opened(self, measure: MeasureCode, scope: Scope, where: Mapping[Cut, Key] | None = None) -> str:
        """The address of a measure of a scope for the time looked at, opened down to the facts."""
        return opened(measure, scope, self.period, {**self.where, **(where or {})})

    def facts(
        self, measure: MeasureCode, scope: Scope, where: Mapping[Cut, Key] | None = None
    ) -> tuple[int, ...]:
        """The first facts behind a measure of a scope for the time looked at (lsn, in order of time)."""
        try:
            found = drill(
                measure, scope, self.period, self.by, {**self.where, **(where or {})}, size=MOST_FACTS
            )
        except Refused:
            return ()
        return tuple(found.facts)


def opened(
    measure: MeasureCode, scope: Scope, period: Period, where: Mapping[Cut, Key], *, facts: bool = True
) -> str:
    """The page of a measure for days and parts of cuts, at its facts."""
    pairs = [("measure", str(measure)), ("scope", scope_text(scope))]
    if period.shift_id is not None:
        pairs += [("period", PeriodChoice.shift), ("shift", str(period.shift_id))]
    else:
        pairs += [
            ("period", PeriodChoice.custom),
            ("from", period.first.isoformat()),
            ("to", period.last.isoformat()),
        ]
    pairs += [("where", f"{cut}:{'' if key is None else key}") for cut, key in where.items()]
    pairs += [("cut", "none"), ("facts", "1")] if facts else []
    return f"{reverse('kpis')}?{urlencode(pairs)}{'#facts' if facts else ''}"
