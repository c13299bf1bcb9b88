"""What a page of a moment is made of: sections of rows, each row a sentence that opens what is behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.kernel import clock
from plantbeat.surfaces.templatetags.records import duration

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Row:
    """One thing to look at: `text` opens `url`; `detail` beside it; a status only where there is one.

    `because` is why it is here, one sentence each.
    """

    text: str
    detail: str = ""
    url: str = ""
    status: str = ""
    word: str = ""
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A list with its title; `empty` says in words that there is nothing, `more` where all of it is."""

    title: str
    rows: list[Row] = field(default_factory=list)
    empty: str = ""
    note: str = ""
    more_url: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """Something the moment would show if it were set up, what to do, and where."""

    text: str
    url: str = ""
    action: str = ""


def since(at_us: int) -> str:
    """How long ago an instant was: `12 min ago`, `3 days ago`."""
    us = max(0, clock.now_us() - at_us)
    if us < 2 * DAY_US:
        return _("%(time)s ago") % {"time": duration(us)}
    days = us // DAY_US
    return ngettext("%(n)s day ago", "%(n)s days ago", days) % {"n": days}


@dataclass(frozen=True, slots=True)
class Way:
    """A page that goes with a moment: a button that posts (`does`), a link that stands out (`first`)."""

    name: str
    url: str
    icon: str
    does: bool = False
    first: bool = False
