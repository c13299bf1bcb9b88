"""From what a tablet sends to taps that can be judged."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from plantbeat.facts.declaration import reader_sentence
from plantbeat.facts.incoming import MOST_SEQ
from plantbeat.kernel.problems import Problem, Refused

MOST_TAPS = 200
MOST_BYTES = 1024 * 1024
MOST_DATA = 8 * 1024
_SESSION = re.compile(r"[A-Za-z0-9_-]{8,40}").fullmatch
_FAR_US = 253_402_300_799_000_000


class SentTap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One tap as it was sent.

    clock_us   the tablet's own clock when it was tapped
    offset_us  from the tablet's clock to the plant's, as it was known then; none: it was not
    given_pass the operator's pass; badge what was scanned where the sign-in itself was offline
    """

    seq: int
    kind: str
    clock_us: int
    data: dict[str, Any] = {}
    offset_us: int | None = None
    given_pass: str = msgspec.field(default="", name="pass")
    badge: str = ""

    @property
    def digest(self) -> str:
        """Fingerprint of all it says but its number."""
        said = self.kind, self.clock_us, self.offset_us, self.given_pass, self.badge, self.data
        return hashlib.sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


class Sent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request: taps of one numbering in the order of their numbers, and what the tablet's clock shows."""

    session: str
    clock_us: int
    taps: list[SentTap]


_read = msgspec.json.Decoder(Sent).decode


def sent_of(body: bytes) -> Sent:
    """The taps of a request. Raises `Refused` for what no tablet of ours sends."""
    try:
        sent = _read(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Refused(
            Problem(_("the taps cannot be read: %(why)s") % {"why": reader_sentence(error)})
        ) from None
    if not _SESSION(sent.session):
        allowed = _("8 to 40 letters, digits, “-” and “_”")
        raise Refused(Problem(_("cannot be read"), "session", sent.session[:60], allowed))
    if len(sent.taps) > MOST_TAPS:
        allowed = _("at most %(most)s at once") % {"most": MOST_TAPS}
        raise Refused(Problem(_("too many taps"), "taps", len(sent.taps), allowed))
    for number, one in enumerate(sent.taps, 1):
        if (problem := _misplaced(one)) is not None:
            raise Refused(Problem(problem.message, problem.field, problem.value, problem.allowed, row=number))
    return sent


def _misplaced(one: SentTap) -> Problem | None:
    if not 1 <= one.seq <= MOST_SEQ:
        return Problem(_("cannot be read"), "seq", one.seq, _("counts from 1 without holes"))
    if not 1 <= len(one.kind) <= 30 or not one.kind.isprintable():
        return Problem(_("cannot be read"), "kind", one.kind[:60], _("1 to 30 characters"))
    if not 0 <= one.clock_us <= _FAR_US or abs(one.offset_us or 0) > _FAR_US:
        return Problem(_("cannot be read"), "clock_us", one.clock_us, _("microseconds since 1970"))
    if len(one.given_pass) > 400 or len(one.badge) > 60:
        return Problem(_("cannot be read"), "pass")
    if len(msgspec.json.encode(one.data)) > MOST_DATA:
        return Problem(_("is too long"), "data", None, _("at most %(most)s bytes") % {"most": MOST_DATA})
    return None
