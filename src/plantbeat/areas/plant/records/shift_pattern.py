"""Who works when: shifts in civil time and the rotation of crews over them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import time

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.engine.calendars import patterns, rotations
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.permission import REMOVE
from plantbeat.kernel.problems import Problem, Refused
from plantbeat.kernel.record import Face, Line, Parent, Record

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Rotation(models.TextChoices):
    """The rotations plants use."""

    week = "week", _("Fixed shifts on weekdays")
    pitman = "pitman", _("2-2-3 (Pitman), 12 h")
    four_four = "four_four", _("4-on-4-off, 12 h")
    continental = "continental", _("Continental 2-2-3, 8 h")
    metropolitan = "metropolitan", _("Continental 2-2-2, 8 h")
    dupont = "dupont", _("DuPont, 12 h")


SHIFTS_NEEDED = {
    Rotation.pitman: 2,
    Rotation.four_four: 2,
    Rotation.continental: 3,
    Rotation.metropolitan: 3,
    Rotation.dupont: 2,
}
CREWS_OF_A_ROTATION = 4
"""So many crews share every rotation but that of fixed shifts."""


class ShiftPattern(Record):
    """A named shift system: its shifts, its crews and how they rotate, counted from an anchor day."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    rotation = ChoiceField(Rotation, verbose_name=_("rotation"), default=Rotation.week)
    anchor = models.DateField(_("first day of the cycle"))
    weekdays = models.CharField(
        _("weekdays"),
        max_length=40,
        default="Mon Tue Wed Thu Fri",
        help_text=_("of fixed shifts, as in “Mon Tue Wed”"),
    )
    crews = models.CharField(
        _("crews"), max_length=120, default="A B C D", help_text=_("in order, separated by spaces")
    )
    rewritten_from = models.DateField(
        _("rewrite the past from"), null=True, blank=True,
        help_text=_("empty: a change leaves shifts that have begun as they were; a day: from it on, anew"),
    )  # fmt: skip

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "rotation", "anchor", "crews"),
        filters=("rotation",),
        search=("code", "name"),
        order=("code",),
        icon="calendar-repeat",
    )

    class Meta:
        db_table = "plant_shift_pattern"
        verbose_name = _("shift pattern")
        verbose_name_plural = _("shift patterns")

    def problems(self) -> Iterator[Problem]:
        """Known weekdays; crews that differ, and as many as the rotation has."""
        for word in self.weekdays.split():
            if word not in WEEKDAYS:
                yield Problem(_now("is no weekday"), "weekdays", word, " ".join(WEEKDAYS))
        crews = self.crews.split()
        if len(set(crews)) < len(crews):
            yield Problem(
                _now("names a crew twice"), "crews", self.crews, _now("each crew once, as in “A B C D”")
            )
        if self.rotation != Rotation.week and len(crews) != CREWS_OF_A_ROTATION:
            allowed = _now("%(n)s crews, as in “A B C D”") % {"n": CREWS_OF_A_ROTATION}
            yield Problem(_now("does not fit: crews share this rotation"), "crews", self.crews, allowed)

    def _misfits(self) -> Iterator[Problem]:
        """Why its shifts and crews make no calendar together; nothing as long as it has no shifts."""
        shifts, crews = list(self.shifts.order_by("place")), self.crews.split()
        if not shifts:
            return
        names = [shift.name for shift in shifts]
        if len(set(names)) < len(names):
            what = _now("two shifts of %(code)s have one name") % {"code": self.code}
            yield Problem(what, "shifts", ", ".join(names), _now("a name of its own for each shift"))
        needed = SHIFTS_NEEDED.get(Rotation(self.rotation))
        if needed is not None and len(shifts) != needed:
            what = _now("%(code)s: this rotation does not go with %(n)s shifts")
            allowed = _now("%(n)s shifts") % {"n": needed}
            yield Problem(what % {"code": self.code, "n": len(shifts)}, "shifts", ", ".join(names), allowed)
        elif needed is None and len(crews) < len(shifts):
            what = _now("%(code)s: each of its %(n)s fixed shifts needs a crew of its own")
            allowed = _now("%(n)s crews or more, separated by spaces") % {"n": len(shifts)}
            yield Problem(what % {"code": self.code, "n": len(shifts)}, "crews", self.crews, allowed)

    def pattern(self) -> patterns.ShiftPattern:
        """The pattern as the calendar engine takes it. Raises ValueError in words if it does not fit."""
        shifts = [shift.times() for shift in self.shifts.order_by("place")]
        needed = SHIFTS_NEEDED.get(Rotation(self.rotation))
        if needed is not None and len(shifts) != needed:
            raise ValueError(_("this rotation needs %(n)s shifts") % {"n": needed})
        if self.rotation == Rotation.week:
            days = [WEEKDAYS.index(word) for word in self.weekdays.split()]
            return rotations.fixed_week(self.anchor, shifts, days, self.crews.split())
        return _ROTATIONS[Rotation(self.rotation)](self.anchor, shifts, self.crews.split())

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views, if its shifts and crews make a calendar."""
        if verb != REMOVE and (found := list(self._misfits())):
            raise Refused(found)
        publishing.pattern_written(self, verb)


class Shift(Line):
    """One shift of a pattern in civil time; an end at or before the start means the next day."""

    pattern_of = Parent(ShiftPattern, related_name="shifts")
    place = models.PositiveSmallIntegerField(_("order"))
    name = models.CharField(_("shift"), max_length=40)
    start = models.TimeField(_("from"))
    end = models.TimeField(_("to"))
    breaks = models.CharField(
        _("breaks"), max_length=120, blank=True, help_text=_("as in “10:00-10:15 12:00-12:30”")
    )

    key = ("pattern_of", "place")
    columns = ("place", "name", "start", "end", "breaks")

    class Meta:
        db_table = "plant_shift"
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")

    def times(self) -> patterns.ShiftTimes:
        """The shift as the calendar engine takes it. Raises ValueError in words."""
        return patterns.ShiftTimes(self.name, self.start, self.end, breaks_of(self.breaks))

    def problems(self) -> Iterator[Problem]:
        """Breaks can be read and lie inside the shift."""
        try:
            self.times()
        except ValueError as error:
            yield Problem(str(error), "breaks", self.breaks, _("as in “10:00-10:15 12:00-12:30”"))


def breaks_of(text: str) -> tuple[patterns.BreakAt, ...]:
    """Breaks as people write them. Raises ValueError in words."""
    pairs = [word.partition("-") for word in text.split()]
    return tuple(patterns.BreakAt(time.fromisoformat(a), time.fromisoformat(b)) for a, _dash, b in pairs)


_ROTATIONS = {
    Rotation.pitman: lambda anchor, s, crews: rotations.pitman_2_2_3(anchor, s[0], s[1], crews),
    Rotation.four_four: lambda anchor, s, crews: rotations.four_on_four_off(anchor, s[0], s[1], crews),
    Rotation.continental: lambda anchor, s, crews: rotations.continental_2_2_3(anchor, _three(s), crews),
    Rotation.metropolitan: lambda anchor, s, crews: rotations.metropolitan_2_2_2(anchor, _three(s), crews),
    Rotation.dupont: lambda anchor, s, crews: rotations.dupont(anchor, s[0], s[1], crews),
}


def _three(
    shifts: Sequence[patterns.ShiftTimes],
) -> tuple[patterns.ShiftTimes, patterns.ShiftTimes, patterns.ShiftTimes]:
    first, second, third = shifts
    return first, second, third
