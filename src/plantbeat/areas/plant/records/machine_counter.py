"""Counters of machines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.facts.views.dimension_tables import CounterMeaning
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class MachineCounter(Record):
    """What a counter of a machine counts, and how its register behaves.

    A counter without a declaration counts good pieces one by one.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    machine = models.ForeignKey("plant.Machine", models.PROTECT, verbose_name=_("machine"))
    counter = models.CharField(
        _("counter"), max_length=80, default="parts", help_text=_("as the machine calls it")
    )
    counts_as = ChoiceField(CounterMeaning, verbose_name=_("counts"), default=CounterMeaning.good)
    pieces_per_count = models.DecimalField(
        _("pieces per count"), max_digits=12, decimal_places=6, default=Decimal(1),
        help_text=_("4 for a mould with four cavities"),
    )  # fmt: skip
    modulus = models.BigIntegerField(
        _("starts over after"), null=True, blank=True, validators=[MinValueValidator(2)],
        help_text=_("counts, as in 65536; empty: never"),
    )  # fmt: skip
    restarts_at = models.BigIntegerField(
        _("restarts at"), null=True, blank=True, validators=[MinValueValidator(0)],
        help_text=_("reading after a reset; empty: not known"),
    )  # fmt: skip

    key = ("site", "machine", "counter")
    access = Access.to(LEADERS)
    face = Face(
        columns=("machine", "counter", "counts_as", "pieces_per_count", "modulus", "restarts_at"),
        filters=("machine", "counts_as"),
        search=("machine__code", "counter"),
        order=("machine__code", "counter"),
        icon="number-123",
    )

    class Meta:
        db_table = "plant_machine_counter"
        verbose_name = _("machine counter")
        verbose_name_plural = _("machine counters")

    def problems(self) -> Iterator[Problem]:
        """A count stands for some part of a piece."""
        if self.pieces_per_count <= 0:
            yield Problem(_("must be more than zero"), "pieces_per_count", self.pieces_per_count)

    @property
    def ratio(self) -> Fraction:
        """Pieces per count, exact."""
        return Fraction(self.pieces_per_count)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.counter_written(self, verb)
