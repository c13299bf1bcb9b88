"""Orders to make something."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.planning.room_panel import room_panel
from plantbeat.kernel.access import FLOOR, PLANNING, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import NumberField, QuantityField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, bad, done, off, open_, waiting


class WorkOrder(Record):
    """An order to make a quantity of an item by a date (ISA-95 job order)."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField(prefix="WO-", verbose_name=_("number"))
    item = models.ForeignKey("plant.Item", models.PROTECT, verbose_name=_("item"))
    quantity = QuantityField(
        unit_from="item.unit", verbose_name=_("quantity"), validators=[MinValueValidator(0)]
    )
    released = models.DateTimeField(_("earliest start"), null=True, blank=True)
    due = models.DateTimeField(_("due"))
    weight = models.PositiveSmallIntegerField(
        _("weight"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("what a late minute counts"),
    )
    customer = models.CharField(_("customer"), max_length=80, blank=True)
    note = models.TextField(_("note"), blank=True)

    class State(States):
        planned = open_(_("Planned"))
        firm = open_(_("Released"))
        started = waiting(_("In work"))
        held = bad(_("On hold"))
        completed = done(_("Completed"))
        cancelled = off(_("Cancelled"))

    lifecycle = Lifecycle(
        step("release", State.planned, State.firm, by=PLANNING, label=_("Release")),
        step("start", State.firm, State.started, by=FLOOR | PLANNING, label=_("Start")),
        step(
            "hold", (State.firm, State.started), State.held, by=FLOOR | PLANNING, label=_("Hold"), reason=True
        ),
        step("resume", State.held, State.firm, by=PLANNING, label=_("Resume")),
        step("complete", State.started, State.completed, by=FLOOR | PLANNING, label=_("Complete")),
        step(
            "cancel",
            (State.planned, State.firm, State.held),
            State.cancelled,
            by=PLANNING,
            label=_("Cancel"),
            reason=True,
        ),
    )

    key = ("site", "number")
    access = Access.to(PLANNING)
    face = Face(
        columns=("number", "item", "quantity", "due", "state", "customer"),
        filters=("state", "item", "due", "customer"),
        search=("number", "customer", "item__code", "item__name"),
        order=("due",),
        panels=(room_panel,),
        label=True,
        icon="clipboard-list",
    )

    class Meta:
        db_table = "planning_work_order"
        verbose_name = _("work order")
        verbose_name_plural = _("work orders")

    def problems(self) -> Iterator[Problem]:
        """A positive quantity, and a due date after the earliest start."""
        if self.quantity <= 0:
            yield Problem(_("must be more than zero"), "quantity", self.quantity)
        if self.released and self.due <= self.released:
            yield Problem(_("lies before the earliest start"), "due", self.due)
