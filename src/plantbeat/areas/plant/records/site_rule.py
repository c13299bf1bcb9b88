"""How the facts of a site are read and its weeks are counted, from a date on."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.engine.calendars import FiscalMonths, FiscalRule, FiscalWeeks, YearEnd
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record

MINUTE_US = 60_000_000


class FiscalYear(models.TextChoices):
    """How a year is parted into periods."""

    months = "months", _("Calendar months")
    weeks_445 = "weeks_445", _("Whole weeks, 4-4-5")
    weeks_454 = "weeks_454", _("Whole weeks, 4-5-4")
    weeks_544 = "weeks_544", _("Whole weeks, 5-4-4")
    iso_weeks = "iso_weeks", _("ISO weeks, 4-4-5")


GROUPINGS = {
    FiscalYear.weeks_445: (4, 4, 5),
    FiscalYear.weeks_454: (4, 5, 4),
    FiscalYear.weeks_544: (5, 4, 4),
}


class Weekday(models.TextChoices):
    """First day of the week."""

    monday = "monday", _("Monday")
    tuesday = "tuesday", _("Tuesday")
    wednesday = "wednesday", _("Wednesday")
    thursday = "thursday", _("Thursday")
    friday = "friday", _("Friday")
    saturday = "saturday", _("Saturday")
    sunday = "sunday", _("Sunday")


class SiteRule(Record):
    """The rules of a site from a date on; a line may have its own for silence, micro-stops and speed."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    valid_from = models.DateField(_("in force from"))
    shift_pattern = models.ForeignKey(
        "plant.ShiftPattern", models.PROTECT, null=True, blank=True,
        verbose_name=_("usual shift pattern"), help_text=_("of lines without one of their own"),
    )  # fmt: skip
    silent_after = DurationField(
        unit="min", verbose_name=_("silent after"), null=True, blank=True, min_us=1_000_000,
        default=120 * MINUTE_US, help_text=_("then a connected machine counts as “no data”"),
    )  # fmt: skip
    micro_stop = DurationField(
        unit="min", verbose_name=_("micro-stop below"), default=5 * MINUTE_US,
        help_text=_("a shorter stop is a minor stop, no breakdown"),
    )  # fmt: skip
    slow_below = models.PositiveSmallIntegerField(
        _("slow below (% of ideal)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("an hour of running that earned less is “running slow”; empty: never"),
    )  # fmt: skip
    coverage_limit = models.PositiveSmallIntegerField(
        _("least coverage (%)"), default=80, validators=[MaxValueValidator(100)],
        help_text=_("an OEE with less data than this is withheld"),
    )  # fmt: skip
    finish_tolerance = DurationField(
        unit="min", verbose_name=_("on schedule within ±"), default=30 * MINUTE_US,
        help_text=_("of the planned finish of an order"),
    )  # fmt: skip
    week_starts = ChoiceField(Weekday, verbose_name=_("week starts on"), default=Weekday.monday)
    fiscal_year = ChoiceField(FiscalYear, verbose_name=_("fiscal periods"), default=FiscalYear.iso_weeks)
    year_ends = models.PositiveSmallIntegerField(
        _("fiscal year ends in month"), default=12, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )

    key = ("site", "valid_from")
    access = Access.to(LEADERS)
    face = Face(
        columns=(
            "valid_from",
            "shift_pattern",
            "silent_after",
            "micro_stop",
            "coverage_limit",
            "fiscal_year",
        ),
        filters=("valid_from",),
        search=("shift_pattern__code",),
        order=("-valid_from",),
        icon="ruler",
    )

    class Meta:
        db_table = "plant_site_rule"
        verbose_name = _("site rule")
        verbose_name_plural = _("site rules")

    def problems(self) -> Iterator[Problem]:
        """ISO weeks begin on Monday and their years end with December."""
        if self.fiscal_year == FiscalYear.iso_weeks:
            if self.week_starts != Weekday.monday:
                yield Problem(_("ISO weeks start on Monday"), "week_starts", self.week_starts, "monday")
            if self.year_ends != 12:
                yield Problem(_("ISO years end with December"), "year_ends", self.year_ends, "12")

    def fiscal_rule(self) -> FiscalRule:
        """The calendar of weeks and periods as the engine takes it."""
        first_weekday = Weekday.values.index(self.week_starts)
        if self.fiscal_year == FiscalYear.months:
            return FiscalMonths(self.year_ends % 12 + 1, first_weekday)
        grouping = GROUPINGS.get(FiscalYear(self.fiscal_year), (4, 4, 5))
        return FiscalWeeks(self.year_ends, (first_weekday - 1) % 7, YearEnd.nearest, grouping)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.site_rule_written(self, verb)
