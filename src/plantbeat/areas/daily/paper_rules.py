"""On what a site prints: its rule, or where it has none the paper of its part of the world."""

from __future__ import annotations

from plantbeat.areas.daily.records.paper_rule import PaperRule, PaperSize
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

LETTER_ZONES = ("America/", "US/", "Canada/")
"""Where offices use US Letter; South America does not, and says so in its rule."""
LETTER_CURRENCIES = frozenset({"USD", "CAD", "MXN"})


def paper_rule(site: Site, by: Actor) -> PaperRule | None:
    """The paper rule of a site, if somebody has made one."""
    return visible(PaperRule, by).filter(site=site).first()


def paper_of(site: Site, by: Actor) -> str:
    """Paper of a site: its rule's, else US Letter in North America and A4 elsewhere."""
    rule = paper_rule(site, by)
    if rule is not None:
        return str(rule.paper)
    is_letter = site.zone.startswith(LETTER_ZONES) and site.currency in LETTER_CURRENCIES
    return str(PaperSize.letter if is_letter else PaperSize.a4)
