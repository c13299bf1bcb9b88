"""What each measure divides by what: numerator and denominator, and what they are counted in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.kernel.problems import Text


class Counted(StrEnum):
    """What a numerator or denominator is counted in; times are µs."""

    time = "time"
    pieces = "pieces"
    pieces_by_time = "pieces by time"
    things = "things"
    one = "one"


@dataclass(frozen=True, slots=True)
class Element:
    """A numerator or denominator: `name` stands after a figure, as in “12 orders due”."""

    name: Text
    counted: Counted


def _time(name: Text) -> Element:
    return Element(name, Counted.time)


def _pieces(name: Text) -> Element:
    return Element(name, Counted.pieces)


def _things(name: Text) -> Element:
    return Element(name, Counted.things)


_PBT = _time(_("planned busy time"))
_APT = _time(_("actual production time"))
_IDEAL_GOOD = _time(_("ideal time of good pieces"))
_IDEAL_ALL = _time(_("ideal time of all pieces"))
_ENTERED = _pieces(_("pieces entered"))

_LOST: Mapping[MeasureCode, Text] = {
    MeasureCode.loss_breakdowns: _("lost to breakdowns"),
    MeasureCode.loss_setup: _("lost to set-up and adjustment"),
    MeasureCode.loss_minor_stops: _("lost to minor stops"),
    MeasureCode.loss_starved: _("starved"),
    MeasureCode.loss_blocked: _("blocked"),
    MeasureCode.loss_reduced_speed: _("lost to reduced speed"),
    MeasureCode.loss_scrap: _("ideal time of scrap"),
    MeasureCode.loss_rework: _("ideal time of rework"),
    MeasureCode.loss_start_up: _("ideal time of set-up pieces"),
    MeasureCode.loss_no_data: _("without data"),
    MeasureCode.loss_not_yet_explained: _("not yet explained"),
}

ELEMENTS: Mapping[MeasureCode, tuple[Element, Element]] = {
    MeasureCode.oee: (_IDEAL_GOOD, _PBT),
    MeasureCode.availability: (_APT, _PBT),
    MeasureCode.performance: (_IDEAL_ALL, _APT),
    MeasureCode.quality: (_IDEAL_GOOD, _IDEAL_ALL),
    MeasureCode.coverage: (_time(_("planned busy time covered by data")), _PBT),
    **{code: (_time(name), _PBT) for code, name in _LOST.items()},
    MeasureCode.first_pass_yield: (_pieces(_("pieces good the first time")), _ENTERED),
    MeasureCode.scrap_percent: (_pieces(_("pieces scrapped")), _ENTERED),
    MeasureCode.unplanned_downtime_percent: (_time(_("of unplanned stops")), _PBT),
    MeasureCode.mtbf: (_time(_("run time")), _things(_("failures"))),
    MeasureCode.mttr: (_time(_("of active repair")), _things(_("repairs"))),
    MeasureCode.throughput: (_pieces(_("good pieces")), _PBT),
    MeasureCode.takt_attainment: (
        Element(_("time for the demand × pieces made"), Counted.pieces_by_time),
        Element(_("time passed × pieces due"), Counted.pieces_by_time),
    ),
    MeasureCode.schedule_adherence_quantity: (
        _pieces(_("planned pieces made in their shift")),
        _pieces(_("pieces planned")),
    ),
    MeasureCode.schedule_adherence_time: (
        _things(_("orders finished in time")),
        _things(_("orders planned")),
    ),
    MeasureCode.schedule_adherence_sequence: (
        _things(_("orders started in the planned sequence")),
        _things(_("planned orders started")),
    ),
    MeasureCode.attendance: (_things(_("people present")), _things(_("people rostered, approved leave out"))),
    MeasureCode.days_since_last_recordable: (_things(_("days")), Element("", Counted.one)),
    MeasureCode.otd: (_things(_("orders done in time")), _things(_("orders due"))),
}
"""Numerator and denominator of every measure of the catalogue."""
