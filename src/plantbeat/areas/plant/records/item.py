"""What is made, bought or used."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import bills
from plantbeat.kernel.access import PLANNING, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, MoneyField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class ItemKind(models.TextChoices):
    """Where an item comes from."""

    made = "made", _("Made")
    bought = "bought", _("Bought")


class Item(Record):
    """A material, part or product (ISA-95 material definition) with its stock-keeping unit."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("unit"), max_length=12, default="pcs", help_text=_("as in “pcs”, “kg”, “l”"))
    kind = ChoiceField(ItemKind, verbose_name=_("kind"), default=ItemKind.made)
    family = models.CharField(_("family"), max_length=40, blank=True)
    standard_cost = MoneyField(
        verbose_name=_("standard cost"), null=True, blank=True, help_text=_("per unit")
    )
    pack_size = models.PositiveIntegerField(
        _("pieces per pack"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("for the terminal's +pack; empty: not offered"),
    )  # fmt: skip
    pallet_size = models.PositiveIntegerField(
        _("pieces per pallet"), null=True, blank=True, validators=[MinValueValidator(1)],
        help_text=_("for the terminal's +pallet; empty: not offered"),
    )  # fmt: skip

    key = ("site", "code")
    access = Access.to(PLANNING)
    face = Face(
        columns=("code", "name", "unit", "kind", "family"),
        filters=("kind", "family"),
        search=("code", "name", "family"),
        order=("code",),
        panels=(bills.structure_panel, bills.where_used_panel),
        label=True,
        icon="package",
    )

    class Meta:
        db_table = "plant_item"
        verbose_name = _("item")
        verbose_name_plural = _("items")

    def problems(self) -> Iterator[Problem]:
        """A pallet holds at least a pack."""
        if self.pack_size and self.pallet_size and self.pallet_size < self.pack_size:
            yield Problem(_("is less than a pack"), "pallet_size", self.pallet_size)
