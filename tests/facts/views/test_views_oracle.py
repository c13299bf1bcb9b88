"""Through the log, the database and the cube, a plain oracle agrees; and the order of arrival means nothing.

PLANTBEAT_ORACLE_LOGS chooses how many random logs are tried.
"""

from __future__ import annotations

import os
from datetime import date, time
from random import Random

import pytest
from line_of_machines import HOUR, SYSTEM, LineOfMachines, at
from random_log import CYCLE, DAYS, FIRST, MICRO, SILENT, expected, random_facts

from engine.oee.test_oee_oracle import rates
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, reverse
from plantbeat.facts.models import AssetDay, AssetHour, DirtyDay, Fact, FactInterval, FactSource
from plantbeat.facts.views.cube_query import elements_of
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.verify import verify_cube
from plantbeat.kernel import clock
from plantbeat.kernel.act import act

LOGS = int(os.environ.get("PLANTBEAT_ORACLE_LOGS", "14"))
LATER = at("2026-03-14", "12:00")

pytestmark = pytest.mark.django_db


class Shop(LineOfMachines):
    """A machine for each log, alone, with a source of its own."""

    def __init__(self) -> None:
        super().__init__(silent_after=SILENT, micro_stop=MICRO)
        shifts = [
            {"place": 1, "name": "early", "start": time(6), "end": time(14), "breaks": "10:00-10:30"},
            {"place": 2, "name": "late", "start": time(14), "end": time(22), "breaks": ""},
            {"place": 3, "name": "night", "start": time(22), "end": time(6), "breaks": ""},
        ]
        act(self.pattern, "edit", SYSTEM, {"shifts": shifts})
        self.make(DowntimeReason, code="CHANGE", name="Change", counts_as="setup")
        self.machines = 0

    def machine(self) -> tuple[str, FactSource]:
        self.machines += 1
        code = f"X{self.machines}"
        made = self.make(Machine, code=code, name=code)
        cycle = {"item": self.item, "machine": made, "valid_from": date(2020, 1, 1), "cycle": CYCLE}
        self.make(IdealCycle, **cycle)
        source = {"site": self.site, "name": f"gw-{code}", "kind": "gateway"}
        return code, act(FactSource, "create", SYSTEM, source)


@pytest.fixture
def shop():
    with clock.at(LATER):
        yield Shop()


def numbered(code, facts):
    return [
        NewFact(asset=code, kind=kind, t_us=t_us, body=body, seq=seq)
        for seq, (kind, t_us, body) in enumerate(facts, 1)
    ]


@pytest.mark.requirement("R157", "R158", "X2", "R149")
def test_the_oracle_agrees_through_log_database_and_cube(shop):
    met: dict[str, int] = {}
    for seed in range(LOGS):
        code, source = shop.machine()
        facts = random_facts(seed)
        assert not append(numbered(code, facts), SYSTEM, source).quarantined
        shop.drain()
        asset = shop.asset(code)
        for day in range(DAYS):
            time_in, pieces, rates_expected = expected(facts, day)
            rows = AssetHour.objects.filter(
                asset=asset, hour_us__gte=FIRST + day * 24 * HOUR, hour_us__lt=FIRST + (day + 1) * 24 * HOUR
            )
            elements = elements_of(rows)
            told = {state: getattr(elements, f"{state}_us") for state in time_in}
            assert told == time_in, (seed, day)
            assert elements.total_us == 24 * HOUR
            names = {kind: getattr(elements, "setup_pieces" if kind == "setup" else kind) for kind in pieces}
            assert names == pieces, (seed, day)
            assert rates(elements) == rates_expected, (seed, day)
            for state in time_in:
                met[str(state)] = met.get(str(state), 0) + 1
    assert len(met) >= 8, met


def signature(shop, code):
    """The views of a machine without what differs by arrival: its id, the numbers of facts."""
    asset = shop.asset(code)
    cut = ("hour_us", "production_day", "shift_id", "order_number", "product", "state", "reason", "defect")
    sums = ("us", "starts", "good", "scrap", "rework", "ideal_all_us", "ideal_good_us", "without_ideal")
    cube = AssetHour.objects.filter(asset=asset).values_list(*cut, *sums)
    spans = FactInterval.objects.filter(asset=asset).values_list(
        "start_us", "end_us", "state", "begins", "reason", "order_number", "word"
    )
    days = AssetDay.objects.filter(asset=asset).values_list("day", "until_us", "fault")
    return sorted(map(repr, cube)), sorted(map(repr, spans)), sorted(days)


@pytest.mark.requirement("R157", "X2")
def test_any_order_of_arrival_in_any_parts_gives_the_same_views(shop):
    for seed in range(4):
        facts = random_facts(1000 + seed)
        signatures = []
        for order in range(4):
            random = Random(seed * 100 + order)
            code, source = shop.machine()
            sent = numbered(code, facts)
            taken_back = sent[len(sent) // 2].seq
            random.shuffle(sent)
            while sent:
                size = random.choice([3, 30, len(sent)])
                part, sent = sent[:size], sent[size:]
                # The log takes numbers in any order as long as the gaps between them are few.
                append(part, SYSTEM, source)
                if random.random() < 0.5:
                    recompute(random.choice([1, None]))
            reverse(Fact.objects.get(src=source, seq=taken_back), SYSTEM, "wrong")
            shop.drain()
            signatures.append(signature(shop, code))
        assert all(one == signatures[0] for one in signatures), seed
        assert signatures[0][0]
    assert not DirtyDay.objects.filter(day__lte=clock.now().date()).exists()
    check = verify_cube(shop.site.pk)
    assert check.days > 40
    assert check.differences == []
