"""Kinds of calls and the ladder of a site: as its records say, else the defaults, which pages name so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.records.andon_category import MINUTE_US, AndonCategory, Symbol
from plantbeat.areas.execution.records.andon_rule import AndonRule
from plantbeat.areas.execution.records.escalation_rung import About, EscalationRung
from plantbeat.areas.execution.records.notice import Channel
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text

READER = Actor.system("andon")


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of call; limits in µs from the call. `is_default`: the site has set up none."""

    code: str
    name: Text
    symbol: str
    respond_us: int
    resolve_us: int
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder of one call."""

    rung: int
    role: str
    delay_us: int
    channels: tuple[str, ...]


def _default(code: str, name: Text, symbol: Symbol, respond_min: int, resolve_min: int) -> Category:
    return Category(code, name, symbol.value, respond_min * MINUTE_US, resolve_min * MINUTE_US, True)


DEFAULT_CATEGORIES = (
    _default("maintenance", _("Maintenance"), Symbol.tool, 5, 30),
    _default("quality", _("Quality"), Symbol.checklist, 5, 30),
    _default("material", _("Material"), Symbol.package, 5, 20),
    _default("safety", _("Safety"), Symbol.warning, 2, 30),
    _default("help", _("Line lead"), Symbol.people, 3, 20),
)
"""What can be called for at a site that has set up no kinds of calls."""

_FIRST = {"maintenance": Role.maintenance, "quality": Role.quality, "safety": Role.ehs}
_NEAR = (Channel.board.value, Channel.sound.value)
_FAR = (*_NEAR, Channel.email.value, Channel.gateway.value)


def default_ladder(category: str) -> list[Rung]:
    """The ladder where a site has set up none: those who help, line lead, supervisor, manager."""
    first = [Rung(1, _FIRST[category], 0, _FAR)] if category in _FIRST else []
    above = ((Role.line_lead, 0, _NEAR), (Role.supervisor, 5, _FAR), (Role.manager, 15, _FAR))
    start = len(first)
    if first:
        above = ((Role.line_lead, 3, _NEAR), *above[1:])
    return first + [
        Rung(start + place, role, minutes * MINUTE_US, channels)
        for place, (role, minutes, channels) in enumerate(above, 1)
    ]


def categories(site: Site, *, every: bool = False) -> list[Category]:
    """Kinds of calls of a site in the order of their buttons; `every`: those out of use too."""
    rows = list(visible(AndonCategory, READER).filter(site=site).order_by("position", "code"))
    if not rows:
        return list(DEFAULT_CATEGORIES)
    return [
        Category(row.code, row.name, row.symbol, row.respond_limit, row.resolve_limit)
        for row in rows
        if every or row.active
    ]


def category_of(site: Site, code: str) -> Category:
    """The kind of a call; a code that the site does not know (from a machine) has the usual limits."""
    known = {one.code: one for one in (*DEFAULT_CATEGORIES, *categories(site, every=True))}
    return known.get(code) or Category(code, code, Symbol.bell.value, 5 * MINUTE_US, 30 * MINUTE_US)


def ladder_of(site: Site, category: str, line: str = "", area: str = "") -> tuple[list[Rung], bool]:
    """The rungs of a call, the lowest first, and whether they are the default ladder."""
    rows = _rungs(site, About.call)
    found: dict[int, EscalationRung] = {}
    is_default = True
    for row in rows:
        is_default = False
        if _applies(row, category, line, area):
            found[row.rung] = row
    if is_default:
        return default_ladder(category), True
    return [_rung(found[number]) for number in sorted(found)], False


DEFAULT_HANDOFF_LADDER = (
    Rung(1, Role.supervisor, 0, _FAR),
    Rung(2, Role.manager, 15 * MINUTE_US, _FAR),
)
"""Who is told of an unsigned handoff where a site has set up no rungs for it."""


def handoff_ladder_of(site: Site, area: str) -> tuple[list[Rung], bool]:
    """The rungs of an unsigned handoff of an area, the lowest first, and whether they are the default."""
    rows = _rungs(site, About.handoff)
    if not rows:
        return list(DEFAULT_HANDOFF_LADDER), True
    found = {row.rung: row for row in rows if row.area is None or row.area.code == area}
    return [_rung(found[number]) for number in sorted(found)], False


def _rungs(site: Site, about: About) -> list[EscalationRung]:
    """Rungs of a site, the more precise ones later."""
    rows = visible(EscalationRung, READER).filter(site=site, about=about)
    return sorted(rows.select_related("category", "line", "area"), key=_precision)


def _precision(row: EscalationRung) -> tuple[bool, bool, bool, str]:
    return row.line_id is not None, row.area_id is not None, row.category_id is not None, row.code


def _applies(row: EscalationRung, category: str, line: str, area: str) -> bool:
    return (
        (row.category is None or row.category.code == category)
        and (row.line is None or row.line.code == line)
        and (row.area is None or row.area.code == area)
    )


def _rung(row: EscalationRung) -> Rung:
    channels = tuple(one.value for one in Channel if getattr(row, one.value))
    return Rung(row.rung, row.role, row.delay, channels)


def rule_of(site: Site) -> AndonRule | None:
    """The andon rule in force; None where none was set up."""
    today = rules_of(site.pk).day_at(clock.now_us())
    rows = visible(AndonRule, READER).filter(site=site, valid_from__lte=today)
    return rows.order_by("-valid_from").first()


def channels_in(ladders: Iterable[Iterable[Rung]]) -> set[str]:
    """Channels that any of the rungs use."""
    return {channel for rungs in ladders for rung in rungs for channel in rung.channels}
