"""Boards on the wall: what each shows, from how far it is read, and how wide its screen is."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, ReferenceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Record


class BoardKind(models.TextChoices):
    """What a board shows."""

    line = "line", _("One line")
    hours = "hours", _("Hours of one line")
    plant = "plant", _("The whole plant")
    start_up = "start_up", _("The start-up of the shift")
    andon = "andon", _("Open calls for help")
    tier = "tier", _("A tier board")
    week = "week", _("The last week")
    month = "month", _("The last month")


class Distance(models.TextChoices):
    """From how far a board is read."""

    near = "3", _("3 m")
    middle = "6", _("6 m")
    far = "10", _("10 m")


TILES: dict[str, tuple[str, ...]] = {
    BoardKind.line: (
        "now", "behind", "oee", "good", "takt", "scrap", "availability", "performance", "quality",
    ),
    BoardKind.hours: ("h0", "h-1", "h1", "h-2", "h-3"),
    BoardKind.plant: ("S", "Q", "D", "C", "M"),
    BoardKind.start_up: ("S", "Q", "D", "C", "M"),
    BoardKind.andon: ("call1", "call2", "call3", "call4", "call5"),
    BoardKind.tier: ("S", "Q", "D", "C", "M"),
    BoardKind.week: ("1", "2", "3", "4", "5"),
    BoardKind.month: ("1", "2", "3", "4", "5"),
}  # fmt: skip
"""The tiles a kind of board has, the most important first: the last ones drop out where there is no room."""

MOST_TILES = 5


class Look(models.TextChoices):
    """How a board is lit."""

    dark = "dark", _("dark")
    light = "light", _("light, for bright halls")


class Language(models.TextChoices):
    """What a board speaks; the names as the product offers them."""

    english = "en", "English"
    spanish = "es", "Español"


class WallBoard(Record):
    """A board that a paired screen shows; a board with the code of a line stands for that line's own."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    code = models.CharField(_("code"), max_length=30, validators=[CODE])
    name = models.CharField(_("name"), max_length=80)
    kind = ChoiceField(BoardKind, verbose_name=_("shows"), default=BoardKind.line)
    line = models.ForeignKey("plant.Line", models.PROTECT, null=True, blank=True, verbose_name=_("line"))
    area = models.ForeignKey(
        "plant.Area", models.PROTECT, null=True, blank=True, verbose_name=_("area"),
        help_text=_("of calls for help and the worst stop; empty: the whole site"),
    )  # fmt: skip
    tier_board = ReferenceField(
        ("daily.TierBoard",), verbose_name=_("tier board"), blank=True, default="",
        help_text=_("whose letters it shows"),
    )  # fmt: skip
    distance = ChoiceField(Distance, verbose_name=_("read from"), default=Distance.near)
    screen_cm = models.PositiveSmallIntegerField(
        _("width of the screen (cm)"), default=122,
        validators=[MinValueValidator(40), MaxValueValidator(600)],
        help_text=_("122 for 55 inches; measured without the frame"),
    )  # fmt: skip
    tiles = models.CharField(
        _("tiles"), max_length=120, blank=True,
        help_text=_("at most five, the most important first, with commas; empty: as usual for its kind"),
    )  # fmt: skip

    look = ChoiceField(Look, verbose_name=_("look"), default=Look.dark)
    language = ChoiceField(
        Language, verbose_name=_("language"), blank=True, default="",
        help_text=_("empty: that of the screen's browser"),
    )  # fmt: skip

    key = ("site", "code")
    access = Access.to(LEADERS)
    face = Face(
        columns=("code", "name", "kind", "line", "area", "distance", "screen_cm"),
        filters=("kind", "line", "area", "distance"),
        search=("code", "name", "line__code"),
        order=("code",),
        icon="device-tv",
    )

    class Meta:
        db_table = "execution_wall_board"
        verbose_name = _("wall board")
        verbose_name_plural = _("wall boards")

    def tile_codes(self) -> list[str]:
        """The tiles it is to show, the most important first."""
        chosen = [code.strip() for code in self.tiles.split(",") if code.strip()]
        return chosen or list(TILES[self.kind][:MOST_TILES])

    def problems(self) -> Iterator[Problem]:
        """A board of a line or a tier names it; tiles are those of its kind, at most five."""
        if self.kind in (BoardKind.line, BoardKind.hours) and self.line_id is None:
            yield Problem(_now("is required for this kind of board"), "line")
        if self.kind == BoardKind.tier and not self.tier_board:
            yield Problem(_now("is required for this kind of board"), "tier_board")
        known = TILES.get(self.kind, ())
        chosen = self.tile_codes() if self.kind in TILES else []
        if len(chosen) > MOST_TILES or len(set(chosen)) < len(chosen) or not set(chosen) <= set(known):
            allowed = _now("at most five of: %(codes)s") % {"codes": ", ".join(known)}
            yield Problem(_now("are no tiles of this board"), "tiles", self.tiles, allowed)
