"""Which places a leader should see first: stated weights over what the facts say of each place.

The weights are points, so that a route can say why a place comes before another: surprise, repeats, how long
ago somebody was there, and people who are new. Nothing here knows who the people are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BITS_A_POINT = 4.0
"""So many bits of surprise are one point; more than `MOST_SURPRISE` points they never are."""
MOST_SURPRISE = 6.0
REPEAT_POINTS = 2.0
"""For each machine and reason that stopped again and again."""
MOST_REPEATS = 3
DAYS_A_POINT = 7.0
"""So many days since somebody was last there are one point, up to `MOST_UNSEEN`."""
MOST_UNSEEN = 2.0
NEW_PERSON_POINTS = 0.5
MOST_NEW = 1.0


@dataclass(frozen=True, slots=True)
class PlaceSigns:
    """What the facts say of a place; `unseen_days` None where nobody was ever recorded there."""

    code: str
    surprise_bits: float = 0.0
    repeats: int = 0
    unseen_days: float | None = None
    new_people: int = 0


@dataclass(frozen=True, slots=True)
class PlaceScore:
    """A place with its points, part by part."""

    code: str
    surprise: float
    repeats: float
    unseen: float
    new_people: float

    @property
    def points(self) -> float:
        """All points together."""
        return self.surprise + self.repeats + self.unseen + self.new_people


def place_score(signs: PlaceSigns) -> PlaceScore:
    """Points of one place."""
    days = signs.unseen_days
    unseen = MOST_UNSEEN if days is None else min(days / DAYS_A_POINT, MOST_UNSEEN)
    return PlaceScore(
        signs.code,
        min(signs.surprise_bits / BITS_A_POINT, MOST_SURPRISE),
        REPEAT_POINTS * min(signs.repeats, MOST_REPEATS),
        max(unseen, 0.0),
        min(NEW_PERSON_POINTS * signs.new_people, MOST_NEW),
    )


def walk_order(places: Iterable[PlaceSigns]) -> list[PlaceScore]:
    """Places with the most points first; of those alike the first by code."""
    return sorted(map(place_score, places), key=lambda one: (-one.points, one.code))
