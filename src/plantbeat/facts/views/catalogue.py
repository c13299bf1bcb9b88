"""The catalogue of measures: each declared once, with what it is made of, and asked for in one way.

A measure's elements come from the cube, or from facts that are counted one by one, or from records; they are
summed over the cut and the period, then its formula divides once. Nothing is ever cut by person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from threading import RLock
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.engine.kpi.ratio import Ratio, Unit
from plantbeat.engine.oee import State
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.groups import LEAST, withheld_crews
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.measure_parts import Divides
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import Place, Scope, allowed_at, place_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Problem, Refused, Text


class Direction(StrEnum):
    """Which way is better."""

    higher_is_better = "higher"
    lower_is_better = "lower"


@dataclass(frozen=True, slots=True)
class Figure:
    """What a formula comes to; `missing` says why there is no value, remarks what a reader must know."""

    numerator: int
    denominator: int
    value: float | None
    n: int
    coverage: Ratio | None = None
    missing: Text = ""
    remarks: tuple[Text, ...] = ()
    interval: tuple[float, float] | None = None
    assumed: bool = False

    @classmethod
    def of(cls, ratio: Ratio, n: int, **more: Any) -> Figure:
        """The figure of a ratio; without a denominator there is not enough data."""
        missing = more.pop("missing", "") or ("" if ratio.denominator else _("not enough data"))
        value = None if missing else ratio.value
        return cls(ratio.numerator, ratio.denominator, value, n, missing=missing, **more)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question to a measure, with everything that answering it needs."""

    measure: Measure
    scope: Scope
    period: Period
    by: Actor
    cut: Cut | None
    where: Mapping[Cut, Any]
    rules: SiteRules
    place: Place
    now_us: int

    @property
    def assets(self) -> tuple[int, ...]:
        """Assets whose elements are summed: the machines where the cut is by machine."""
        return self.place.machines if self.cut is Cut.machine else self.place.units


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure.

    elements  its elements by the key of the cut (None without a cut); parts of one key are summed with +
    figure    its formula over summed elements
    kinds     the kinds of facts it opens to
    page      name of its page in docs/reference/kpi
    divides   what its numerator and its denominator are, for those who read them
    cells     True if its elements are sums over the cube
    opens     the records it opens to, as references, where it is made of records
    states    the states whose facts it opens to, where it is made of the time in some of them
    behind    the facts it opens to (lsn, in order of time), where they are not simply all of its kinds
    """

    code: MeasureCode
    unit: str
    direction: Direction
    source: str
    page: str
    cuts: frozenset[Cut]
    elements: Callable[[Ask], Mapping[Key, Any]]
    figure: Callable[[Any, Ask], Figure]
    kinds: frozenset[str]
    divides: Divides = field(kw_only=True)
    cells: bool = False
    opens: Callable[[Ask], list[str]] | None = None
    states: frozenset[State] | None = None
    behind: Callable[[Ask], list[int]] | None = None

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return str(self.code.label)


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """A measure's value for one part of a cut: the division last, everything it came from beside it."""

    measure: MeasureCode
    unit: str
    scope: Scope
    period: Period
    cut: Cut | None
    key: Key
    label: str
    figure: Figure

    @property
    def value(self) -> float | None:
        """The value in its unit; None where there is none, and `figure.missing` says why."""
        return self.figure.value


_known: dict[MeasureCode, Measure] = {}
_declaring = RLock()


def declare(measure: Measure) -> Measure:
    """Put a measure into the catalogue; a code twice or a unit that is none is a fault of the declaration."""
    if measure.code in _known:
        raise ValueError(f"two measures have the code {measure.code}")
    if measure.unit not in {*map(str, Unit), "days"}:
        raise ValueError(f"{measure.code}: {measure.unit!r} is no unit")
    _known[measure.code] = measure
    return measure


def _declared() -> dict[MeasureCode, Measure]:
    """All measures; those of the facts themselves are declared when first asked for."""
    # The first two who ask, at once, must not both declare them, nor see half of them.
    with _declaring:
        if MeasureCode.oee not in _known:
            from plantbeat.facts.views.cube_measures import declare_cube_measures
            from plantbeat.facts.views.event_measures import declare_event_measures
            from plantbeat.facts.views.labour_measures import declare_labour_measures
            from plantbeat.facts.views.plan_measures import declare_plan_measures

            declare_labour_measures()
            declare_plan_measures()
            declare_event_measures()
            declare_cube_measures()
    return _known


def measures() -> list[Measure]:
    """All measures, in the order of their codes' declaration."""
    known = _declared()
    return [known[code] for code in MeasureCode if code in known]


