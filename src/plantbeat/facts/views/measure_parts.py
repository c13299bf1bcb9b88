"""Words for what a measure divides by what: numerators and denominators, and what they are counted in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from plantbeat.kernel.problems import Text


class Counted(StrEnum):
    """What a numerator or denominator is counted in; times are µs."""

    time = "time"
    pieces = "pieces"
    pieces_by_time = "pieces by time"
    things = "things"
    one = "one"


@dataclass(frozen=True, slots=True)
class Element:
    """A numerator or denominator: `name` stands after a figure, as in “12 orders due”."""

    name: Text
    counted: Counted


Divides = tuple[Element, Element]
"""Numerator and denominator of a measure."""


def time_of(name: Text) -> Element:
    """Time, in µs."""
    return Element(name, Counted.time)


def pieces_of(name: Text) -> Element:
    """Pieces of an item."""
    return Element(name, Counted.pieces)


def things_of(name: Text) -> Element:
    """Whatever is counted one by one: stops, orders, people."""
    return Element(name, Counted.things)


PBT = time_of(_("planned busy time"))
APT = time_of(_("actual production time"))
IDEAL_GOOD = time_of(_("ideal time of good pieces"))
IDEAL_ALL = time_of(_("ideal time of all pieces"))
ENTERED = pieces_of(_("pieces entered"))
