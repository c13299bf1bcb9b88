"""How a line's operators report."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.access import LEADERS, Access, Role
from plantbeat.kernel.accounts import CODE, Site
from plantbeat.kernel.fields import ChoiceField, DurationField
from plantbeat.kernel.record import Face, Line, Parent, Record

MINUTE_US = 60_000_000
SIGN_OFF_US = 30 * MINUTE_US
DEFECT_PLACES = 8


class CountingBy(models.TextChoices):
    """How pieces are counted by hand; never both on one line, or pieces would count twice."""

    steps = "steps", _("+1, +pack, +pallet")
    counter = "counter", _("reading of a counter")


class LineTerminal(Record):
    """The operator terminal of a line: how pieces are counted by hand, defects, when it signs off."""

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    line = models.ForeignKey("plant.Line", models.PROTECT, verbose_name=_("line"))
    counting = ChoiceField(
        CountingBy, verbose_name=_("pieces by"), default=CountingBy.steps,
        help_text=_("where no machine counts them"),
    )  # fmt: skip
    sign_off_after = DurationField(
        unit="min", verbose_name=_("signs off after"), default=SIGN_OFF_US, min_us=MINUTE_US,
        help_text=_("without a tap"),
    )  # fmt: skip

    key = ("site", "line")
    access = Access(create=LEADERS | {Role.quality}, edit=LEADERS | {Role.quality})
    face = Face(
        columns=("line", "counting", "sign_off_after"),
        filters=("line", "counting"),
        search=("line__code",),
        order=("line__code",),
        icon="device-tablet",
    )

    class Meta:
        db_table = "execution_line_terminal"
        verbose_name = _("operator terminal")
        verbose_name_plural = _("operator terminals")


class DefectButton(Line):
    """A defect that a scrapped piece can have, in its fixed place."""

    terminal = Parent(LineTerminal, related_name="defects")
    place = models.PositiveSmallIntegerField(
        _("place"), validators=[MinValueValidator(1), MaxValueValidator(DEFECT_PLACES)]
    )
    code = models.CharField(_("code"), max_length=40, validators=[CODE])
    name = models.CharField(_("name"), max_length=60)

    key = ("terminal", "place")
    columns = ("place", "code", "name")

    class Meta:
        db_table = "execution_defect_button"
        verbose_name = _("defect")
        verbose_name_plural = _("defects")
