"""One-off changes of who works when: overtime, a shift that is not worked, a shift at other times."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.areas.plant.records.shift_pattern import breaks_of
from plantbeat.engine.calendars import ShiftTimes
from plantbeat.facts.views.dimension_tables import ChangeOfShift
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, NumberField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class ShiftChange(Record):
    """What is different about the shifts that begin on one day, at a line, in an area or at the site."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("SC-", verbose_name=_("number"))
    day = models.DateField(_("day"), help_text=_("on which the shift begins"))
    change = ChoiceField(ChangeOfShift, verbose_name=_("change"))
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"),
        help_text=_("neither line nor area: the whole site"),
    )  # fmt: skip
    shift = models.CharField(
        _("shift"), max_length=40, blank=True, help_text=_("its name; empty: every shift of the day")
    )
    crew = models.CharField(
        _("crew"), max_length=20, blank=True, help_text=_("empty: every crew of the shift")
    )
    start = models.TimeField(_("from"), null=True, blank=True)
    end = models.TimeField(
        _("to"), null=True, blank=True, help_text=_("at or before “from”: on the next day")
    )
    breaks = models.CharField(
        _("breaks"), max_length=120, blank=True,
        help_text=_("as in “10:00-10:15 12:00-12:30”; empty: those of the shift that still fit"),
    )  # fmt: skip
    reason = models.CharField(_("reason"), max_length=120)

    key = ("site", "number")
    access = Access.to(LEADERS)
    face = Face(
        columns=("number", "day", "change", "area", "line", "shift", "crew", "start", "end", "reason"),
        filters=("day", "change", "line"),
        search=("number", "shift", "crew", "reason", "line__code"),
        order=("-day",),
        icon="calendar-plus",
    )

    class Meta:
        db_table = "plant_shift_change"
        verbose_name = _("shift change")
        verbose_name_plural = _("shift changes")

    def times(self) -> ShiftTimes | None:
        """The new times, as the calendar engine takes them. Raises ValueError in words."""
        if self.start is None or self.end is None:
            return None
        return ShiftTimes(self.shift or "-", self.start, self.end, breaks_of(self.breaks))

    def problems(self) -> Iterator[Problem]:
        """One place, times where they are needed, and a shift that somebody works that day."""
        if self.area_id is not None and self.line_id is not None:
            yield Problem(_("give one place only: an area or a line"), "line")
        cancelled = self.change == ChangeOfShift.cancelled
        for name in ("start", "end"):
            if (getattr(self, name) is None) != cancelled:
                message = _("is needed") if not cancelled else _("a shift that is not worked has no times")
                yield Problem(message, name, getattr(self, name))
        if cancelled and self.breaks:
            yield Problem(_("a shift that is not worked has no times"), "breaks", self.breaks)
        for name in ("shift", "crew") if self.change == ChangeOfShift.extra else ():
            if not getattr(self, name):
                yield Problem(_("an extra shift needs a name and a crew"), name)
        try:
            self.times()
        except ValueError as error:
            yield Problem(str(error), "breaks", self.breaks, _("as in “10:00-10:15 12:00-12:30”"))
        if self.change != ChangeOfShift.extra and self.day is not None:
            yield from publishing.nobody_works(self)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.shift_change_written(self, verb)
