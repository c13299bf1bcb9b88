"""Values, numerators and denominators as people read them, and as files and programs take them."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.engine.kpi.ratio import HOUR_US, MINUTE_US
from plantbeat.facts.views.catalogue import Direction, Figure
from plantbeat.facts.views.measure_parts import Counted, Element
from plantbeat.kernel.problems import Text
from plantbeat.surfaces.templatetags.records import duration

DECIMALS = {"%": 1, "h": 1, "pieces/h": 0, "days": 0}

STATUS_WORDS: dict[str, Text] = {
    "good": gettext_lazy("Good"),
    "watch": gettext_lazy("Watch"),
    "act": gettext_lazy("Act"),
}
BETTER: dict[Direction, Text] = {
    Direction.higher_is_better: gettext_lazy("higher is better"),
    Direction.lower_is_better: gettext_lazy("lower is better"),
}


def decimals(unit: str) -> int:
    """How many decimals a value in a unit is shown with."""
    return DECIMALS.get(unit, 1)


def shown(value: float | None, unit: str) -> str:
    """A value without its unit; a dash where there is none. What has no unit and is whole is a count."""
    if value is None:
        return "–"
    places = 0 if not unit and value == int(value) else decimals(unit)
    return str(number_format(round(value, places), decimal_pos=places, force_grouping=True))


def counted(amount: int, element: Element) -> str:
    """A numerator or denominator in words: `6 h 41 min`, `1,204`."""
    if element.counted is Counted.time:
        return duration(amount)
    if element.counted is Counted.pieces_by_time:
        return _("%(n)s h × pcs") % {"n": number_format(round(amount / HOUR_US), force_grouping=True)}
    return str(number_format(amount, force_grouping=True))


def plain(amount: int, element: Element) -> int | float:
    """A numerator or denominator as files carry it: times in minutes, all else as a whole number."""
    if element.counted is Counted.time:
        return round(amount / MINUTE_US, 4)
    if element.counted is Counted.pieces_by_time:
        return round(amount / HOUR_US, 4)
    return amount


def unit_of(element: Element) -> str:
    """Unit of `plain`; empty for what is counted one by one."""
    units = {Counted.time: "min", Counted.pieces_by_time: "h × pcs", Counted.pieces: "pcs"}
    return units.get(element.counted, "")


def status_word(figure: Figure, status: str, *, has_target: bool) -> str:
    """What a badge says of a value: never good where there is no value or no target."""
    if figure.value is None:
        return str(figure.missing) or _("not enough data")
    return str(STATUS_WORDS[status]) if has_target else _("no target")
