"""Boards of tier meetings: what each letter is judged by, who meets when, and which board is above."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Direction
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record

TIERS = (1, 2, 3)


class Letter(models.TextChoices):
    """The letters of a board, in the order they are spoken about."""

    safety = "S", _("Safety")
    quality = "Q", _("Quality")
    delivery = "D", _("Delivery")
    cost = "C", _("Cost")
    morale = "M", _("Morale")


class Better(models.TextChoices):
    """Which way is better for a figure that people write down."""

    more = Direction.higher_is_better.value, _("higher is better")
    less = Direction.lower_is_better.value, _("lower is better")


class Part(models.TextChoices):
    """What is looked at during a point of the agenda."""

    attendance = "attendance", _("attendance")
    reds = "reds", _("reds")
    letters = "letters", _("letters")
    below = "below", _("boards below")
    escalations = "escalations", _("escalations")
    actions = "actions", _("actions")
    end = "end", _("summary")


class TierBoard(Record):
    """The board of a line, an area or the site; its reds and questions go to the board above."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    tier = models.PositiveSmallIntegerField(
        _("tier"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    area = models.ForeignKey("plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"))
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    above = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="below", verbose_name=_("board above")
    )
    meets_at = models.TimeField(_("meets at"), default=time(6, 45))
    led_by = models.ForeignKey(
        "people.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("led by")
    )

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "tier", "area", "line", "above", "meets_at", "led_by"),
        filters=("tier", "area", "line"),
        search=("code", "name"),
        order=("tier", "code"),
        icon="columns-3",
    )

    class Meta:
        db_table = "daily_tier_board"
        verbose_name = _("tier board")
        verbose_name_plural = _("tier boards")

    @property
    def place(self) -> Scope:
        """The place its measures are asked about; the site where it names none."""
        if self.line is not None:
            return Scope(self.site_id, AssetLevel.line, self.line.code)
        if self.area is not None:
            return Scope(self.site_id, AssetLevel.area, self.area.code)
        return Scope.site(self.site_id)

    def problems(self) -> Iterator[Problem]:
        """One place; the board above is of a higher tier."""
        if self.area_id is not None and self.line_id is not None:
            yield Problem(_("give one place only: an area or a line"), "line")
        if self.above is not None and self.above.tier <= self.tier:
            yield Problem(_("must be a board of a higher tier"), "above", self.above.code)
        if self.above is not None and self.above.site_id != self.site_id:
            yield Problem(_("belongs to another site"), "above", self.above.code)


class BoardMeasure(Line):
    """What a letter is judged by: a measure of the catalogue, or a figure people write down.

    A measure has its target where all targets are; a written figure has it here.
    """

    board = Parent(TierBoard, related_name="measures")
    place = models.PositiveSmallIntegerField(_("place"), default=1)
    letter = ChoiceField(Letter, verbose_name=_("letter"))
    measure = ChoiceField(MeasureCode, blank=True, verbose_name=_("measure"))
    written = models.CharField(
        _("written figure"), max_length=60, blank=True, help_text=_("only where there is no measure for it")
    )
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    better = ChoiceField(Better, default=Better.less, verbose_name=_("better"))
    target = models.DecimalField(_("target"), max_digits=14, decimal_places=4, null=True, blank=True)
    watch = models.DecimalField(_("watch from"), max_digits=14, decimal_places=4, null=True, blank=True)

    key = ("board", "place")
    columns = ("place", "letter", "measure", "written", "unit", "better", "target", "watch")

    class Meta:
        db_table = "daily_board_measure"
        verbose_name = _("measure of a board")
        verbose_name_plural = _("measures of a board")

    @property
    def item(self) -> str:
        """What its cells are kept under."""
        return self.measure or self.written

    def problems(self) -> Iterator[Problem]:
        """A measure or a written figure, and a target only where none can stand elsewhere."""
        if bool(self.measure) == bool(self.written.strip()):
            yield Problem(_("give a measure, or the name of a figure that is written down"), "measure")
        if self.measure and (self.target is not None or self.watch is not None):
            yield Problem(_("a measure has its target in the list of targets"), "target", self.target)


class AgendaPoint(Line):
    """A point of the meeting and the minutes it has."""

    board = Parent(TierBoard, related_name="agenda")
    place = models.PositiveSmallIntegerField(_("place"), default=1)
    name = models.CharField(_("point"), max_length=80)
    minutes = models.PositiveSmallIntegerField(
        _("minutes"), default=2, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )

    shows = ChoiceField(Part, default=Part.letters, verbose_name=_("looks at"))

    key = ("board", "place")
    columns = ("place", "name", "minutes", "shows")

    class Meta:
        db_table = "daily_agenda_point"
        verbose_name = _("agenda point")
        verbose_name_plural = _("agenda")


class BoardMember(Line):
    """Somebody who is expected at the meetings of a board."""

    board = Parent(TierBoard, related_name="members")
    person = models.ForeignKey("people.Person", models.PROTECT, related_name="+", verbose_name=_("person"))

    key = ("board", "person")
    columns = ("person",)

    class Meta:
        db_table = "daily_board_member"
        verbose_name = _("member")
        verbose_name_plural = _("members")
