"""Stops that somebody has spoken of: what a call, a gap of an hour, scrap and actions have in common."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.execution.stops.panel import stop_panel
from plantbeat.kernel.access import FLOOR, NOBODY, Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Stop(Record):
    """One stop of a line, or of a machine that is not its bottleneck, by an instant within it.

    Made when something is first linked to the stop. Its times, state and reason are those of the facts and
    are never stored: when a late fact moves the stop, the record is still about it.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), editable=False)
    number = NumberField("ST-", verbose_name=_("number"))
    line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"), editable=False
    )
    machine = models.ForeignKey(
        "plant.Machine", models.PROTECT, null=True, blank=True, verbose_name=_("machine"), editable=False,
        help_text=_("empty: the line's own stop, which is that of its bottleneck"),
    )  # fmt: skip
    start_us = InstantField(verbose_name=_("began"), help_text=_("when it was first spoken of"))
    note = models.TextField(_("note"), blank=True)

    key = ("site", "number")
    access = Access(create=NOBODY, edit=FLOOR | {Role.maintenance, Role.quality}, remove=NOBODY)
    face = Face(
        columns=("number", "line", "machine", "start_us", "note"),
        filters=("line", "machine"),
        search=("number", "note", "line__code", "machine__code"),
        order=("-start_us",),
        panels=(stop_panel,),
        icon="player-pause",
    )

    class Meta:
        db_table = "execution_stop"
        verbose_name = _("stop")
        verbose_name_plural = _("stops")
        constraints = [
            models.UniqueConstraint(
                fields=["line", "start_us"],
                condition=models.Q(machine__isnull=True),
                name="execution_stop_of_line",
            ),
            models.UniqueConstraint(
                fields=["machine", "start_us"],
                condition=models.Q(machine__isnull=False),
                name="execution_stop_of_machine",
            ),
        ]

    @property
    def place(self) -> str:
        """Code of the line or machine that stood."""
        if self.machine is not None:
            return str(self.machine.code)
        return str(self.line.code) if self.line is not None else ""

    def problems(self) -> Iterator[Problem]:
        """A stop is one of some place."""
        if self.line_id is None and self.machine_id is None:
            yield Problem(_now("needs a line or a machine"), "line")
