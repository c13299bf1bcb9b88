"""The running demo plant: what it does next, what its orders become, and how it catches up."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.planning.solving import solve_schedule
from plantbeat.facts.batch import Batch
from plantbeat.facts.incoming import arrivals_of_json
from plantbeat.facts.log import append_one
from plantbeat.facts.source import FactSource, source_actor
from plantbeat.facts.tables import Fact
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.act import act
from plantbeat.shell.demo import live as live_module
from plantbeat.shell.demo import live_orders, order_book
from plantbeat.shell.demo.building import build_plant
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.live import AT_ONCE_US, LONGEST_PAUSE_US, LivePlant
from plantbeat.shell.demo.live_orders import PlannedJobs, Planner, record_step
from plantbeat.shell.demo.order_book import book_orders, schedule_orders
from plantbeat.shell.demo.outbox import OrderStep, Outbox

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BUILT = datetime(2026, 11, 17, 15, 20, tzinfo=UTC)
BUILT_US = clock.to_us(BUILT)
HOUR_US = 3_600_000_000
BY = Actor.system("test")


class Direct:
    """A gateway without the way: what it sends is appended at once, as the server would do it."""

    def __init__(self, source: str, _token: str, _address: object, _renew: object) -> None:
        self.source, self.is_away = source, False

    def deliver(self, outbox: Outbox) -> float:
        if self.is_away:
            return 0.0
        source = FactSource.objects.get(name=self.source)
        while rows := outbox.pending(self.source, 1000):
            arrivals = arrivals_of_json([said for _seq, said in rows], self.source)
            receipt = append_one(Batch(source.pk, source_actor(self.source), arrivals, clock.now_us()))
            assert receipt.quarantined == []
            outbox.stored(self.source, receipt.committed_up_to)
        return 0.0

    def close(self) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(live_module, "Gateway", Direct)
    for module in (order_book, live_orders):
        monkeypatch.setattr(module, "SEARCH_S", 1)
    with clock.at(BUILT):
        yield build_plant(DemoFolder.made(tmp_path), 1)


def running(site, tmp_path: Path, after_us: int = 0) -> LivePlant:
    with clock.at(BUILT_US + after_us):
        return LivePlant(site, DemoFolder(tmp_path), ("127.0.0.1", 1))


def run_to(plant: LivePlant, after_us: int) -> int:
    """Let the plant run to an instant after it was built; how many pieces that took."""
    count = 1
    with clock.at(BUILT_US + after_us):
        while plant.advance(clock.now_us()):
            plant.deliver()
            plant.record_steps()
            count += 1
        plant.deliver()
        plant.record_steps()
    return count


def test_the_plant_runs_on_its_orders_become_records_and_every_fact_arrives(site, tmp_path) -> None:
    plant = running(site, tmp_path)
    run_to(plant, 20 * HOUR_US)
    assert plant.outbox.waiting() == 0
    assert plant.outbox.steps() == []
    for source in FactSource.objects.filter(name__endswith=".gateway"):
        assert source.committed_up_to == source.max_seq == Fact.objects.filter(src=source).count() > 50
    states = Counter(visible(WorkOrder, BY).filter(site=site).values_list("state", flat=True))
    assert states["started"] >= 5
    assert states["completed"] >= 1
    spoken = Fact.objects.filter(kind="order_start").values_list("actor", flat=True)
    assert set(spoken) == {plant.actor}, "an order is begun by a person"
    plant.close()


def test_after_a_pause_the_time_between_is_told_and_nothing_twice(site, tmp_path) -> None:
    first = running(site, tmp_path)
    run_to(first, HOUR_US)
    first.close()
    told = Fact.objects.count()
    second = running(site, tmp_path, after_us=31 * HOUR_US)
    assert second.simulation.at_us == BUILT_US + HOUR_US
    assert run_to(second, 31 * HOUR_US) == 30 * HOUR_US // AT_ONCE_US
    hours = {(t - BUILT_US) // HOUR_US for t in Fact.objects.values_list("t_us", flat=True)}
    assert hours == set(range(31)), "no hour without facts"
    assert Fact.objects.count() > 10 * told
    for source in FactSource.objects.filter(name__endswith=".gateway"):
        assert source.committed_up_to == source.max_seq
    second.close()


def test_after_months_the_plant_stands_empty_and_nothing_is_made_up(site, tmp_path) -> None:
    first = running(site, tmp_path)
    run_to(first, HOUR_US)
    first.close()
    second = running(site, tmp_path, after_us=LONGEST_PAUSE_US + 2 * HOUR_US)
    assert second.simulation.at_us >= BUILT_US + LONGEST_PAUSE_US
    second.close()


def test_a_server_that_is_away_for_hours_gets_everything_when_it_is_back(site, tmp_path) -> None:
    plant = running(site, tmp_path)
    for gateway in plant.gateways:
        gateway.is_away = True
    run_to(plant, 3 * HOUR_US)
    waiting = plant.outbox.waiting()
    assert waiting > 500
    assert Fact.objects.count() == 0
    for gateway in plant.gateways:
        gateway.is_away = False
    plant.deliver()
    assert Fact.objects.count() == waiting
    plant.close()


def test_a_line_takes_what_the_schedule_has_next_and_no_order_twice(site) -> None:
    book_orders(site, BUILT_US, "seed")
    schedule = schedule_orders(site)
    planned = list(
        schedule.planned.filter(machine__code="L1-FIL").order_by("start_us").select_related("order")
    )
    taken: set[str] = set()
    jobs = PlannedJobs(site, "L1", taken)
    made = [jobs.next_job(BUILT_US + n * HOUR_US).order for n in range(3)]
    assert made == [one.order.number for one in planned[:3]]
    assert taken == set(made)
    record_step(site, OrderStep(1, "start", made[0], BUILT_US + 7))
    first = visible(WorkOrder, BY).get(number=made[0])
    assert first.state == "started"
    record_step(site, OrderStep(2, "start", made[0], BUILT_US + 8))
    record_step(site, OrderStep(3, "complete", "WO-000000", BUILT_US + 8))
    assert visible(WorkOrder, BY).get(number=made[0]).version == first.version, (
        "what is done already stays so"
    )


def test_without_a_schedule_or_any_order_a_line_still_gets_work(site) -> None:
    jobs = PlannedJobs(site, "CNC5", set())
    job = jobs.next_job(BUILT_US)
    assert job.item in ("STAR-6", "GUIDE-L")
    assert visible(WorkOrder, BY).get(number=job.order).state == "firm"


def test_the_planner_books_orders_and_publishes_a_new_schedule_every_day(site, monkeypatch) -> None:
    planner = Planner(site, "seed")
    planner.tend()
    asked = visible(Schedule, BY).get()
    assert asked.state == "solving"
    planner.tend()
    assert visible(Schedule, BY).count() == 1, "it waits for the solver"
    solve_schedule(asked.pk)
    planner.tend()
    assert visible(Schedule, BY).get().state == "published"
    planner.tend()
    assert visible(Schedule, BY).count() == 1
    with clock.at(BUILT + timedelta(hours=25)):
        planner.tend()
    assert visible(Schedule, BY).count() == 2


def test_a_failed_schedule_does_not_stop_the_planner(site) -> None:
    planner = Planner(site, "seed")
    planner.tend()
    act(visible(Schedule, BY).get(), "fail", BY, {"failure": "for a test"})
    planner.tend()
    planner.tend()
    assert planner.asked is None
    assert visible(Schedule, BY).count() == 1, "it tries again a day later, not at once"
