"""What the words of machines mean."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from plantbeat.areas.plant import publishing
from plantbeat.kernel.access import LEADERS, Access, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.fields import ChoiceField
from plantbeat.kernel.problems import Problem
from plantbeat.kernel.record import Face, Line, Parent, Record


class CanonicalState(models.TextChoices):
    """What an asset can be doing (ISO 22400-2 time elements, PackML held and suspended apart)."""

    running = "running", _("Running")
    setup = "setup", _("Set-up")
    own_stop = "own_stop", _("Own stop")
    starved = "starved", _("Starved")
    blocked = "blocked", _("Blocked")
    planned_stop = "planned_stop", _("Planned stop")
    no_order = "no_order", _("No order")
    no_data = "no_data", _("No data")
    unexplained = "unexplained", _("Not yet explained")


class StateMap(Record):
    """The states behind the words of machines of one class, from a date on.

    Words it does not name mean what they usually mean (MTConnect, PackML, plain words).
    """

    site = models.ForeignKey(Site, models.PROTECT, verbose_name=_("site"))
    machine_class = models.CharField(
        _("class"),
        max_length=40,
        default=publishing.EVERY_CLASS,
        help_text=_("of machines; “*” for every class"),
    )
    valid_from = models.DateField(_("in force from"))
    note = models.CharField(_("note"), max_length=120, blank=True)

    key = ("site", "machine_class", "valid_from")
    access = Access.to(LEADERS)
    face = Face(
        columns=("machine_class", "valid_from", "note"),
        filters=("machine_class", "valid_from"),
        search=("machine_class", "note"),
        order=("machine_class", "-valid_from"),
        icon="switch-3",
    )

    class Meta:
        db_table = "plant_state_map"
        verbose_name = _("state map")
        verbose_name_plural = _("state maps")

    def written(self, by: Actor, verb: str) -> None:
        """Publish it to the views."""
        publishing.state_map_written(self, verb)


class StateWord(Line):
    """One word and the state it stands for."""

    state_map = Parent(StateMap, related_name="words")
    word = models.CharField(_("word of the machine"), max_length=80)
    state = ChoiceField(CanonicalState, verbose_name=_("state"))

    key = ("state_map", "word")
    columns = ("word", "state")

    class Meta:
        db_table = "plant_state_word"
        verbose_name = _("word")
        verbose_name_plural = _("words")

    def problems(self) -> Iterator[Problem]:
        """A word has letters or digits."""
        if not any(sign.isalnum() for sign in self.word):
            yield Problem(_("has no letter and no digit"), "word", self.word)
