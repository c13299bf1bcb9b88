"""The safety huddle at the start of a shift."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.safety.records.hazard import SAFETY
from plantbeat.kernel import clock
from plantbeat.kernel.access import Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Huddle(Record):
    """A safety huddle that was held: topic, shift, how many took part. Numbers, no names."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    day = models.DateField(_("production day"))
    shift = models.CharField(_("shift"), max_length=60)
    topic = models.CharField(_("topic"), max_length=200)
    attended = models.PositiveSmallIntegerField(_("people who took part"), null=True, blank=True)
    held_us = InstantField(verbose_name=_("held"), default=clock.now_us)

    key = ("site", "day", "shift")
    access = Access.to(SAFETY | {Role.line_lead})
    face = Face(
        columns=("day", "shift", "topic", "attended", "held_us"),
        filters=("day", "shift"),
        search=("topic",),
        order=("-day", "shift"),
        icon="bell",
    )

    class Meta:
        db_table = "safety_huddle"
        verbose_name = _("safety huddle")
        verbose_name_plural = _("safety huddles")

    def problems(self) -> Iterator[Problem]:
        """A topic is said."""
        if not self.topic.strip():
            yield Problem(_("say what was talked about"), "topic", self.topic)
