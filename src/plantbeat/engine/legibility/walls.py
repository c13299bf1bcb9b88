"""Arithmetic of wall boards: text keeps its size, tiles drop out.

Source: ISO 9241-3 as quoted in public guidance, viewing distance = 155 to 175 x height of capital letters;
here the larger letters (155) are used, so 3 m take 1.94 cm.
"""

from __future__ import annotations

from dataclasses import dataclass

CAP_PER_EM = 1490 / 2048
"""Height of a capital letter of Inter, in em (its OS/2 table)."""

DISTANCE_PER_CAP = 155
ASPECT = 16 / 9
MOST_TILES = 5
VALUE_OF_TEXT = 2.0
"""A value is at least twice as high as the text around it: 1.94 and 3.9 cm at 3 m."""

EDGE_EM = 0.6
"""Room around the text of a tile, of its own size, on each side."""
HEAD_EM, FOOT_EM, LINE_EM, GAP_EM = 1.9, 1.5, 1.35, 0.4
NAME_CHARACTERS, CHARACTER_EM = 9, 0.56
VALUE_CHARACTERS, DIGIT_EM = 5, 0.62


@dataclass(frozen=True, slots=True)
class Fit:
    """How a board is laid out: `text_vw` is the size of its smallest text in % of the screen's width."""

    tiles: int
    columns: int
    text_vw: float

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return -(-self.tiles // self.columns)


def cap_height_cm(distance_m: float) -> float:
    """Height (cm) that capital letters need to be read at a distance (m)."""
    return 100 * distance_m / DISTANCE_PER_CAP


def text_of_width_percent(distance_m: float, screen_cm: float) -> float:
    """Font size as % of the width of a screen, for capitals that are read at a distance.

    Raises ValueError for a distance or width that is not above zero.
    """
    if distance_m <= 0 or screen_cm <= 0:
        raise ValueError(f"distance {distance_m} m and screen width {screen_cm} cm must be above zero")
    return 100 * cap_height_cm(distance_m) / CAP_PER_EM / screen_cm


def tiles_that_fit(wanted: int, distance_m: float, screen_cm: float, *, lines: int = 0) -> Fit:
    """The most tiles, up to those wanted and five, that a screen holds with text as its distance needs it.

    `lines` are lines of text under the tiles. At least one tile is shown, whatever the size.
    """
    text = text_of_width_percent(distance_m, screen_cm)
    for tiles in range(max(1, min(wanted, MOST_TILES)), 1, -1):
        for columns in sorted(range(1, tiles + 1), key=lambda n: abs(n - _balanced(tiles))):
            if _fits(tiles, columns, text, lines):
                return Fit(tiles, columns, text)
    return Fit(1, 1, text)


def _balanced(tiles: int) -> int:
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(tiles, 3)


def _fits(tiles: int, columns: int, text: float, lines: int) -> bool:
    rows = -(-tiles // columns)
    wide = (100 - GAP_EM * text * (columns + 1)) / columns
    high = (100 / ASPECT - (HEAD_EM + FOOT_EM + lines * LINE_EM + GAP_EM * (rows + 1)) * text) / rows
    name, value = NAME_CHARACTERS * CHARACTER_EM, VALUE_CHARACTERS * DIGIT_EM * VALUE_OF_TEXT
    needs_wide = (max(name, value) + 2 * EDGE_EM) * text
    needs_high = (LINE_EM + VALUE_OF_TEXT * 1.1 + LINE_EM + EDGE_EM) * text
    return wide >= needs_wide and high >= needs_high
