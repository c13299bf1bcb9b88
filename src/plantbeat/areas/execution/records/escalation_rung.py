"""The ladder: who is called next, and when, while nobody helps or signs."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Role
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class About(models.TextChoices):
    """What a rung is climbed by."""

    call = "call", _("calls for help")
    handoff = "handoff", _("unsigned handoffs")


class EscalationRung(Record):
    """One rung of the ladder: a role, told by some channels, so long after the call was raised, or after the
    time in which a handoff had to be signed.

    Of the rungs with one number the one that names the line holds, then the one that names its area, then the
    one that names the kind of call, then the general one.
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    about = ChoiceField(About, verbose_name=_("for"), default=About.call)
    rung = models.PositiveSmallIntegerField(
        _("rung"), validators=[MinValueValidator(1), MaxValueValidator(9)]
    )
    role = ChoiceField(Role, verbose_name=_("calls"))
    delay = DurationField(unit="min", verbose_name=_("after"), default=0)
    category = models.ForeignKey(
        "execution.AndonCategory", models.PROTECT, null=True, blank=True, verbose_name=_("kind of call"),
        help_text=_("empty: all"),
    )  # fmt: skip
    area = models.ForeignKey(
        "plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"), help_text=_("empty: all")
    )
    line = models.ForeignKey(
        "plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"), help_text=_("empty: all")
    )
    board = models.BooleanField(_("on the boards"), default=True)
    sound = models.BooleanField(_("tablet sound"), default=True)
    email = models.BooleanField(_("e-mail"), default=False)
    gateway = models.BooleanField(_("SMS or webhook gateway"), default=False)

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=(
            "code", "about", "rung", "role", "delay", "category", "area", "line", "board", "sound", "email",
            "gateway",
        ),
        filters=("about", "role", "category", "line", "area"),
        search=("code",),
        order=("about", "rung", "code"),
        icon="arrow-up",
    )  # fmt: skip

    class Meta:
        db_table = "execution_escalation_rung"
        verbose_name = _("rung of the ladder")
        verbose_name_plural = _("rungs of the ladder")

    def problems(self) -> Iterator[Problem]:
        """It tells somebody, and what it names is of the site."""
        if not (self.board or self.sound or self.email or self.gateway):
            yield Problem(_("choose at least one channel"), "board")
        for name in ("category", "line") if self.about == About.handoff else ():
            if getattr(self, name) is not None:
                yield Problem(_("must be empty: a handoff is of an area"), name, getattr(self, name).code)
        for name in ("category", "area", "line"):
            named = getattr(self, name)
            if named is not None and named.site_id != self.site_id:
                yield Problem(_("belongs to another site"), name, named.code)
