"""Which reason stands under which button of a line's terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import LEADERS, Access, Actor, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.lifecycle import step
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record

PLACES = 12
REVIEWERS = LEADERS | {Role.line_lead}


def _review(record: Record, _by: Actor, _data: dict[str, Any]) -> None:
    cast("Any", record).reviewed_us = clock.now_us()


REVIEW = step("review", by=REVIEWERS, effect=_review, label=_("Note as reviewed"))
"""Notes when places were last looked at; for every record of buttons."""


def reason_elsewhere(button: Any) -> Iterator[Problem]:
    """A button offers a reason of the site its buttons belong to."""
    if button.reason_id and button.reason.site_id != button.buttons.site_id:
        yield Problem(_("is a reason of another site"), "reason", button.reason.code)


class ReasonButtons(Record):
    """The reasons of stops offered on a line's terminal, each in its fixed place.

    A hand in a glove learns where a button is, so nothing ever moves by itself: a weekly review proposes
    changes by how often reasons were given, and somebody decides.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    reviewed_us = InstantField(verbose_name=_("reviewed"), null=True)

    key = ("site", "line")
    after = ("plant.DowntimeReason",)
    access = Access(create=REVIEWERS, edit=REVIEWERS)
    actions = (REVIEW,)
    face = Face(
        columns=("line", "reviewed_us"),
        filters=("line",),
        search=("line__code",),
        order=("line__code",),
        icon="layout-grid",
    )

    class Meta:
        db_table = "execution_reason_buttons"
        verbose_name = _("buttons of stop reasons")
        verbose_name_plural = _("buttons of stop reasons")


class ReasonButton(Line):
    """One button: its place on the screen, from the top left, and the reason under it."""

    buttons = Parent(ReasonButtons, related_name="places")
    place = models.PositiveSmallIntegerField(
        _("place"), validators=[MinValueValidator(1), MaxValueValidator(PLACES)]
    )
    reason = models.ForeignKey("plant.DowntimeReason", models.PROTECT, verbose_name=_("reason"))

    key = ("buttons", "place")
    columns = ("place", "reason")

    class Meta:
        db_table = "execution_reason_button"
        verbose_name = _("button")
        verbose_name_plural = _("buttons")

    def problems(self) -> Iterator[Problem]:
        """A reason of the line's own site."""
        yield from reason_elsewhere(self)
