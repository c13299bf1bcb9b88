"""A shift of an area as its handoff sees it, and the words all sentences share."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.boundaries import HandingOver
from plantbeat.areas.daily.handoffs.keeping import Sentence
from plantbeat.areas.daily.handoffs.site_now import SiteNow
from plantbeat.areas.daily.handoffs.wording import Said, Value, kept
from plantbeat.areas.daily.moments import ShiftAt
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

MINUTE_US = 60_000_000


@dataclass
class Situation:
    """A boundary of an area, up to an instant: the boundary, or now while the shift goes on."""

    at_site: SiteNow
    boundary: HandingOver
    until_us: int
    sentences: list[Sentence] = field(default_factory=list)

    @property
    def site(self) -> Site:
        """The site of the boundary."""
        return self.at_site.site

    @property
    def by(self) -> Actor:
        """Who asks."""
        return self.at_site.by

    @cached_property
    def rules(self) -> SiteRules:
        """The rules of the site."""
        return rules_of(self.site.pk)

    @property
    def zone(self) -> ZoneInfo:
        """Time zone of the site."""
        return ZoneInfo(self.site.zone)

    @property
    def day(self) -> date:
        """Production day of the shift that ends."""
        return self.boundary.production_day

    @property
    def today(self) -> date:
        """The local day at the instant."""
        return self.rules.day_at(self.until_us)

    @property
    def lines(self) -> dict[str, ShiftAt]:
        """Lines that hand over, with the shift each of them works."""
        return self.boundary.shift_of_line

    @cached_property
    def assets(self) -> dict[int, str]:
        """Every asset of these lines, with the line's code."""
        ids = {self.rules.line_ids[code]: code for code in self.lines}
        return {pk: ids[line] for pk in self.rules.assets if (line := self.rules.line_of(pk) or pk) in ids}

    def say(
        self, code: str, kind: str, said: Value, source: Value, opens: str, *, unsafe: bool = False
    ) -> None:
        """Add a sentence; a long one ends with an ellipsis, its source tells the rest."""
        self.sentences.append(
            Sentence(
                code[:120], kind, kept(said), kept(source)[:200], opens[:300], unsafe, said, source
            )
        )  # fmt: skip

    def time(self, at_us: int) -> str:
        """An instant as people of the site say it: the time, with the date where it is another day."""
        local = clock.from_us(at_us).astimezone(self.zone)
        here = clock.from_us(self.until_us).astimezone(self.zone).date()
        return f"{local:%H:%M}" if local.date() == here else f"{local:%Y-%m-%d %H:%M}"

    def line_address(self, code: str) -> str:
        """The page of a line for the shift that ends, where every figure opens."""
        return f"{reverse('line', kwargs={'code': code})}?shift={self.lines[code].id}"


def fact_words(lsns: list[int]) -> Said:
    """Facts by their numbers, the first few."""
    shown: dict[str, Value] = {"list": ", ".join(str(lsn) for lsn in lsns[:4])}
    return Said(_("facts %(list)s") if len(lsns) != 1 else _("fact %(list)s"), shown)