def measure_named(code: str) -> Measure:
    """The measure of a code. Raises `Refused` with the codes there are."""
    known = _declared()
    if code not in known:
        allowed = ", ".join(known)
        raise Refused(Problem(_("there is no such measure"), "measure", code, allowed), Kind.missing)
    return known[MeasureCode(code)]


def values(
    code: str,
    scope: Scope,
    period: Period,
    by: Actor,
    cut: Cut | str | None = None,
    where: Mapping[Cut, Any] | None = None,
) -> list[MeasureValue]:
    """A measure for a scope and a period: one value, or one for each part of a cut, in order of the parts.

    Raises `Refused` for an unknown measure or scope, a cut it cannot have, and without a role at the site.
    """
    ask = question(code, scope, period, by, cut, where)
    parts = ask.measure.elements(ask)
    hidden = _withheld(ask, parts) if ask.cut is Cut.crew else set()
    if ask.cut is None:
        summed = parts.get(None)
        found = [] if summed is None else [(None, summed)]
    else:
        found = sorted(parts.items(), key=_part)
    return [
        MeasureValue(
            ask.measure.code, ask.measure.unit, scope, period, ask.cut, key, label_of(ask, key),
            ask.measure.figure(elements, ask) if key not in hidden else _of_few(),
        )
        for key, elements in found
    ]  # fmt: skip


def _withheld(ask: Ask, crews: Iterable[Key]) -> set[Key]:
    """Crews of too few people for figures of their own, at the lines that are asked about."""
    lines = None
    if ask.scope.level != AssetLevel.site:
        of_scope = {ask.rules.line_of(asset) for asset in ask.place.everyone} - {None}
        lines = frozenset(ask.rules.assets[line].code for line in of_scope if line is not None)
    return set(withheld_crews(ask.scope.site_id, lines, [crew for crew in crews if crew is not None]))


def _of_few() -> Figure:
    missing = _("withheld: a crew of fewer than %(n)s people, or one that would tell of it") % {"n": LEAST}
    return Figure(0, 0, None, 0, missing=missing)


def question(
    code: str,
    scope: Scope,
    period: Period,
    by: Actor,
    cut: Cut | str | None = None,
    where: Mapping[Cut, Any] | None = None,
) -> Ask:
    """A question, checked. Raises `Refused` as `values` does."""
    allowed_at(scope.site_id, by)
    measure = measure_named(code)
    wanted = [] if cut is None else [cut]
    for one in [*wanted, *(where or {})]:
        if one not in measure.cuts:
            allowed = ", ".join(each for each in Cut if each in measure.cuts)
            message = _("“%(name)s” cannot be cut by %(cut)s") % {"name": measure.name, "cut": one}
            raise Refused(Problem(message, "cut", one, allowed))
    rules = rules_of(scope.site_id)
    narrowed = {Cut(one): _asset_of(rules, one, value) for one, value in (where or {}).items()}
    ask = Ask(
        measure, scope, period, by, Cut(cut) if cut is not None else None, narrowed, rules,
        place_of(scope, rules, period.last), clock.now_us(),
    )  # fmt: skip
    crew = narrowed.get(Cut.crew)
    if crew is not None and crew in _withheld(ask, _crews_of(ask)):
        raise Refused(Problem(str(_of_few().missing), "where", crew), Kind.forbidden)
    return ask


def _crews_of(ask: Ask) -> set[str]:
    start_us, end_us = ask.period.bounds_us(ask.rules)
    rows = FactShift.objects.filter(site=ask.scope.site_id, start_us__lt=end_us, end_us__gt=start_us)
    return set(rows.values_list("crew", flat=True))


def _asset_of(rules: SiteRules, cut: Cut | str, value: Any) -> Any:
    """A line or machine may be named by its code."""
    if cut not in (Cut.line, Cut.machine) or not isinstance(value, str):
        return value
    found = next((pk for pk, asset in rules.assets.items() if asset.code == value), None)
    if found is None:
        message = _("there is no %(cut)s “%(code)s” here") % {"cut": cut, "code": value}
        raise Refused(Problem(message, "where", value), Kind.missing)
    return found


def label_of(ask: Ask, key: Key) -> str:
    """How a part of the cut is called."""
    if key is None:
        return _("none") if ask.cut is not None else ""
    if ask.cut in (Cut.line, Cut.machine):
        return ask.rules.assets[key].name if key in ask.rules.assets else str(key)
    return clock.from_us(key).isoformat() if ask.cut is Cut.hour else str(key)


def _part(item: tuple[Key, Any]) -> tuple[bool, Any]:
    key = item[0]
    return key is None, key if key is not None else 0
