"""Lines: what a supervisor runs and a board shows."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Line(Record):
    """A production line or cell (ISA-95 work center), counted at one point and timed at its bottleneck."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    area = models.ForeignKey("plant.Area", models.PROTECT, verbose_name=_("area"), null=True, blank=True)
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    source = ChoiceField(LineSource, verbose_name=_("facts come from"), default=LineSource.connected)
    counting_point = models.ForeignKey(
        "plant.Machine", models.SET_NULL, null=True, blank=True, related_name="counts_for",
        verbose_name=_("counting point"), help_text=_("machine whose pieces are the line's pieces"),
    )  # fmt: skip
    bottleneck = models.ForeignKey(
        "plant.Machine", models.SET_NULL, null=True, blank=True, related_name="times_for",
        verbose_name=_("bottleneck"), help_text=_("machine whose time is the line's time"),
    )  # fmt: skip
    shift_pattern = models.ForeignKey(
        "plant.ShiftPattern", models.PROTECT, null=True, blank=True, verbose_name=_("shift pattern"),
        help_text=_("empty: that of the site rule"),
    )  # fmt: skip
    silent_after = DurationField(
        unit="min", verbose_name=_("silent after"), null=True, blank=True, min_us=1_000_000,
        help_text=_("then it counts as “no data”; empty: as the site rule says"),
    )  # fmt: skip
    micro_stop = DurationField(
        unit="min", verbose_name=_("micro-stop below"), null=True, blank=True,
        help_text=_("a shorter stop is a minor stop; empty: as the site rule says"),
    )  # fmt: skip
    slow_below = models.PositiveSmallIntegerField(
        _("slow below (% of ideal)"), null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("empty: as the site rule says"),
    )  # fmt: skip
    stops_recorded = models.BooleanField(
        _("stops and scrap recorded"), default=False,
        help_text=_("of a line with hourly counts: what is not recorded as a stop was running"),
    )  # fmt: skip
    first_piece = models.BooleanField(
        _("first piece approved"), default=False,
        help_text=_("pieces before the approval of an order are set-up pieces"),
    )  # fmt: skip

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "area", "source", "counting_point", "bottleneck", "shift_pattern"),
        filters=("area", "source", "shift_pattern"),
        search=("code", "name"),
        order=("code",),
        label=True,
        icon="arrows-right",
    )

    class Meta:
        db_table = "plant_line"
        verbose_name = _("line")
        verbose_name_plural = _("lines")

    def problems(self) -> Iterator[Problem]:
        """Counting point and bottleneck are machines of this line."""
        for name in ("counting_point", "bottleneck"):
            machine = getattr(self, name)
            if machine is not None and machine.line_id != self.pk:
                yield Problem(_("is not a machine of this line"), name, machine.code)
        yield from publishing.code_problems(self)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.line_written(self, verb)
