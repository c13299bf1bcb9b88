"""The cube and a plain oracle agree on random fact sets.

PLANTBEAT_ORACLE_SETS chooses how many.
"""

import os
from dataclasses import asdict
from random import Random

import pytest

from engine.oee.loss_oracle import losses
from engine.oee.oracle import measures
from engine.oee.random_facts import TICK_US, random_day
from plantbeat.engine.kpi.downtime import unplanned_downtime_percent
from plantbeat.engine.kpi.pace import throughput
from plantbeat.engine.kpi.pieces import first_pass_yield, scrap_percent
from plantbeat.engine.oee import Elements, State, asset_day
from plantbeat.engine.oee.cube import MEASURES
from plantbeat.engine.oee.formulas import (
    availability,
    coverage,
    down_time,
    oee,
    performance,
    quality,
    six_big_losses,
)

SETS = int(os.environ.get("PLANTBEAT_ORACLE_SETS", "10000"))


def rates(elements):
    return {
        "availability": availability(elements).fraction,
        "performance": performance(elements).fraction,
        "quality": quality(elements).fraction,
        "oee": oee(elements).fraction,
        "coverage": coverage(elements).fraction,
        "fpy": first_pass_yield(elements.pieces).fraction,
        "scrap": scrap_percent(elements.pieces).fraction,
        "throughput": throughput(elements.good, elements.pbt_us).fraction,
        "down": unplanned_downtime_percent(down_time(elements)).fraction,
    }


@pytest.mark.slow
@pytest.mark.requirement("R157", "R092", "R069", "R056")
def test_the_cube_agrees_with_the_oracle_on_random_fact_sets():
    met = dict.fromkeys(State, 0)
    for seed in range(SETS):
        day, rules, cycles = random_day(seed)
        elements = Elements.of(asset_day(day, rules))
        time, pieces, expected = measures(day, rules, cycles, TICK_US)
        told = {state: getattr(elements, f"{state}_us") for state in State}
        assert {state: us for state, us in told.items() if us} == time, seed
        assert rates(elements) == expected, seed
        assert asdict(six_big_losses(elements)) == losses(day, rules, cycles, TICK_US), seed
        names = {kind: getattr(elements, "setup_pieces" if kind == "setup" else kind) for kind in pieces}
        assert names == pieces, seed
        for state in time:
            met[State(state)] += 1
    # The sets are worth something only if every state but the rate-derived one really occurs in them.
    assert all(sets > SETS // 20 for state, sets in met.items() if state is not State.slow), met


@pytest.mark.requirement("R157", "X2")
def test_time_pieces_and_ideal_time_are_conserved_by_every_cut_and_roll_up():
    for seed in range(SETS // 40):
        day, rules, _ = random_day(seed)
        rows = asset_day(day, rules)
        assert sum(row.us for row in rows) == day.end_us - day.start_us, seed
        counted = sum(c.quantity for c in day.counts if day.start_us <= c.t_us < day.end_us)
        kinds = ("good", "scrap", "rework", "recovered", "scrapped_after_rework", "setup_pieces")
        assert sum(getattr(row, kind) for row in rows for kind in kinds) == counted, seed
        begun = sum(day.start_us <= span.start_us < day.end_us for span in day.states)
        assert sum(row.starts for row in rows) == begun, seed
        whole = Elements.of(rows)
        for cut in ("hour_us", "shift", "order", "product", "state", "reason", "defect"):
            parts = {}
            for row in rows:
                parts.setdefault(getattr(row, cut), []).append(row)
            assert sum((Elements.of(part) for part in parts.values()), Elements()) == whole, (seed, cut)
        losses = six_big_losses(whole)
        assert losses.pbt_us == whole.pbt_us, seed
        product = [ratio(whole).fraction for ratio in (availability, performance, quality)]
        if None not in product:
            assert product[0] * product[1] * product[2] == oee(whole).fraction, seed


def test_neighbouring_days_share_out_what_one_long_day_holds():
    for seed in range(SETS // 100):
        day, rules, _ = random_day(seed)
        middle = Random(seed).choice(day.hours[1:]) if len(day.hours) > 1 else None
        if middle is None:
            continue
        early = split(day, day.start_us, middle)
        late = split(day, middle, day.end_us)
        together = sorted_rows(asset_day(early, rules) + asset_day(late, rules))
        assert together == sorted_rows(asset_day(day, rules)), seed


def split(day, start_us, end_us):
    from dataclasses import replace

    hours = [hour for hour in day.hours if start_us <= hour < end_us]
    return replace(day, start_us=start_us, end_us=end_us, hours=hours)


def sorted_rows(rows):
    cut = ("hour_us", "shift", "order", "product", "state", "reason", "defect")
    return sorted(
        (tuple(repr(getattr(row, name)) for name in cut), [getattr(row, name) for name in MEASURES])
        for row in rows
    )
