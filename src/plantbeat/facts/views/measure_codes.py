"""The codes of all measures: a closed list, so that target, page and declaration cannot miss each other."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MeasureCode(models.TextChoices):
    """Every measure there is, with its name."""

    oee = "oee", _("OEE")
    availability = "availability", _("Availability")
    performance = "performance", _("Performance")
    quality = "quality", _("Quality")
    coverage = "coverage", _("Coverage")
    loss_breakdowns = "loss_breakdowns", _("Loss: breakdowns")
    loss_setup = "loss_setup", _("Loss: set-up and adjustment")
    loss_minor_stops = "loss_minor_stops", _("Loss: minor stops")
    loss_starved = "loss_starved", _("Loss: starved")
    loss_blocked = "loss_blocked", _("Loss: blocked")
    loss_reduced_speed = "loss_reduced_speed", _("Loss: reduced speed")
    loss_scrap = "loss_scrap", _("Loss: scrap")
    loss_rework = "loss_rework", _("Loss: rework")
    loss_start_up = "loss_start_up", _("Loss: start-up")
    loss_no_data = "loss_no_data", _("No data")
    loss_not_yet_explained = "loss_not_yet_explained", _("Not yet explained")
    first_pass_yield = "first_pass_yield", _("First-pass yield")
    scrap_percent = "scrap_percent", _("Scrap")
    unplanned_downtime_percent = "unplanned_downtime_percent", _("Unplanned downtime")
    mtbf = "mtbf", _("MTBF")
    mttr = "mttr", _("MTTR")
    throughput = "throughput", _("Throughput")
    takt_attainment = "takt_attainment", _("Takt attainment")
    schedule_adherence_quantity = "schedule_adherence_quantity", _("Schedule adherence, quantity")
    schedule_adherence_time = "schedule_adherence_time", _("Schedule adherence, time")
    schedule_adherence_sequence = "schedule_adherence_sequence", _("Schedule adherence, sequence")
    attendance = "attendance", _("Attendance")
    days_since_last_recordable = "days_since_last_recordable", _("Days since last recordable")
    hazards_fixed_in_time = "hazards_fixed_in_time", _("Hazards fixed within 7 days")
    otd = "otd", _("On-time delivery")
    open_actions_on_time = "open_actions_on_time", _("Open actions on time")
    labour_per_operation = "labour_per_operation", _("Labour per operation")
    rework_labour_percent = "rework_labour_percent", _("Rework labour")
    order_lead_time = "order_lead_time", _("Order lead time")
    andon_calls_per_shift = "andon_calls_per_shift", _("Calls for help per shift")
    andon_respond_median = "andon_respond_median", _("Call to taken, median")
    andon_respond_p90 = "andon_respond_p90", _("Call to taken, 90 % within")
    andon_resolve_median = "andon_resolve_median", _("Call to resolved, median")
    andon_resolve_p90 = "andon_resolve_p90", _("Call to resolved, 90 % within")
    andon_in_limit_percent = "andon_in_limit_percent", _("Calls within their limits")
    routine_adherence = "routine_adherence", _("Routine adherence")
