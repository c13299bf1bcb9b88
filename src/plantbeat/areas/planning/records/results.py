"""What a solve leaves behind: rows written in bulk with their schedule version, never edited."""

from __future__ import annotations

from django.db import models

from plantbeat.areas.planning.records.schedule import Schedule


class PlannedOperation(models.Model):
    """One operation in a schedule: where, and from when to when (µs UTC), set-up before it apart.

    `setup_min` are the minutes worked on the set-up; from `setup_us` to `start_us` closed time may lie.
    """

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="planned")
    order = models.ForeignKey("planning.WorkOrder", models.CASCADE, related_name="+")
    machine = models.ForeignKey("plant.Machine", models.CASCADE, related_name="+")
    step = models.PositiveIntegerField()
    setup_us = models.BigIntegerField()
    start_us = models.BigIntegerField()
    end_us = models.BigIntegerField()
    setup_min = models.PositiveIntegerField(default=0)
    working_min = models.PositiveIntegerField()
    quantity = models.DecimalField(max_digits=15, decimal_places=6)
    family = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "planning_planned_operation"
        indexes = [models.Index(fields=["schedule", "machine", "start_us"], name="planning_planned_machine")]


class PlannedOrder(models.Model):
    """When an order of a schedule is done, and what every minute of its way went into."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="planned_orders")
    order = models.ForeignKey("planning.WorkOrder", models.CASCADE, related_name="+")
    due_us = models.BigIntegerField()
    finish_us = models.BigIntegerField()
    late_min = models.PositiveIntegerField()
    causes = models.JSONField(default=list)

    class Meta:
        db_table = "planning_planned_order"
        constraints = [
            models.UniqueConstraint(fields=["schedule", "order"], name="planning_planned_order_key")
        ]


class NotScheduled(models.Model):
    """An order that a solve left out, and why."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="not_scheduled")
    order = models.ForeignKey("planning.WorkOrder", models.CASCADE, related_name="+")
    reason = models.TextField()

    class Meta:
        db_table = "planning_not_scheduled"


class PlannedHour(models.Model):
    """Pieces a published schedule expects of a machine in a civil hour (keyed by its UTC start)."""

    schedule = models.ForeignKey(Schedule, models.CASCADE, related_name="planned_hours")
    machine = models.ForeignKey("plant.Machine", models.CASCADE, related_name="+")
    order = models.ForeignKey("planning.WorkOrder", models.CASCADE, related_name="+")
    hour_us = models.BigIntegerField()
    quantity = models.DecimalField(max_digits=15, decimal_places=6)

    class Meta:
        db_table = "planning_planned_hour"
        indexes = [models.Index(fields=["schedule", "machine", "hour_us"], name="planning_hour_of_machine")]
