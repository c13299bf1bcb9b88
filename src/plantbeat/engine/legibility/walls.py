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
FRAME_EM = 0.5
"""The border of a tile that asks to act, above and below together."""
HEAD_EM, FOOT_EM, LINE_EM, GAP_EM = 1.5, 1.5, 1.35, 0.4
NAME_CHARACTERS, CHARACTER_EM = 9, 0.56
VALUE_CHARACTERS, DIGIT_EM = 5, 0.62
VALUE_OF_HEIGHT, VALUE_OF_WIDTH = 0.28, 0.17
"""A value grows to these shares of its tile where there is room."""
VALUE_LINE = 1.1


@dataclass(frozen=True, slots=True)
class Fit:
    """How a board is laid out.

    text_vw  size of its smallest text, in % of the screen's width
    lines    lines of text under the tiles that have room; the last ones drop out first
    foot     whether the line with the site and the state of the connection has room
    spare    lines of text that each tile has room for, beside its name, value and status
    """

    tiles: int
    columns: int
    text_vw: float
    lines: int = 0
    foot: bool = True
    spare: int = 0

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


def tiles_that_fit(
    wanted: int, distance_m: float, screen_cm: float, *, lines: int = 0, upright: bool = False
) -> Fit:
    """The most tiles, up to those wanted and five, that a screen holds with text as its distance needs it.

    `lines` are lines of text under the tiles. The foot gives way to a tile, tiles to the lines, and only
    where a single tile leaves no room the lines drop out. One tile is shown whatever the size. `upright` is
    a screen that is higher than wide; `screen_cm` is its width as it hangs. Its tiles lie one below the other
    as long as they fit.
    """
    text = text_of_width_percent(distance_m, screen_cm)
    for tiles in range(max(1, min(wanted, MOST_TILES)), 0, -1):
        for foot in (True, False):
            best = 1 if upright else _balanced(tiles)
            for columns in sorted(range(1, tiles + 1), key=lambda n: abs(n - best)):
                if fit := _fit(tiles, columns, text, lines, foot, upright):
                    return fit
    kept = (_fit(1, 1, text, fewer, foot=False, upright=upright) for fewer in range(lines - 1, -1, -1))
    return next((fit for fit in kept if fit), Fit(1, 1, text, foot=False))


def _balanced(tiles: int) -> int:
    return {1: 1, 2: 2, 3: 3, 4: 2}.get(tiles, 3)


def _fit(tiles: int, columns: int, text: float, lines: int, foot: bool, upright: bool) -> Fit | None:
    """The layout with so many tiles, None where one of them would be too small; lengths in em of its text."""
    rows = -(-tiles // columns)
    screen_em = 100 / text
    wide = (screen_em - GAP_EM * (columns + 1)) / columns
    around = HEAD_EM + (FOOT_EM if foot else 0) + lines * LINE_EM + GAP_EM * (rows - 1)
    high = ((screen_em * ASPECT if upright else screen_em / ASPECT) - around) / rows
    name, least = NAME_CHARACTERS * CHARACTER_EM, VALUE_CHARACTERS * DIGIT_EM * VALUE_OF_TEXT
    if wide < max(name, least) + 2 * EDGE_EM or high < _needed(VALUE_OF_TEXT):
        return None
    value = max(VALUE_OF_TEXT, min(VALUE_OF_HEIGHT * high, VALUE_OF_WIDTH * wide))
    spare = max(0, int((high - _needed(value)) / LINE_EM))
    return Fit(tiles, columns, text, lines, foot, spare)


def _needed(value: float) -> float:
    """Height of a tile: its name, a value of a size, its status, and what is around them."""
    return LINE_EM + value * VALUE_LINE + LINE_EM + EDGE_EM + FRAME_EM
