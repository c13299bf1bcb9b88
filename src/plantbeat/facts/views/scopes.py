"""What a measure is asked about: a site, or an area, line or machine of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views.rules import SiteRules
from plantbeat.kernel.access import Actor
from plantbeat.kernel.problems import Kind, Problem, Refused


@dataclass(frozen=True, slots=True)
class Scope:
    """A place: the site (no code), or the area, line or machine with a code."""

    site_id: int
    level: AssetLevel
    code: str = ""

    @classmethod
    def site(cls, site_id: int) -> Scope:
        """The whole site."""
        return cls(site_id, AssetLevel.site)

    @classmethod
    def area(cls, site_id: int, code: str) -> Scope:
        """An area by its code."""
        return cls(site_id, AssetLevel.area, code)

    @classmethod
    def line(cls, site_id: int, code: str) -> Scope:
        """A line by its code."""
        return cls(site_id, AssetLevel.line, code)

    @classmethod
    def machine(cls, site_id: int, code: str) -> Scope:
        """A machine by its code."""
        return cls(site_id, AssetLevel.machine, code)


@dataclass(frozen=True, slots=True)
class Place:
    """The assets behind a scope.

    units     those whose elements are summed: lines, and machines that belong to none; machines in series
              are never summed
    machines  the machines among and below them
    everyone  all assets of the scope, for facts that are counted one by one
    """

    units: tuple[int, ...]
    machines: tuple[int, ...]
    everyone: tuple[int, ...]


def allowed_at(site_id: int, by: Actor) -> None:
    """Refuse who has no role at a site."""
    if site_id not in by.sites():
        raise Refused(Problem(_("you have no role at this site")), Kind.forbidden)


def place_of(scope: Scope, rules: SiteRules, day: date) -> Place:
    """The assets of a scope as the tree stands on a day. Raises `Refused` for a code that does not exist."""
    assets = rules.assets
    if scope.level == AssetLevel.site:
        everyone = sorted(assets)
    else:
        asset = next((a for a in assets.values() if a.code == scope.code and a.level == scope.level), None)
        if asset is None:
            message = _("there is no %(kind)s “%(code)s” here")
            values = {"kind": AssetLevel(scope.level).label, "code": scope.code}
            raise Refused(Problem(message % values, "code", scope.code), Kind.missing)
        everyone = sorted(_below(asset, rules, day))
    machines = [pk for pk in everyone if assets[pk].level in (AssetLevel.machine, AssetLevel.cell)]
    if scope.level == AssetLevel.machine:
        units = machines
    else:
        lines = [pk for pk in everyone if assets[pk].level == AssetLevel.line]
        units = lines + [pk for pk in machines if rules.line_of(pk) is None]
    return Place(tuple(units), tuple(machines), tuple(everyone))


def _below(asset: FactAsset, rules: SiteRules, day: date) -> set[int]:
    if asset.level == AssetLevel.line:
        return {asset.pk, *rules.machines_of.get(asset.pk, ())}
    if asset.level == AssetLevel.area:
        return {asset.pk, *(pk for pk in rules.assets if rules.area_of(pk, day) == asset.code)}
    return {asset.pk}
