"""The surfaces' own tables."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel import clock
from plantbeat.kernel.access import ANYONE, NOBODY, PLANNING, Access, Actor
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.fields import InstantField
from plantbeat.kernel.record import Face, Record


class SavedView(Record):
    """A list's filters, sort and columns under a name, for one person or for everybody."""

    owner = models.ForeignKey(User, models.CASCADE, verbose_name=_("owner"), editable=False)
    record_type = models.CharField(_("list"), max_length=80, editable=False)
    name = models.CharField(_("name"), max_length=80)
    query = models.CharField(_("query"), max_length=1000, blank=True, editable=False)
    shared = models.BooleanField(_("everybody sees it"), default=False)

    key = ("owner", "record_type", "name")
    scope = None
    access = Access(read=ANYONE, create=NOBODY, edit=NOBODY, remove=NOBODY, owner="owner")
    face = Face(columns=("name", "record_type", "shared"), search=("name",), order=("name",), menu=False)

    class Meta:
        db_table = "surfaces_saved_view"
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")

    @classmethod
    def narrowed(cls, rows: models.QuerySet[SavedView], by: Actor) -> models.QuerySet[SavedView]:
        """One's own views and those shared."""
        return rows.filter(models.Q(owner=by.user_id) | models.Q(shared=True))


class ImportMapping(Record):
    """How a file was read the last time a sheet had these titles; without an owner, by the command line."""

    owner = models.ForeignKey(
        User, models.CASCADE, verbose_name=_("owner"), editable=False, null=True, blank=True
    )
    layout = models.CharField(_("sheet"), max_length=120, editable=False)
    signature = models.CharField(_("titles"), max_length=64, editable=False)
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    defaults = models.JSONField(_("assumed"), default=dict, blank=True)

    key = ("owner", "layout", "signature")
    scope = None
    access = Access(read=ANYONE, create=NOBODY, edit=NOBODY, remove=NOBODY, owner="owner")
    face = Face(columns=("layout", "signature"), order=("layout",), menu=False)

    class Meta:
        db_table = "surfaces_import_mapping"
        verbose_name = _("remembered import")
        verbose_name_plural = _("remembered imports")


class Assumption(Record):
    """A value an import took because the file gave none; removed when somebody gives or confirms one."""

    site = models.ForeignKey(Site, models.CASCADE, verbose_name=_("site"))
    record_type = models.CharField(_("record type"), max_length=80)
    record_id = models.BigIntegerField(_("record"))
    line = models.CharField(_("line"), max_length=120, blank=True, help_text=_("as in “operations 10”"))
    field = models.CharField(_("field"), max_length=60)
    value = models.CharField(_("assumed"), max_length=200)
    since_us = InstantField(verbose_name=_("since"), default=clock.now_us)
    source = models.CharField(_("file"), max_length=120)

    key = ("site", "record_type", "record_id", "line", "field")
    access = Access(read=ANYONE, create=NOBODY, edit=NOBODY, remove=PLANNING)
    face = Face(columns=("record_type", "field", "value", "source"), order=("record_type",), menu=False)

    class Meta:
        db_table = "surfaces_assumption"
        verbose_name = _("assumption")
        verbose_name_plural = _("assumptions")
