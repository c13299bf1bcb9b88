"""Surprise against comparable times: what is found, and how often chance is named."""

from __future__ import annotations

import math

import numpy as np  # noqa: TID253
import pytest
from scipy import stats  # noqa: TID253

from plantbeat.engine.signals.surprise import (
    FALSE_ALARMS,
    LEAST,
    Surprise,
    count_surprise,
    dispersion,
    level_surprise,
    named_first,
)

QUIET = [(2, 8.0), (1, 8.0), (3, 8.0), (2, 8.0), (0, 8.0), (2, 8.0), (1, 8.0), (3, 8.0), (2, 8.0), (1, 8.0)]


def test_a_count_is_judged_by_the_exact_test_of_two_rates() -> None:
    found = count_surprise(9, 8.0, QUIET)
    assert found is not None
    assert found.usual == pytest.approx(1.7)
    assert found.chance == pytest.approx(stats.binom.sf(8, 9 + 17, 8.0 / 88.0), rel=1e-6)
    assert found.low <= found.usual <= found.high < 9
    assert found.bits == pytest.approx(-math.log2(found.chance))
    assert found.n == 10


def test_twice_the_exposure_makes_twice_the_count_usual() -> None:
    once, twice = count_surprise(4, 8.0, QUIET), count_surprise(4, 16.0, QUIET)
    assert once is not None
    assert twice is not None
    assert twice.usual == pytest.approx(2 * once.usual)
    assert twice.chance > once.chance


@pytest.mark.parametrize("n", range(LEAST))
def test_with_too_few_comparable_times_nothing_is_said(n: int) -> None:
    assert count_surprise(50, 8.0, QUIET[:n]) is None
    assert level_surprise(500.0, [10.0] * n) is None


def test_times_in_which_nothing_was_worked_are_not_comparable() -> None:
    assert count_surprise(9, 8.0, [*QUIET[: LEAST - 1], (0, 0.0), (0, 0.0)]) is None
    assert count_surprise(9, 0.0, QUIET) is None


def test_where_nothing_happened_before_and_nothing_happens_now_nothing_is_surprising() -> None:
    found = count_surprise(0, 8.0, [(0, 8.0)] * 10)
    assert found is not None
    assert found.chance == 1.0
    assert (found.low, found.usual) == (0.0, 0.0)


def test_events_in_clusters_surprise_less_than_events_one_by_one() -> None:
    lumps = [
        (0, 8.0),
        (6, 8.0),
        (0, 8.0),
        (0, 8.0),
        (7, 8.0),
        (0, 8.0),
        (0, 8.0),
        (4, 8.0),
        (0, 8.0),
        (0, 8.0),
    ]
    assert sum(k for k, _e in lumps) == sum(k for k, _e in QUIET)
    assert dispersion(QUIET) == 1.0 < dispersion(lumps)
    calm, lumpy = count_surprise(9, 8.0, QUIET), count_surprise(9, 8.0, lumps)
    assert calm is not None
    assert lumpy is not None
    assert lumpy.chance > 100 * calm.chance


def test_one_bad_day_in_the_past_does_not_hide_the_next_one() -> None:
    usual = [30.0, 33.0, 28.0, 35.0, 31.0, 29.0, 34.0, 32.0, 30.0, 31.0, 36.0, 28.0]
    plain, with_bad = level_surprise(90.0, usual), level_surprise(90.0, [*usual, 240.0])
    assert plain is not None
    assert with_bad is not None
    assert plain.chance < 0.001
    assert with_bad.chance < 0.01
    assert plain.low < 31 < plain.high < 45


def test_of_an_amount_that_is_mostly_nothing_only_the_rank_speaks() -> None:
    found = level_surprise(40.0, [0.0] * 18 + [12.0, 50.0])
    assert found is not None
    assert found.chance == pytest.approx(2 / 21)


def test_less_than_usual_is_no_surprise() -> None:
    few, little = count_surprise(0, 8.0, QUIET), level_surprise(1.0, [30.0, 33.0, 28.0, 35.0] * 3)
    assert few is not None
    assert little is not None
    assert few.chance > 0.5
    assert little.chance > 0.5


def _surprise(chance: float) -> Surprise:
    return Surprise(0.0, 0.0, 10, chance, lambda: (0.0, 0.0))


def test_holms_rule_names_in_order_and_stops_at_the_first_that_fails() -> None:
    found = named_first([_surprise(p) for p in (0.5, 0.001, 0.04, 0.012)])
    assert [one.chance for one in found] == [0.001, 0.012]
    assert named_first([_surprise(p) for p in (0.02, 0.02, 0.02)]) == []
    assert named_first([]) == []


def _counts(rng: np.random.Generator, mean: float, spread: float, size: tuple[int, ...]) -> np.ndarray:
    if spread <= 1:
        return rng.poisson(mean, size)
    return rng.negative_binomial(mean / (spread - 1), 1 / spread, size)


WORLDS = ((0.05, 1.0), (0.3, 1.0), (1.0, 1.5), (4.0, 1.0), (20.0, 8.0), (150.0, 30.0))
"""Mean and dispersion of what a shift holds, from rare stops one by one to scrap that comes in lumps."""


@pytest.mark.requirement("R143")
def test_looks_at_times_like_all_others_name_something_no_more_often_than_stated() -> None:
    """400 looks at 40 values each, of all kinds that a plant shows; seeded."""
    rng, looks, named = np.random.default_rng(143), 400, 0
    for _look in range(looks):
        judged = []
        for mean, spread in WORLDS * 5:
            values = _counts(rng, mean, spread, (25,))
            judged.append(count_surprise(int(values[0]), 8.0, [(int(k), 8.0) for k in values[1:]]))
        for _loss in range(5):
            amounts = rng.gamma(2.0, 12.0, 25)
            judged.append(level_surprise(float(amounts[0]), [float(one) for one in amounts[1:]]))
            long = rng.lognormal(3.2, 0.5, 25)
            judged.append(level_surprise(float(long[0]), [float(one) for one in long[1:]]))
        named += bool(named_first(one for one in judged if one is not None))
    assert named / looks <= FALSE_ALARMS, f"{named} of {looks} looks"


def test_what_is_different_is_named() -> None:
    """Seven stops where one in three shifts is usual; 40 values beside it that are as always."""
    rng, found = np.random.default_rng(7), 0
    for _look in range(200):
        judged = []
        for mean, spread in WORLDS * 6:
            values = _counts(rng, mean, spread, (25,))
            judged.append(count_surprise(int(values[0]), 8.0, [(int(k), 8.0) for k in values[1:]]))
        story = count_surprise(7, 8.0, [(int(k), 8.0) for k in rng.poisson(0.33, 24)])
        named = named_first([one for one in [*judged, story] if one is not None])
        found += any(one is story for one in named)
    assert found > 150
