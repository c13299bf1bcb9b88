"""Parts of a site."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Area(Record):
    """A part of a site (ISA-95 area): filling hall, machining cell."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(columns=("code", "name"), search=("code", "name"), order=("code",), icon="map")

    class Meta:
        db_table = "plant_area"
        verbose_name = _("area")
        verbose_name_plural = _("areas")

    def problems(self) -> Iterator[Problem]:
        """No line and no machine has its code."""
        yield from publishing.code_problems(self)

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.area_written(self, verb)
