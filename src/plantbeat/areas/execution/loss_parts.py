"""The parts of a loss bridge with the measures they open to, in the order of the time model."""

from __future__ import annotations

from django.utils.translation import gettext as _

from plantbeat.engine.oee.formulas import SixBigLosses
from plantbeat.facts.views.measure_codes import MeasureCode


def loss_parts(losses: SixBigLosses) -> list[tuple[MeasureCode, str, int]]:
    """(measure, name, µs) from planned busy time down to the ideal time of good pieces; they add up to it."""
    return [
        (MeasureCode.loss_breakdowns, _("Breakdowns"), losses.breakdowns_us),
        (MeasureCode.loss_setup, _("Set-up and adjustment"), losses.setup_us),
        (MeasureCode.loss_minor_stops, _("Minor stops"), losses.minor_stops_us),
        (MeasureCode.loss_starved, _("Starved"), losses.starved_us),
        (MeasureCode.loss_blocked, _("Blocked"), losses.blocked_us),
        (MeasureCode.loss_reduced_speed, _("Reduced speed"), losses.reduced_speed_us),
        (MeasureCode.loss_scrap, _("Scrap"), losses.scrap_us),
        (MeasureCode.loss_rework, _("Rework"), losses.rework_us),
        (MeasureCode.loss_start_up, _("Start-up"), losses.start_up_us),
        (MeasureCode.loss_no_data, _("No data"), losses.no_data_us),
        (MeasureCode.loss_not_yet_explained, _("Not yet explained"), losses.not_yet_explained_us),
        (MeasureCode.oee, _("Ideal time of good pieces"), losses.ideal_good_us),
    ]
