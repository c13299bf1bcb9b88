"""People of the plant."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.people.reports import reports_panel
from plantbeat.kernel.access import LEADERS, Access, Privacy, Role
from plantbeat.kernel.accounts import CODE, Site, User
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class Person(Record):
    """Somebody who works at the site: crew, home line, and who they report to."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    number = models.CharField(_("personnel number"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=120)
    job = models.CharField(_("job"), max_length=60, blank=True)
    duty = ChoiceField(
        Role, verbose_name=_("on duty as"), blank=True, default="",
        help_text=_("the role they answer calls in; empty: the roles they sign in with"),
    )  # fmt: skip
    crew = models.ForeignKey("people.Crew", models.PROTECT, null=True, blank=True, verbose_name=_("crew"))
    home_line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("home line")
    )
    reports_to = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("reports to")
    )
    user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, verbose_name=_("signs in as"))
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    joined = models.DateField(_("joined"), null=True, blank=True)
    left = models.DateField(_("left"), null=True, blank=True)

    key = ("site", "number")
    access = Access.to(
        LEADERS, private={"phone": Privacy.contact, "joined": Privacy.contact, "left": Privacy.contact}
    )
    face = Face(
        columns=("number", "name", "job", "duty", "crew", "home_line", "reports_to"),
        filters=("crew", "home_line", "job", "duty", "reports_to"),
        search=("number", "name", "job"),
        order=("name",),
        panels=(reports_panel,),
        icon="user",
    )

    class Meta:
        db_table = "people_person"
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def problems(self) -> Iterator[Problem]:
        """Nobody reports to themselves, directly or in a circle."""
        above, seen = self.reports_to, {self.pk}
        while above is not None:
            if above.pk in seen:
                yield Problem(
                    _("nobody can report to themselves or to somebody below them"), "reports_to", above.number
                )
                return
            seen.add(above.pk)
            above = above.reports_to
        if self.joined and self.left and self.left < self.joined:
            yield Problem(_("lies before “joined”"), "left", self.left)
