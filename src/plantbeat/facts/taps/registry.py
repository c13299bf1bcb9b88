"""The kinds of taps: who may, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.facts.batch import Receipt
from plantbeat.facts.incoming import NewFact
from plantbeat.kernel.access import Actor, Roles
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Problem, Refused


@dataclass(frozen=True, slots=True)
class TapIn:
    """One tap as its handler gets it.

    at_us  when the finger touched the screen, on the plant's clock
    data   what was tapped, as the screen sent it: check it, it comes from outside
    facts  lsns of the facts it wrote (`append` notes them), which an undo takes back
    """

    kind: str
    at_us: int
    data: Mapping[str, Any]
    session: str
    seq: int
    device_id: int | None = None
    facts: list[int] = field(default_factory=list)

    def text(self, name: str, most: int = 80) -> str:
        """A text of the data. Raises `Refused` if it is missing or longer than `most` characters."""
        value = self.data.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= most or not value.isprintable():
            allowed = _("a text of 1 to %(most)s characters") % {"most": most}
            raise Refused(Problem(_("is missing or cannot be read"), name, value, allowed))
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number of the data. Raises `Refused` if it is none or outside `least` to `most`."""
        value = self.data.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            allowed = _("a whole number from %(least)s to %(most)s") % {"least": least, "most": most}
            raise Refused(Problem(_("is missing or cannot be read"), name, value, allowed))
        return value

    def append(self, facts: Iterable[NewFact], site: Site, by: Actor) -> Receipt:
        """Append facts in the transaction of the tap. Raises `Refused` for one that cannot be believed."""
        from plantbeat.facts.log import append, own_source

        receipt = append(facts, by, own_source(site))
        self.facts.extend(lsn for lsn in receipt.lsns if lsn is not None)
        return receipt


Handler = Callable[[TapIn, Site, Actor], None]
"""Does what a tap says, in the ledger's transaction; raises `Refused` with what is wrong, and nothing stays.

The actor holds the roles they had when they tapped.
"""


@dataclass(frozen=True, slots=True)
class TapKind:
    """One kind of tap: the roles that may, as they were held when it was tapped.

    undo  whether taking back the facts it wrote takes it back
    """

    code: str
    by: Roles
    do: Handler
    undo: bool = False


KINDS: dict[str, TapKind] = {}


def tap(code: str, *, by: Roles, undo: bool = False) -> Callable[[Handler], Handler]:
    """Declare what a kind of tap does; the same code for two handlers is a fault of the declaration."""

    def declare(do: Handler) -> Handler:
        known = KINDS.get(code)
        if known is not None and known.do is not do:
            raise ValueError(f"two kinds of tap have the code {code}")
        KINDS[code] = TapKind(code, by, do, undo)
        return do

    return declare
