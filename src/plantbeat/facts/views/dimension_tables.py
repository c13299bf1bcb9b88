"""Narrow copies of the plant's records that the views read facts by; each row holds from a date on.

The plant publishes them with its writes (`dimensions`). A date is a local day of the site; `BEGINNING` stands
for "always".
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.engine.oee.states import REPORTABLE, State
from plantbeat.facts.tables import FactAsset
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField

BEGINNING = date(1900, 1, 1)
"""First local day of what has always been so."""


class LineSource(models.TextChoices):
    """Where a line's facts come from; decides which measures can be shown."""

    connected = "connected", _("Connected machines")
    taps = "taps", _("Counts and stops by tap")
    hourly = "hourly", _("Hourly counts only")


class CounterMeaning(models.TextChoices):
    """What the advance of a counter counts as."""

    good = "good", _("Good pieces")
    scrap = "scrap", _("Scrapped pieces")
    rework = "rework", _("Pieces sent to rework")
    nothing = "nothing", _("Not pieces")


CANONICAL: tuple[State, ...] = tuple(state for state in State if state in REPORTABLE)
"""States a source's own word may stand for, in the order of the time model."""


class FactMachine(models.Model):
    """What the views need of a machine beyond its asset."""

    asset = models.OneToOneField(FactAsset, models.CASCADE, primary_key=True)
    machine_class = models.CharField(max_length=40, blank=True)
    position = models.IntegerField(default=0)

    class Meta:
        db_table = "fact_machine"


class FactLine(models.Model):
    """How a line is counted and timed, from a day on. None: as the site's rule says."""

    asset = models.ForeignKey(FactAsset, models.CASCADE)
    valid_from = models.DateField()
    published = models.DateField()
    area = models.CharField(max_length=60, blank=True)
    source = ChoiceField(LineSource, default=LineSource.connected)
    counting_point = models.ForeignKey(FactAsset, models.SET_NULL, null=True, related_name="+")
    bottleneck = models.ForeignKey(FactAsset, models.SET_NULL, null=True, related_name="+")
    pattern = models.CharField(max_length=60, blank=True)
    silent_after_us = models.BigIntegerField(null=True)
    micro_stop_us = models.BigIntegerField(null=True)
    slow_below_percent = models.SmallIntegerField(null=True)
    stops_recorded = models.BooleanField(default=False)
    first_piece = models.BooleanField(default=False)

    class Meta:
        db_table = "fact_line"
        constraints = [models.UniqueConstraint(fields=["asset", "valid_from"], name="fact_line_key")]


class FactSiteRule(models.Model):
    """How the facts of a site are read, from a day on."""

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    valid_from = models.DateField()
    pattern = models.CharField(max_length=60, blank=True)
    silent_after_us = models.BigIntegerField(null=True)
    micro_stop_us = models.BigIntegerField()
    slow_below_percent = models.SmallIntegerField(null=True)
    coverage_limit_percent = models.SmallIntegerField()
    finish_tolerance_us = models.BigIntegerField()
    calendar = models.TextField()

    class Meta:
        db_table = "fact_site_rule"
        constraints = [models.UniqueConstraint(fields=["site", "ref"], name="fact_site_rule_key")]


class FactStateWord(models.Model):
    """The canonical state behind a source's own word, for machines of a class (empty: of any), from a day on.

    All words of a class and day are one map, which replaces the map before it.
    """

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    machine_class = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    word = models.CharField(max_length=80)
    state = models.CharField(max_length=20)

    class Meta:
        db_table = "fact_state_word"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "ref", "machine_class", "valid_from", "word"], name="fact_state_word_key"
            )
        ]


class FactReason(models.Model):
    """A downtime reason, what it counts as in the time model and which loss it is, from a day on."""

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    valid_from = models.DateField()
    published = models.DateField()
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    counts_as = models.CharField(max_length=20)
    loss = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "fact_reason"
        constraints = [models.UniqueConstraint(fields=["site", "ref", "valid_from"], name="fact_reason_key")]


class FactIdeal(models.Model):
    """Ideal time of one piece of a product on a machine, from a day on; `assumed`: nobody has measured it."""

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    asset = models.ForeignKey(FactAsset, models.CASCADE)
    product = models.CharField(max_length=60)
    valid_from = models.DateField()
    ideal_us = models.BigIntegerField()
    assumed = models.BooleanField(default=False)

    class Meta:
        db_table = "fact_ideal"
        constraints = [
            models.UniqueConstraint(fields=["site", "ref"], name="fact_ideal_ref"),
            models.UniqueConstraint(fields=["asset", "product", "valid_from"], name="fact_ideal_key"),
        ]


