"""What several questions of execution look up: the line of a code, names of reasons, shifts as answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from plantbeat.areas.execution.answers import Reason, ShiftNow
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import allowed_at
from plantbeat.facts.views.shifts import worked_by, working
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused


@dataclass(slots=True)
class Floor:
    """A site as one question sees it: its rules, the instant, and who asks (who has a role there)."""

    site: Site
    by: Actor
    rules: SiteRules = field(init=False)
    now_us: int = field(init=False)

    def __post_init__(self) -> None:
        allowed_at(self.site.pk, self.by)
        self.rules, self.now_us = rules_of(self.site.pk), clock.now_us()

    @property
    def today(self) -> date:
        """The local day that is going on."""
        return self.rules.day_at(self.now_us)

    def lines(self) -> list[FactAsset]:
        """Lines in use, by code."""
        found = [
            asset
            for asset in self.rules.assets.values()
            if asset.level == AssetLevel.line and self._in_use(asset)
        ]
        return sorted(found, key=lambda asset: asset.code)

    def _in_use(self, asset: FactAsset) -> bool:
        return asset.valid_to_us is None or asset.valid_to_us > self.now_us

    def line(self, code: str) -> FactAsset:
        """A line by its code. Raises `Refused` if there is none."""
        return self._named(code, (AssetLevel.line,), _("there is no line “%(code)s” here"))

    def asset(self, code: str) -> FactAsset:
        """A line or machine by its code. Raises `Refused` if there is none."""
        levels = (AssetLevel.line, AssetLevel.machine, AssetLevel.cell)
        return self._named(code, levels, _("there is no line or machine “%(code)s” here"))

    def _named(self, code: str, levels: tuple[AssetLevel, ...], message: str) -> FactAsset:
        for asset in self.rules.assets.values():
            if asset.code == code and asset.level in levels:
                return asset
        raise Refused(Problem(message % {"code": code}, "code", code), Kind.missing)

    def reason(self, code: str | None, day: date) -> Reason | None:
        """A reason with its name and loss as they are on a day."""
        if code is None:
            return None
        rule = self.rules.reasons(day).get(code)
        return Reason(code, rule.name if rule else "", rule.loss if rule else "")

    def shift_now(self, asset: FactAsset, shifts: Iterable[FactShift]) -> FactShift | None:
        """The shift an asset works in now."""
        worked = working(self.shifts_of(asset, shifts, self.today), self.now_us)
        return worked[0] if worked else None

    def shifts_of(self, asset: FactAsset, shifts: Iterable[FactShift], day: date) -> list[FactShift]:
        """Those of the shifts that an asset works, by its pattern of a day."""
        pattern = self.rules.reading(asset.pk, day).pattern
        return worked_by(shifts, pattern, self.rules.line_of(asset.pk))


def shift_answer(shift: FactShift) -> ShiftNow:
    """A shift as answers carry it."""
    return ShiftNow(shift.pk, shift.shift, shift.crew, shift.start_us, shift.end_us, shift.owner_day)
