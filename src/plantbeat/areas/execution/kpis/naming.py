"""How the parts of a cut are called on a page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant.records.item import Item
from plantbeat.facts.views.cube_query import Cut, Key
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.problems import Text

if TYPE_CHECKING:
    from plantbeat.areas.execution.kpis.asking import KpiQuestion

CUT_WORDS: dict[Cut, Text] = {
    Cut.line: _("Line"),
    Cut.machine: _("Machine"),
    Cut.shift: _("Shift"),
    Cut.crew: _("Crew"),
    Cut.product: _("Product"),
    Cut.order: _("Order"),
    Cut.reason: _("Reason"),
    Cut.defect: _("Defect"),
    Cut.hour: _("Hour"),
    Cut.day: _("Day"),
}
_NONE_WORDS: dict[Cut, Text] = {
    Cut.line: _("no line"),
    Cut.machine: _("at the line, at no machine"),
    Cut.shift: _("outside shifts"),
    Cut.crew: _("outside shifts"),
    Cut.product: _("no product"),
    Cut.order: _("no order"),
    Cut.reason: _("no reason given"),
    Cut.defect: _("no defect named"),
    Cut.hour: _("no hour"),
    Cut.day: _("no day"),
}


class PartNames:
    """Names of parts: lines, machines and reasons by their names, products with the name of the item."""

    def __init__(self, asked: KpiQuestion) -> None:
        self._asked = asked

    def of(self, cut: Cut, keys: Iterable[Key]) -> dict[Key, str]:
        """The name of each part; products cost one query."""
        keys = list(keys)
        items = self._items(keys) if cut is Cut.product else {}
        return {key: items.get(key) or self._name(cut, key) for key in keys}

    def one(self, cut: Cut, key: Key) -> str:
        """The name of one part."""
        return self.of(cut, [key])[key]

    def _items(self, keys: list[Key]) -> dict[Key, str]:
        rows = visible(Item, self._asked.by).filter(
            site=self._asked.site.pk, code__in=[key for key in keys if key]
        )
        return {code: f"{code} {name}" for code, name in rows.values_list("code", "name")}

    def _name(self, cut: Cut, key: Key) -> str:
        if key is None:
            return str(_NONE_WORDS[cut])
        rules = self._asked.floor.rules
        if cut in (Cut.line, Cut.machine):
            asset = rules.assets.get(key)
            return f"{asset.code} {asset.name}" if asset is not None else str(key)
        if cut is Cut.reason:
            rule = rules.reasons(self._asked.period.last).get(key)
            return rule.name or key if rule is not None else str(key)
        if cut is Cut.hour:
            return f"{timezone.localtime(clock.from_us(key)):%Y-%m-%d %H:%M}"
        if cut is Cut.day:
            return date_format(date.fromisoformat(key), "D Y-m-d")
        return str(key)
