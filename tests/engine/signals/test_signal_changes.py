"""Changes of levels and rates: found where they are, and not where they are not."""

from __future__ import annotations

import numpy as np  # noqa: TID253
import pytest

from plantbeat.engine.kpi.intervals import rate_test
from plantbeat.engine.signals import level_change as levels
from plantbeat.engine.signals import rate_change as rates
from plantbeat.engine.signals.level_change import level, level_change
from plantbeat.engine.signals.rate_change import more_than_before, rate, rate_change, scatter

# Annual flow of the Nile at Aswan 1871-1970 (10^8 m3): the textbook change is after 1898.
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180, 799, 958,
    1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833, 701, 916, 692, 1020,
    1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845, 864, 862, 698, 845, 744, 796,
    1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649, 846, 812, 742, 801, 1040, 860, 874,
    848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815, 1020, 906, 901, 1170, 912, 746, 919, 718,
    714, 740,
]  # fmt: skip


def test_the_nile_changed_after_1898() -> None:
    found = level_change([float(one) for one in NILE])
    assert found is not None
    assert 1871 + found.place == 1899
    assert found.chance < 1e-6
    assert found.before.low is not None
    assert found.after.high is not None
    assert found.after.high < found.before.low
    assert (found.before.n, found.after.n) == (28, 72)


def test_changeovers_that_shrink_from_38_to_14_minutes_are_found_with_both_levels() -> None:
    rng = np.random.default_rng(3)
    minutes = [*rng.lognormal(np.log(38), 0.5, 60), *rng.lognormal(np.log(14), 0.5, 60)]
    found = level_change([float(one) for one in minutes])
    assert found is not None
    assert abs(found.place - 60) <= 3
    assert found.before.middle == pytest.approx(38, rel=0.2)
    assert found.after.middle == pytest.approx(14, rel=0.2)


def test_series_without_a_change_show_one_no_more_often_than_stated() -> None:
    rng, runs = np.random.default_rng(11), 2000
    shown = sum(
        level_change([float(one) for one in rng.lognormal(3.3, 0.6, 60)]) is not None for _run in range(runs)
    )
    assert shown / runs <= levels.ALPHA


def test_too_few_values_show_no_change() -> None:
    assert level_change([40.0] * 5 + [10.0] * 6) is None
    assert level([3.0]).low is None
    with pytest.raises(ValueError, match="at least one value"):
        level([])


def test_values_that_are_all_alike_show_no_change() -> None:
    assert level_change([6.0] * 40) is None


def test_the_test_of_a_week_is_the_exact_rate_test() -> None:
    one_sided = more_than_before((14, 10.0), [(20, 30.0)])
    assert one_sided < rate_test((20, 30), (14, 10)) < 2.2 * one_sided
    assert more_than_before((0, 10.0), [(20, 30.0)]) == 1.0
    assert more_than_before((5, 10.0), []) == 1.0


def _weeks(rng: np.random.Generator, means: list[float], spread: float) -> list[list[tuple[int, float]]]:
    def count(mean: float) -> int:
        if spread <= 1:
            return int(rng.poisson(mean))
        return int(rng.negative_binomial(mean / (spread - 1), 1 / spread))

    return [[(count(mean), 1000.0) for _day in range(7)] for mean in means]


@pytest.mark.parametrize(("mean", "spread"), [(0.4, 1.0), (5.0, 1.0), (60.0, 35.0)])
def test_rates_without_a_change_show_one_no_more_often_than_stated(mean: float, spread: float) -> None:
    rng, runs = np.random.default_rng(17), 800
    shown = sum(rate_change(_weeks(rng, [mean] * 13, spread)) is not None for _run in range(runs))
    assert shown / runs <= rates.ALPHA


def test_a_scrap_cause_that_creeps_up_is_found_with_its_ratio() -> None:
    rng = np.random.default_rng(23)
    means = [60.0] * 8 + [80.0, 110.0, 150.0, 190.0, 230.0]
    found = rate_change(_weeks(rng, means, 30.0), rises_only=True)
    assert found is not None
    assert 7 <= found.place <= 11
    assert 1.5 < found.ratio_low < found.ratio < found.ratio_high < 4.5
    assert found.before.high < found.after.low


def test_a_rate_that_falls_is_a_change_but_no_rise() -> None:
    rng = np.random.default_rng(29)
    weeks = _weeks(rng, [8.0] * 7 + [2.0] * 6, 1.0)
    found = rate_change(weeks)
    assert found is not None
    assert found.ratio < 0.5
    assert rate_change(weeks, rises_only=True) is None


def test_nothing_is_said_of_a_handful_of_events_or_of_a_past_too_short() -> None:
    assert rate_change([[(0, 1.0)]] * 8 + [[(4, 1.0)]]) is None
    assert rate_change([[(5, 1.0)], [(40, 1.0)], [(50, 1.0)]]) is None
    assert rate_change([]) is None


def test_a_rate_has_an_interval_and_needs_an_exposure() -> None:
    one = rate(100, 1000.0)
    assert one.low < one.value == 0.1 < one.high
    assert rate(0, 1000.0).high == pytest.approx(0.003)
    with pytest.raises(ValueError, match="above 0"):
        rate(1, 0.0)
    assert scatter([[(3, 1.0)], []]) == 1.0
