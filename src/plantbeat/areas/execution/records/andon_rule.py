"""How calls of a site leave the house, and how the way is proved, from a date on."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import DurationField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record

WEB = URLValidator(("http", "https"), message=_("must be an address that begins with http:// or https://"))


class AndonRule(Record):
    """The andon settings of a site: the test call of each shift and the gateway for SMS or webhook."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    valid_from = models.DateField(_("in force from"))
    test_after = DurationField(
        unit="min", verbose_name=_("test call after"), null=True, blank=True,
        help_text=_("so long after each shift begins a test call proves the way; empty: no test calls"),
    )  # fmt: skip
    gateway_url = models.CharField(
        _("address of the gateway"), max_length=300, blank=True, validators=[WEB],
        help_text=_("called by POST with JSON; empty: the one of the installation, if it has one"),
    )  # fmt: skip

    key = ("site", "valid_from")
    access = Access.to(LEADERS)
    face = Face(
        columns=("valid_from", "test_after", "gateway_url"),
        filters=("valid_from",),
        search=("gateway_url",),
        order=("-valid_from",),
        icon="settings",
    )

    class Meta:
        db_table = "execution_andon_rule"
        verbose_name = _("andon rule")
        verbose_name_plural = _("andon rules")

    def problems(self) -> Iterator[Problem]:
        """The gateway speaks HTTP, and no password stands in its address."""
        if "@" in self.gateway_url.partition("//")[2].partition("/")[0]:
            yield Problem(_("holds a password; it belongs into the environment"), "gateway_url")
