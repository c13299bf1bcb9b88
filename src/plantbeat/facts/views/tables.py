"""What is computed from facts: asset-days with their cube rows, intervals and events, and frozen plans.

All of it but the plans is a cache: it may be dropped and rebuilt.
"""

from __future__ import annotations

from django.db import models

from plantbeat.facts.tables import BareLink, FactAsset
from plantbeat.facts.views.dimension_tables import FactShift


class AssetDay(models.Model):
    """One local day of an asset, computed from the facts up to `lsn` and the time up to `until_us`.

    A day is complete when `until_us` is its end. `carry` is what the next day begins with, `shown` what holds
    at `until_us`, both JSON. `fault` says why a day cannot be computed. `version` counts the rewrites, so
    that two who rebuild at once never mix.
    """

    asset = models.ForeignKey(FactAsset, models.CASCADE)
    day = models.DateField()
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    lsn = models.BigIntegerField()
    version = models.BigIntegerField(default=1)
    carry = models.TextField()
    shown = models.TextField()
    fault = models.TextField(blank=True)

    class Meta:
        db_table = "fact_asset_day"
        constraints = [models.UniqueConstraint(fields=["asset", "day"], name="fact_asset_day_key")]


class AssetHour(models.Model):
    """A cell of the asset-hour cube (`engine.oee.cube.CubeRow`): everything after `defect` sums over any cut.

    `day` is the local day, `production_day` that of the shift (outside shifts the local day). None stands for
    "no shift", "no order", "no product", "no reason".
    """

    asset = BareLink(FactAsset, models.PROTECT)
    hour_us = models.BigIntegerField()
    day = models.DateField()
    production_day = models.DateField()
    shift = BareLink(FactShift, models.DO_NOTHING, null=True)
    order_number = models.CharField(max_length=80, null=True)
    product = models.CharField(max_length=80, null=True)
    state = models.CharField(max_length=20)
    reason = models.CharField(max_length=80, null=True)
    defect = models.CharField(max_length=80, null=True)
    us = models.BigIntegerField()
    starts = models.BigIntegerField()
    good = models.BigIntegerField()
    scrap = models.BigIntegerField()
    rework = models.BigIntegerField()
    recovered = models.BigIntegerField()
    scrapped_after_rework = models.BigIntegerField()
    setup_pieces = models.BigIntegerField()
    ideal_all_us = models.BigIntegerField()
    ideal_good_us = models.BigIntegerField()
    ideal_scrap_us = models.BigIntegerField()
    ideal_setup_us = models.BigIntegerField()
    without_ideal = models.BigIntegerField()

    class Meta:
        db_table = "asset_hour"
        indexes = [models.Index(fields=["asset", "hour_us"], name="asset_hour_place")]


class FactInterval(models.Model):
    """Time in one state within one local day of an asset; the intervals of a day add up to it exactly.

    `begins` is False where it goes on after a cut (by midnight, a break, a change of shift or order). `word`
    is what the source said, `lsn` the fact that said it, `reason_lsn` the fact that gave the reason.
    """

    asset = BareLink(FactAsset, models.PROTECT)
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    state = models.CharField(max_length=20)
    begins = models.BooleanField()
    reason = models.CharField(max_length=80, null=True)
    order_number = models.CharField(max_length=80, null=True)
    product = models.CharField(max_length=80, null=True)
    shift = BareLink(FactShift, models.DO_NOTHING, null=True)
    word = models.CharField(max_length=80, null=True)
    lsn = models.BigIntegerField(null=True)
    reason_lsn = models.BigIntegerField(null=True)

    class Meta:
        db_table = "fact_interval"
        indexes = [models.Index(fields=["asset", "start_us"], name="fact_interval_place")]


class FactEvent(models.Model):
    """A fact in force of a kind that measures count one by one; it stays here when the fact is sealed."""

    asset = BareLink(FactAsset, models.PROTECT)
    t_us = models.BigIntegerField()
    kind = models.CharField(max_length=30)
    body = models.TextField()
    lsn = models.BigIntegerField()

    class Meta:
        db_table = "fact_event"
        indexes = [
            models.Index(fields=["asset", "t_us"], name="fact_event_place"),
            models.Index(fields=["kind", "asset", "t_us"], name="fact_event_kind"),
        ]


class FactReach(models.Model):
    """A fact in force that speaks of another time than its own instant: from `from_us` to `until_us`."""

    asset = BareLink(FactAsset, models.PROTECT)
    t_us = models.BigIntegerField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    lsn = models.BigIntegerField()

    class Meta:
        db_table = "fact_reach"
        indexes = [
            models.Index(fields=["asset", "t_us"], name="fact_reach_place"),
            models.Index(fields=["asset", "until_us"], name="fact_reach_end"),
        ]


class ShiftPlan(models.Model):
    """What a line was to make in a shift, frozen: adherence is judged by it, later versions never move it.

    `position` is the place in the planned sequence, `planned` pieces, `version` the schedule it was taken
    from.
    """

    asset = models.ForeignKey(FactAsset, models.CASCADE)
    shift = models.ForeignKey(FactShift, models.CASCADE)
    position = models.IntegerField()
    order_number = models.CharField(max_length=80)
    product = models.CharField(max_length=80, blank=True)
    planned = models.BigIntegerField()
    finish_us = models.BigIntegerField()
    version = models.CharField(max_length=80)
    frozen_us = models.BigIntegerField()

    class Meta:
        db_table = "fact_shift_plan"
        constraints = [
            models.UniqueConstraint(fields=["asset", "shift", "position"], name="fact_shift_plan_key")
        ]
