"""On what and when a site prints."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import ADMINISTRATORS, ANYONE, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.record import Face, Record

PRINTER = RegexValidator(r"^[A-Za-z0-9_.][\w.\-]*$", _("the name of a print queue, as lpstat shows it"))


class PaperSize(models.TextChoices):
    """Papers there are in an office."""

    a4 = "a4", _("A4")
    letter = "us-letter", _("US Letter")


class PaperRule(Record):
    """The paper of a site, and where its shift packs go before each shift."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    paper = ChoiceField(PaperSize, verbose_name=_("paper"), default=PaperSize.a4)
    folder = models.CharField(
        _("folder of shift packs"), max_length=300, blank=True,
        help_text=_("on the server, as in “/srv/packs”; empty: as PLANTBEAT_PACK_FOLDER says"),
    )  # fmt: skip
    printer = models.CharField(
        _("printer of shift packs"), max_length=80, blank=True, validators=[PRINTER],
        help_text=_("a print queue of the server; empty: none"),
    )  # fmt: skip
    minutes_before = models.PositiveSmallIntegerField(
        _("minutes before the shift"), default=30, validators=[MinValueValidator(5), MaxValueValidator(240)]
    )

    key = ("site",)
    access = Access(read=ANYONE, create=ADMINISTRATORS, edit=ADMINISTRATORS, remove=ADMINISTRATORS)
    face = Face(
        columns=("site", "paper", "folder", "printer", "minutes_before"), order=("site",), icon="printer"
    )

    class Meta:
        db_table = "daily_paper_rule"
        verbose_name = _("paper rule")
        verbose_name_plural = _("paper rules")