class FactCounter(models.Model):
    """What a counter of an asset counts, and how its register behaves.

    `pieces` / `counts`: pieces for so many counts of the register, as exact whole numbers.
    """

    asset = models.ForeignKey(FactAsset, models.CASCADE)
    ref = models.CharField(max_length=80)
    counter = models.CharField(max_length=80)
    counts_as = ChoiceField(CounterMeaning, default=CounterMeaning.good)
    pieces = models.BigIntegerField(default=1)
    counts = models.BigIntegerField(default=1)
    modulus = models.BigIntegerField(null=True)
    restarts_at = models.BigIntegerField(null=True)

    class Meta:
        db_table = "fact_counter"
        constraints = [models.UniqueConstraint(fields=["asset", "counter"], name="fact_counter_key")]


class FactPattern(models.Model):
    """A shift pattern as the calendar engine takes it, for the shifts that begin from an instant on.

    An empty definition has no shifts. Zone and owner day are those of the site, which hold from then on, too;
    `rewritten_from` is the day from which the past was last rewritten, because somebody named it.
    """

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    code = models.CharField(max_length=60)
    since_us = models.BigIntegerField()
    published = models.DateField()
    definition = models.TextField(blank=True)
    zone = models.CharField(max_length=60)
    owner_day = models.CharField(max_length=20)
    rewritten_from = models.DateField(null=True)

    class Meta:
        db_table = "fact_pattern"
        constraints = [models.UniqueConstraint(fields=["site", "ref", "since_us"], name="fact_pattern_key")]


class FactHoliday(models.Model):
    """A local day on which no shift of the site begins."""

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    day = models.DateField()
    name = models.CharField(max_length=120)

    class Meta:
        db_table = "fact_holiday"
        constraints = [models.UniqueConstraint(fields=["site", "ref"], name="fact_holiday_key")]


class ChangeOfShift(models.TextChoices):
    """What is different on one day."""

    extra = "extra", _("Extra shift")
    cancelled = "cancelled", _("Shift is not worked")
    times = "times", _("Shift at other times")


class FactShiftChange(models.Model):
    """What differs in the shifts that begin on one local day: of a line, of an area, or (None) of all.

    `times` is a shift as `calendar_text.times_text` writes it. Without a name of a shift or crew, all are
    meant.
    """

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    asset = models.ForeignKey(FactAsset, models.CASCADE, null=True)
    day = models.DateField()
    change = ChoiceField(ChangeOfShift)
    shift = models.CharField(max_length=60, blank=True)
    crew = models.CharField(max_length=40, blank=True)
    times = models.TextField(blank=True)

    class Meta:
        db_table = "fact_shift_change"
        constraints = [models.UniqueConstraint(fields=["site", "ref"], name="fact_shift_change_key")]


class FactPlannedStop(models.Model):
    """Time in which an asset (None: all) is to stand: planned maintenance, a trial, a meeting."""

    site = models.ForeignKey(Site, models.CASCADE)
    ref = models.CharField(max_length=80)
    asset = models.ForeignKey(FactAsset, models.CASCADE, null=True)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()

    class Meta:
        db_table = "fact_planned_stop"
        constraints = [models.UniqueConstraint(fields=["site", "ref"], name="fact_planned_stop_key")]


EVERY_LINE = 0
"""`FactShift.line` of a shift that all lines of its pattern work."""


class FactShift(models.Model):
    """A shift of one crew that was or will be worked, half-open in UTC.

    `owner_day` is the production day it belongs to; `breaks` is JSON: [[start_us, end_us], ...]. `line` is
    the asset of the only line that works it; of a shift that all lines work, `left_out` are those (JSON) that
    do not.
    """

    site = models.ForeignKey(Site, models.CASCADE)
    pattern = models.CharField(max_length=60)
    line = models.BigIntegerField(default=EVERY_LINE)
    left_out = models.TextField(default="[]")
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    shift = models.CharField(max_length=60)
    crew = models.CharField(max_length=40)
    owner_day = models.DateField()
    breaks = models.TextField(default="[]")
    planned_us = models.BigIntegerField()

    class Meta:
        db_table = "fact_shift"
        constraints = [
            models.UniqueConstraint(
                fields=["site", "pattern", "line", "start_us", "shift", "crew"], name="fact_shift_key"
            )
        ]
        indexes = [models.Index(fields=["site", "owner_day"], name="fact_shift_day")]


class FactCalendar(models.Model):
    """Production days for which the shifts of a pattern are written out, both included."""

    site = models.ForeignKey(Site, models.CASCADE)
    pattern = models.CharField(max_length=60)
    first = models.DateField()
    last = models.DateField()

    class Meta:
        db_table = "fact_calendar"
        constraints = [models.UniqueConstraint(fields=["site", "pattern"], name="fact_calendar_key")]
