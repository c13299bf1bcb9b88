"""How an item is made."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant.records.machine import Machine
from plantbeat.kernel.access import PLANNING, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record
from plantbeat.kernel.schema import find


class Routing(Record):
    """The steps that make an item, in order (ISA-95 operations definition)."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    item = models.ForeignKey("plant.Item", models.PROTECT, verbose_name=_("item"))
    note = models.TextField(_("note"), blank=True)

    key = ("site", "item")
    after = ("plant.Machine",)
    access = Access.to(PLANNING)
    face = Face(
        columns=("item", "note"),
        filters=("item",),
        search=("item__code", "item__name"),
        order=("item__code",),
        icon="route",
    )

    class Meta:
        db_table = "plant_routing"
        verbose_name = _("routing")
        verbose_name_plural = _("routings")


class Operation(Line):
    """One step: where, how long per set-up and per piece, which set-up family, skill and people it needs."""

    routing = Parent(Routing, related_name="operations")
    step = models.PositiveIntegerField(_("step"))
    name = models.CharField(_("operation"), max_length=80, blank=True)
    work_centre = models.ForeignKey("plant.WorkCentre", models.PROTECT, verbose_name=_("work centre"))
    machines = models.CharField(
        _("only on"),
        max_length=200,
        blank=True,
        help_text=_("codes with commas; empty means every machine of the work centre"),
    )
    setup = DurationField(unit="min", verbose_name=_("set-up"), default=0)
    run = DurationField(unit="s", verbose_name=_("run time per unit"))
    queue = DurationField(unit="min", verbose_name=_("queue after"), default=0)
    setup_family = models.CharField(_("set-up family"), max_length=40, blank=True)
    skill = models.CharField(_("skill"), max_length=40, blank=True)
    crew_size = models.PositiveSmallIntegerField(_("people"), default=1)

    key = ("routing", "step")
    columns = (
        "step",
        "name",
        "work_centre",
        "machines",
        "setup",
        "run",
        "queue",
        "setup_family",
        "skill",
        "crew_size",
    )

    class Meta:
        db_table = "plant_operation"
        verbose_name = _("operation")
        verbose_name_plural = _("operations")

    def machine_codes(self) -> list[str]:
        """Codes of the machines the step is limited to; empty for all of the work centre."""
        return [code.strip() for code in self.machines.split(",") if code.strip()]

    def problems(self) -> Iterator[Problem]:
        """Named machines exist in the work centre; a step takes time."""
        for code in self.machine_codes():
            machine = find(Machine, code, self.routing.site_id)
            if not isinstance(machine, Machine) or machine.work_centre_id != self.work_centre_id:
                allowed = _("codes of machines of work centre %(code)s") % {"code": self.work_centre.code}
                yield Problem(_("is no machine of the work centre"), "machines", code, allowed)
        if self.run == 0 and self.setup == 0:
            yield Problem(_("a step needs a run time or a set-up time"), "run", 0)
