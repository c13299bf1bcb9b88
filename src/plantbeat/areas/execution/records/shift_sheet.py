"""A shift of a line on paper, and what was keyed in from it."""

from __future__ import annotations

from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import NOBODY, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField, NumberField
from plantbeat.kernel.lifecycle import Lifecycle, step
from plantbeat.kernel.record import Face, Record
from plantbeat.kernel.states import States, done, open_


def _keyed(record: Record, by: Actor, data: dict[str, Any]) -> None:
    from plantbeat.areas.execution.sheets.keying import append_keyed

    sheet = cast("ShiftSheet", record)
    sheet.good, sheet.scrap = append_keyed(sheet, data["keyed"], by)
    sheet.keyed_us, sheet.keyed_by = clock.now_us(), by.pseudonym


class ShiftSheet(Record):
    """The paper of a line for one shift: its number stands on every page, and it is keyed in once."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"), editable=False)
    number = NumberField("SH-", verbose_name=_("number"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"), editable=False)
    production_day = models.DateField(_("production day"), editable=False)
    shift = models.CharField(_("shift"), max_length=60, editable=False)
    crew = models.CharField(_("crew"), max_length=40, blank=True, editable=False)
    start_us = InstantField(verbose_name=_("begins"))
    end_us = InstantField(verbose_name=_("ends"))
    written_us = InstantField(verbose_name=_("pack written"), null=True)
    written_to = models.CharField(_("written to"), max_length=400, blank=True, editable=False)
    trouble = models.CharField(_("trouble"), max_length=400, blank=True, editable=False)
    keyed_us = InstantField(verbose_name=_("keyed in"), null=True)
    keyed_by = models.CharField(_("keyed in by"), max_length=60, blank=True, editable=False)
    good = models.PositiveBigIntegerField(_("good pieces keyed in"), null=True, blank=True, editable=False)
    scrap = models.PositiveBigIntegerField(_("scrap keyed in"), null=True, blank=True, editable=False)

    class State(States):
        on_paper = open_(_("On paper"))
        keyed_in = done(_("Keyed in"))

    lifecycle = Lifecycle(
        step(
            "key_in", State.on_paper, State.keyed_in, by=NOBODY, label=_("Key in"), asks=("keyed",),
            effect=_keyed,
        ),
    )  # fmt: skip
    actions = (
        step(
            "pack_written", by=NOBODY, label=_("Pack written"), asks=("written_us", "written_to", "trouble")
        ),
    )

    key = ("site", "number")
    access = Access(create=NOBODY, edit=NOBODY, remove=NOBODY)
    face = Face(
        columns=("number", "line", "production_day", "shift", "state", "written_us", "trouble", "keyed_us"),
        filters=("state", "line", "production_day"),
        search=("number", "line__code", "shift"),
        order=("-start_us", "line__code"),
        icon="file",
    )

    class Meta:
        db_table = "execution_shift_sheet"
        verbose_name = _("shift sheet")
        verbose_name_plural = _("shift sheets")
        constraints = [models.UniqueConstraint(fields=["line", "start_us"], name="execution_sheet_shift")]
