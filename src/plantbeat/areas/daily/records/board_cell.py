"""What people say about a day of a letter: a figure nobody measures, and why it was red."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.daily.records.tier_board import Letter
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, NOBODY, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, InstantField, ReferenceField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record

MEETS = LEADERS | {Role.line_lead, Role.planner, Role.quality, Role.maintenance, Role.ehs}
"""Who speaks at a tier meeting."""


def _noted(record: Record, by: Actor, data: dict[str, Any]) -> None:
    from plantbeat.areas.daily.persons import person_of

    cell = cast("BoardCell", record)
    cell.noted_by, cell.noted_us = person_of(cell.site, by), clock.now_us()


class BoardCell(Record):
    """One figure of a board on one day, as far as people have to say it.

    Where the catalogue has a measure its value is never kept here: the cell holds the reason and the action
    of a red alone.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    board = models.ForeignKey("daily.TierBoard", models.PROTECT, verbose_name=_("board"))
    day = models.DateField(_("day"))
    letter = ChoiceField(Letter, verbose_name=_("letter"))
    item = models.CharField(_("figure"), max_length=60, help_text=_("code of the measure, or its name"))
    value = models.DecimalField(_("written value"), max_digits=14, decimal_places=4, null=True, blank=True)
    reason = models.CharField(_("reason of the red"), max_length=300, blank=True)
    action = ReferenceField(("improvement.ImprovementAction",), verbose_name=_("action"), blank=True)
    noted_by = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("noted by")
    )
    noted_us = InstantField(verbose_name=_("noted"), default=clock.now_us)

    key = ("site", "board", "day", "letter", "item")
    access = Access(create=MEETS, edit=NOBODY)
    actions = (step("note", by=MEETS, label=_("Note"), asks=("value", "reason", "action"), effect=_noted),)
    face = Face(
        columns=("day", "board", "letter", "item", "value", "reason", "noted_by", "noted_us"),
        filters=("board", "day", "letter"),
        search=("item", "reason", "board__code"),
        order=("-day",),
        icon="columns-3",
    )

    class Meta:
        db_table = "daily_board_cell"
        verbose_name = _("cell of a board")
        verbose_name_plural = _("cells of boards")

    def problems(self) -> Iterator[Problem]:
        """Nobody writes a value where there is a measure for it; no day of the future."""
        if self.value is not None and self.item in set(MeasureCode):
            yield Problem(_("is measured and cannot be written"), "value", self.value)
        if self.day > clock.now().date():
            yield Problem(_("lies in the future"), "day", self.day)
