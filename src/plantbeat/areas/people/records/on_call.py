"""The on-call list: who can be reached outside the rotation, from when to when."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Role
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField, NumberField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class OnCall(Record):
    """Somebody who answers in a role for a time, whether their crew works or not."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = NumberField("OC-", verbose_name=_("number"))
    person = models.ForeignKey("people.Person", models.PROTECT, verbose_name=_("person"))
    role = ChoiceField(Role, verbose_name=_("answers as"))
    area = models.ForeignKey(
        "plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"),
        help_text=_("empty: the whole site"),
    )  # fmt: skip
    starts = models.DateTimeField(_("from"), db_index=True)
    ends = models.DateTimeField(_("until"), db_index=True)

    key = ("site", "number")
    access = Access.to(LEADERS)
    face = Face(
        columns=("number", "person", "role", "area", "starts", "ends"),
        filters=("role", "area", "person", "starts"),
        search=("number", "person__name"),
        order=("-starts",),
        icon="calendar-plus",
    )

    class Meta:
        db_table = "people_on_call"
        verbose_name = _("on-call duty")
        verbose_name_plural = _("on-call duties")

    def problems(self) -> Iterator[Problem]:
        """It ends after it starts; person and area are of the site."""
        if self.starts and self.ends and self.ends <= self.starts:
            yield Problem(_("lies not after “from”"), "ends", self.ends)
        if self.person_id and self.person.site_id != self.site_id:
            yield Problem(_("works at another site"), "person", self.person.number)
        if self.area_id and self.area is not None and self.area.site_id != self.site_id:
            yield Problem(_("belongs to another site"), "area", self.area.code)
