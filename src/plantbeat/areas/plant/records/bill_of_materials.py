"""What an item is made from."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant.records.item import ItemKind
from plantbeat.kernel.access import PLANNING, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import QuantityField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.questions import lines_of
from plantbeat.kernel.record import Face, Line, Parent, Record


class BillOfMaterials(Record):
    """Components of one item, one level; deeper levels follow from the components' own bills (APICS)."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    item = models.ForeignKey("plant.Item", models.PROTECT, verbose_name=_("item"))
    batch = QuantityField(
        unit_from="item.unit",
        verbose_name=_("for a quantity of"),
        default=Decimal(1),
        validators=[MinValueValidator(0)],
    )

    key = ("site", "item")
    access = Access.to(PLANNING)
    face = Face(
        columns=("item", "batch"),
        filters=("item",),
        search=("item__code", "item__name"),
        order=("item__code",),
        icon="sitemap",
    )
    plural_slug = "bills-of-materials"

    class Meta:
        db_table = "plant_bill_of_materials"
        verbose_name = _("bill of materials")
        verbose_name_plural = _("bills of materials")


class Component(Line):
    """One component, its quantity, the share lost on the way, and when it is in force."""

    bill = Parent(BillOfMaterials, related_name="components")
    item = models.ForeignKey("plant.Item", models.PROTECT, verbose_name=_("component"))
    quantity = QuantityField(
        unit_from="item.unit", verbose_name=_("quantity"), validators=[MinValueValidator(0)]
    )
    scrap_percent = models.DecimalField(
        _("scrap (%)"), max_digits=6, decimal_places=3, default=Decimal(0),
        validators=[MinValueValidator(0), MaxValueValidator(99)],
    )  # fmt: skip
    valid_from = models.DateField(_("in force from"), null=True, blank=True)
    valid_to = models.DateField(_("in force until"), null=True, blank=True)

    key = ("bill", "item", "valid_from")
    columns = ("item", "quantity", "scrap_percent", "valid_from", "valid_to")

    class Meta:
        db_table = "plant_component"
        verbose_name = _("component")
        verbose_name_plural = _("components")

    def problems(self) -> Iterator[Problem]:
        """An item is no component of itself, over no level, and validity ends after it begins."""
        if self.item_id == self.bill.item_id:
            yield Problem(_("an item cannot be a component of itself"), "item", self.item.code)
        elif self._contains(self.bill.item_id):
            yield Problem(_("contains the item that is to be made of it"), "item", self.item.code)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            yield Problem(_("lies before “in force from”"), "valid_to", self.valid_to)

    def _contains(self, wanted: int) -> bool:
        """True if an item is in the component, over any number of levels; one look-up per level."""
        pending, seen = {self.item_id}, set()
        while pending and self.item.kind == ItemKind.made:
            seen |= pending
            rows = lines_of(Component, Actor.system("bills"))
            below = rows.filter(bill__item__in=pending, bill__site=self.bill.site_id)
            pending = set(below.values_list("item", flat=True)) - seen
            if wanted in pending:
                return True
        return False
