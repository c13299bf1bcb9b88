"""Text on walls keeps its size; tiles drop out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.legibility import CAP_PER_EM, cap_height_cm, text_of_width_percent, tiles_that_fit

pytestmark = pytest.mark.requirement("R151")


@pytest.mark.parametrize(("distance", "least"), [(3, 1.9), (6, 3.8), (10, 6.4)])
def test_capitals_are_high_enough_for_the_distance(distance, least):
    assert least <= cap_height_cm(distance) <= 100 * distance / 155 + 1e-9
    for width in (90, 122, 140, 190):
        vw = text_of_width_percent(distance, width)
        assert vw / 100 * width * CAP_PER_EM == pytest.approx(cap_height_cm(distance))


def test_a_usual_screen_holds_five_tiles_at_three_metres_fewer_further_away():
    assert [tiles_that_fit(5, metres, 140).tiles for metres in (3, 6, 10)] == [5, 5, 1]
    assert [tiles_that_fit(5, metres, 122).tiles for metres in (3, 6, 10)] == [5, 2, 1]
    assert tiles_that_fit(5, 3, 60).tiles < 5
    assert tiles_that_fit(9, 3, 300).tiles == 5
    assert tiles_that_fit(3, 3, 140).columns == 3


def test_the_foot_gives_way_to_a_tile_tiles_to_lines_and_lines_only_to_the_last_tile():
    with_lines = [tiles_that_fit(5, 6, 140, lines=n) for n in (0, 1)]
    assert [(one.tiles, one.foot, one.lines) for one in with_lines] == [(5, False, 0), (3, True, 1)]
    far = tiles_that_fit(5, 10, 122, lines=2)
    assert (far.tiles, far.lines, far.foot) == (1, 0, False)
    assert tiles_that_fit(5, 10, 140, lines=2).lines == 1
    near = tiles_that_fit(5, 3, 140)
    assert near.foot
    assert near.spare > tiles_that_fit(5, 3, 140, lines=3).spare


def test_an_upright_screen_holds_its_tiles_one_below_the_other():
    standing = [tiles_that_fit(5, metres, 68, lines=1, upright=True) for metres in (3, 6, 10)]
    assert [(one.tiles, one.columns) for one in standing] == [(5, 1), (3, 1), (1, 1)]
    assert tiles_that_fit(5, 3, 68, lines=1).tiles < 5
    assert standing[0].text_vw == tiles_that_fit(5, 3, 68).text_vw
    assert standing[0].spare > 0


@given(
    st.integers(1, 5), st.floats(1, 12), st.floats(40, 400), st.integers(0, 3), st.floats(1.01, 2)
)  # fmt: skip
def test_further_away_or_smaller_shows_no_more_tiles_and_never_smaller_text(
    wanted, distance, width, lines, more
):
    near, far = tiles_that_fit(wanted, distance, width), tiles_that_fit(wanted, distance * more, width)
    assert far.tiles <= near.tiles <= wanted
    assert far.text_vw > near.text_vw
    assert tiles_that_fit(wanted, distance, width, lines=lines).tiles <= near.tiles
    assert near.rows * near.columns >= near.tiles


@pytest.mark.parametrize(("distance", "width"), [(0, 140), (3, 0), (-1, 140)])
def test_a_distance_or_width_of_nothing_is_refused(distance, width):
    with pytest.raises(ValueError, match="above zero"):
        text_of_width_percent(distance, width)
