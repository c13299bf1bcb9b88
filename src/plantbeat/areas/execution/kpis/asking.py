"""What is asked of a measure, as an address spells it: place, period, cut, the parts opened so far, facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.execution.kpis.periods import PeriodChoice, chosen_period
from plantbeat.areas.execution.lookups import Floor
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Measure, measure_named
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope, place_of
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused

FACTS_A_PAGE = 50
MOST_PAGES = 100_000

_CUT_ORDER = (
    Cut.line, Cut.reason, Cut.defect, Cut.shift, Cut.product, Cut.order, Cut.day, Cut.hour, Cut.crew,
    Cut.machine,
)  # fmt: skip
"""Which cut is opened first, where nobody has chosen one."""

OnProblem = Callable[[Problem], None]


@dataclass(frozen=True, slots=True)
class KpiQuestion:
    """One question to a measure.

    `where` are the parts opened so far, by cut; None is what belongs to no part. `choice` is how the period
    was chosen, `shift_given` the shift the address named. `notices` say what could not be taken as asked.
    """

    floor: Floor
    measure: Measure
    scope: Scope
    choice: PeriodChoice
    period: Period
    cut: Cut | None = None
    where: Mapping[Cut, Key] = field(default_factory=dict)
    facts: bool = False
    page: int = 1
    shift_given: bool = False
    notices: tuple[str, ...] = ()

    @property
    def site(self) -> Site:
        """The site that is asked about."""
        return self.floor.site

    @property
    def by(self) -> Actor:
        """Who asks."""
        return self.floor.by

    @property
    def one_day(self) -> bool:
        """True if the period is a day or a shift."""
        return self.period.first == self.period.last

    def cuts(self) -> list[Cut]:
        """What the measure can still be cut by here, the usual first."""
        used = set(self.where)
        if self.scope.level in (AssetLevel.line, AssetLevel.machine):
            used.add(Cut.line)
        if self.scope.level == AssetLevel.machine:
            used.add(Cut.machine)
        if self.one_day:
            used.add(Cut.day)
        if self.period.shift_id is not None:
            used.add(Cut.shift)
        if Cut.order in used:
            used.add(Cut.product)
        return [cut for cut in _CUT_ORDER if cut in self.measure.cuts and cut not in used]

    def query(self) -> str:
        """The question as the query part of an address."""
        parts = {"measure": str(self.measure.code), "scope": scope_text(self.scope), "period": self.choice}
        if self.choice is PeriodChoice.custom:
            parts |= {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        if self.shift_given:
            parts["shift"] = str(self.period.shift_id)
        if self.cut is not None:
            parts["cut"] = str(self.cut)
        pairs = [*parts.items(), *(("where", f"{cut}:{_spelled(key)}") for cut, key in self.where.items())]
        if self.facts:
            pairs.append(("facts", "1"))
        if self.page > 1:
            pairs.append(("page", str(self.page)))
        return urlencode(pairs)

    def address(self, page: str = "kpis", **more: Any) -> str:
        """Where the question is answered."""
        return f"{reverse(page, kwargs=more or None)}?{self.query()}"

    def into(self, cut: Cut, key: Key) -> KpiQuestion:
        """The question opened down into one part of a cut, cut by what is asked next there."""
        if cut in (Cut.line, Cut.machine):
            asset = self.floor.rules.assets.get(key)
            if asset is None:
                return replace(self, where={**self.where, cut: None}, cut=None, facts=True, page=1)
            opened = replace(self, scope=Scope(self.site.pk, AssetLevel(asset.level), asset.code))
        elif cut is Cut.day and key is not None:
            day = Period.of_day(date.fromisoformat(key))
            opened = replace(self, period=day, choice=PeriodChoice.custom)
        else:
            opened = replace(self, where={**self.where, cut: key})
        return opened.deeper()

    def deeper(self) -> KpiQuestion:
        """Cut by the next thing there is to cut by; with nothing left, open to the facts.

        Machines in series are no parts of a line's value: they are looked at when somebody chooses to.
        """
        left = [cut for cut in self.cuts() if cut is not Cut.machine or not self.measure.cells]
        return replace(self, cut=left[0] if left else None, facts=not left, page=1)

    def without(self, cut: Cut) -> KpiQuestion:
        """The question with one of the opened parts closed again."""
        return replace(self, where={one: key for one, key in self.where.items() if one is not cut}, page=1)


def scope_text(scope: Scope) -> str:
    """A scope as an address spells it: `site`, `line:L1`."""
    return f"{scope.level}:{scope.code}" if scope.code else str(scope.level)


def kpi_address(measure: MeasureCode | str, scope: Scope, **more: str | int) -> str:
    """The page of a measure for a scope; `more` as its address spells it (period, shift, cut, where)."""
    said = {"measure": str(measure), "scope": scope_text(scope), **{k: str(v) for k, v in more.items()}}
    return f"{reverse('kpis')}?{urlencode(said)}"


def read_question(
    given: QueryDict, site: Site, by: Actor, *, code: str = "", strict: bool = False
) -> KpiQuestion:
    """The question an address asks; without anything OEE of the site today.

    Strict, whatever cannot be taken is refused. Else what does not fit the measure (a cut it does not have, a
    shift where none is worked) is left out with a notice; what does not exist is refused all the same.
    """
    floor, notices = Floor(site, by), _Notices(strict)
    measure = measure_named(code or given.get("measure", "") or MeasureCode.oee)
    scope = _scope(given.get("scope", ""), site.pk)
    where: dict[Cut, Key] = {}
    for text in given.getlist("where"):
        cut, key = _part(text)
        if cut in (Cut.line, Cut.machine) and key is not None:
            scope = Scope(site.pk, AssetLevel(cut.value), str(key))
        elif cut in measure.cuts:
            where[cut] = key
        else:
            notices(_no_cut(measure, cut))
    place = place_of(scope, floor.rules, floor.today)
    choice, period = chosen_period(given, floor, place.units, notices)
    asked = KpiQuestion(
        floor, measure, scope, choice, period, None, where, given.get("facts") == "1",
        _whole(given, "page", MOST_PAGES), choice is PeriodChoice.shift and "shift" in given,
    )  # fmt: skip
    chosen = _cut(given.get("cut", ""), asked, notices)
    if chosen is None and not strict and given.get("cut") != "none" and not asked.facts:
        chosen = next(iter(asked.cuts()), None)
    return replace(asked, cut=chosen, notices=tuple(notices.said))


class _Notices:
    """Takes what could not be taken as asked: refuses, or keeps it to be shown."""

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.said: list[str] = []

    def __call__(self, problem: Problem) -> None:
        if self.strict:
            raise Refused(problem)
        self.said.append(str(problem.message))


def _scope(text: str, site_id: int) -> Scope:
    level, _colon, code = (text or "site").partition(":")
    if level == AssetLevel.site and not code:
        return Scope.site(site_id)
    if level not in (AssetLevel.area, AssetLevel.line, AssetLevel.machine) or not code:
        allowed = "site, area:CODE, line:CODE, machine:CODE"
        raise Refused(Problem(_("is no place"), "scope", text, allowed))
    return Scope(site_id, AssetLevel(level), code)


def _part(text: str) -> tuple[Cut, Key]:
    name, colon, key = text.partition(":")
    if name not in set(Cut) or not colon:
        raise Refused(Problem(_("is no part of a cut"), "where", text, "CUT:PART"))
    cut = Cut(name)
    if key == "":
        return cut, None
    try:
        if cut is Cut.hour:
            return cut, int(key)
        if cut is Cut.day:
            return cut, date.fromisoformat(key).isoformat()
    except ValueError:
        allowed = _("a day as 2026-03-31, an hour in µs since 1970")
        raise Refused(Problem(_("is no part of a cut"), "where", text, allowed)) from None
    return cut, key


def _cut(text: str, asked: KpiQuestion, notices: OnProblem) -> Cut | None:
    if text in ("", "none"):
        return None
    if text not in set(Cut):
        raise Refused(Problem(_("is no cut"), "cut", text, ", ".join(Cut)))
    cut = Cut(text)
    if cut not in asked.measure.cuts:
        notices(_no_cut(asked.measure, cut))
        return None
    return cut


def _no_cut(measure: Measure, cut: Cut) -> Problem:
    allowed = ", ".join(each for each in Cut if each in measure.cuts)
    message = _("“%(name)s” cannot be cut by %(cut)s") % {"name": measure.name, "cut": cut}
    return Problem(message, "cut", cut, allowed)


def _whole(given: QueryDict, name: str, most: int) -> int:
    text = given.get(name, "1")
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise Refused(Problem(_("is out of range"), name, text, _("1 to %(most)s") % {"most": most}))
    return int(text)


def _spelled(key: Key) -> str:
    return "" if key is None else str(key)
