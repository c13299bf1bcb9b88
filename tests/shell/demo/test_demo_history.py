"""The demo plant's records and history in a database: told once, computed, and true to the facts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from plantbeat.areas.planning import questions
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.facts.quarantine import Quarantine
from plantbeat.facts.source import FactSource
from plantbeat.facts.tables import Fact, FactAsset
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.tables import AssetDay, AssetHour, ShiftPlan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.log import broken, chains
from plantbeat.shell.demo import order_book
from plantbeat.shell.demo.building import build_plant
from plantbeat.shell.demo.demo_folder import MARK, OUTBOX, SIGN_INS, TOKENS, DemoFolder, FolderError
from plantbeat.shell.demo.history import DOUBTED_BEFORE_US, History
from plantbeat.shell.demo.outbox import Outbox
from plantbeat.shell.demo.plant_simulation import PlantSimulation
from plantbeat.shell.demo.progress import Progress, read_progress
from plantbeat.shell.installation import has_administrator

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

BUILT = datetime(2026, 11, 17, 15, 20, tzinfo=UTC)
"""A Tuesday, 09:20 in Chicago."""
BY = Actor.system("test")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoFolder:
    monkeypatch.setattr(order_book, "SEARCH_S", 1)
    return DemoFolder.made(tmp_path / "demo")


def history(folder: DemoFolder, days: int = 7) -> History:
    site = build_plant(folder, days)
    folder.write(MARK, {**folder.read(MARK), "seed": "a fixed one"})
    return History(site, folder, say=lambda _sentence: None)


def without_orders(made: History, monkeypatch: pytest.MonkeyPatch) -> History:
    """The history without the records of orders, which take the longest."""
    monkeypatch.setattr(
        History, "record_orders", lambda self, _orders: self._note(replace(self.progress, ready=True))
    )
    return made


def test_the_plant_has_its_people_sign_ins_and_tokens_and_is_built_once(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        site = build_plant(folder, 7)
        assert build_plant(folder, 7) == site
    assert has_administrator()
    people = folder.read(SIGN_INS)
    assert {one["role"] for one in people} == {str(role) for role in Role}
    assert len({one["password"] for one in people}) == len(people) == 10
    for one in people:
        user = User.objects.get(username=one["username"])
        assert user.check_password(one["password"])
        assert user.name == one["name"]
    assert len(folder.read(TOKENS)) == 6
    assert folder.read(MARK)["built_us"] == clock.to_us(BUILT)


def test_sign_ins_of_another_version_are_made_anew_and_the_plant_stays(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        site = build_plant(folder, 7)
        before = {one["username"]: one for one in folder.read(SIGN_INS)}
        short = [{"username": one["username"], "password": one["password"]} for one in before.values()]
        folder.write(SIGN_INS, short)
        assert build_plant(folder, 7) == site
    after = {one["username"]: one for one in folder.read(SIGN_INS)}
    for name, one in after.items():
        assert {**one, "password": ""} == {**before[name], "password": ""}, "the same people"
        assert one["password"] != before[name]["password"]
        assert User.objects.get(username=name).check_password(one["password"])
    assert after.keys() == before.keys()


def test_a_plant_without_its_beginning_is_refused_in_one_sentence(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        build_plant(folder, 7)
        folder.write(MARK, {"stamp": "another"})
        with pytest.raises(FolderError, match=r"made by another version; build a new one with --fresh\.$"):
            build_plant(folder, 7)


def test_seven_days_are_told_computed_and_true_to_the_facts(
    folder: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(BUILT):
        made = without_orders(history(folder), monkeypatch)
        made.tell()
        assert Quarantine.objects.count() == 0, "every fact was believed"
        assert 20_000 < Fact.objects.count() == made.progress.facts < 80_000
        recompute(None)
    for source in FactSource.objects.filter(kind="product"):
        assert source.committed_up_to == source.max_seq == Fact.objects.filter(src=source).count() > 0
    assert AssetDay.objects.exclude(fault="").count() == 0
    for day in AssetDay.objects.all():
        rows = AssetHour.objects.filter(asset=day.asset_id, day=day.day)
        assert sum(rows.values_list("us", flat=True)) == day.until_us - day.start_us
    for code in ("L1", "L3", "CELL"):
        _cube_counts_what_was_told(code)


def _cube_counts_what_was_told(line: str) -> None:
    """Pieces in the cube of a line are those told at its counting point; after approval they are good."""
    point = "CNC2" if line == "CELL" else f"{line}-PAC"
    told: Counter[str] = Counter()
    for body in Fact.objects.filter(asset__code=point, kind="count").values_list("body", flat=True):
        told.update({name: n for name, n in json_of(body).items() if name in ("good", "scrap", "rework")})
    for body in Fact.objects.filter(asset__code=point, kind="scrap").values_list("body", flat=True):
        told["scrap"] += json_of(body)["quantity"]
    rows = AssetHour.objects.filter(asset__code=line)
    cube = {
        name: sum(rows.values_list(name, flat=True))
        for name in ("good", "scrap", "rework", "setup_pieces", "without_ideal", "ideal_good_us")
    }
    made = cube["good"] + cube["scrap"] + cube["rework"] + cube["setup_pieces"]
    assert made == sum(told.values()) > 0
    assert cube["setup_pieces"] > 0
    assert cube["without_ideal"] == 0, "an order and an ideal time were in force for every piece"
    assert cube["ideal_good_us"] > 0


def json_of(text: str) -> dict:
    import json

    return json.loads(text)


def test_a_history_that_was_broken_off_goes_on_without_telling_anything_twice(
    folder: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(BUILT):
        made = without_orders(history(folder, days=14), monkeypatch)
        append, calls = made.append_stretch, []

        def breaks(told: dict) -> None:
            """The second stretch is stored but for its last line, and not noted."""
            calls.append(told)
            if len(calls) == 2:
                lines = dict(told)
                lines.popitem()
                monkeypatch.setattr(made, "_note", lambda _progress: None)
                append(lines)
                raise KeyboardInterrupt
            append(told)

        monkeypatch.setattr(made, "append_stretch", breaks)
        with pytest.raises(KeyboardInterrupt):
            made.tell()
        stored = Fact.objects.count()
        assert read_progress(folder).done == 1
        again = History(made.site, folder, say=lambda _sentence: None)
        again.tell()
    assert read_progress(folder).done == len(again.stretches) == 2
    assert stored < Fact.objects.count() == again.progress.facts - Quarantine.objects.count()
    for source in FactSource.objects.filter(kind="product"):
        assert source.committed_up_to == source.max_seq == Fact.objects.filter(src=source).count()


def test_orders_of_the_last_days_are_records_and_a_schedule_of_the_next_is_published(
    folder: DemoFolder,
) -> None:
    with clock.at(BUILT):
        made = history(folder, days=1)
        made.tell()
        schedule = questions.schedule_in_force(made.site, BY)
        assert schedule is not None
        hours = list(
            questions.planned_hours(schedule, "L1", clock.to_us(BUILT), clock.to_us(BUILT) + 86_400_000_000)
        )
    assert read_progress(folder) == replace(made.progress, ready=True)
    _shifts_were_planned(made)
    assert 100 <= schedule.orders <= 180
    assert schedule.late_orders < schedule.orders / 4
    assert schedule.left_out == 0
    assert len(hours) > 10
    orders = visible(WorkOrder, BY).filter(site=made.site)
    states = Counter(orders.values_list("state", flat=True))
    assert set(states) == {"completed", "started", "planned", "firm"}
    assert 1 <= states["started"] <= 8
    started = {
        json_of(body)["order"]
        for body in Fact.objects.filter(kind="order_start").values_list("body", flat=True)
    }
    assert started == set(orders.filter(state__in=["completed", "started"]).values_list("number", flat=True))
    new = orders.filter(state__in=["planned", "firm"])
    assert min(new.values_list("number", flat=True)) > max(started)
    assert min(new.values_list("due", flat=True)) > BUILT
    assert max(new.values_list("due", flat=True)) < BUILT + timedelta(days=25)
    assert not any(broken(chain) for chain in chains()), "steps of the past are chained like any other"


def _shifts_were_planned(made: History) -> None:
    """Every shift of line 1 has a plan, and what was made comes near it."""
    plans = list(ShiftPlan.objects.filter(asset__code="L1").select_related("shift"))
    begins = sorted({plan.shift.start_us for plan in plans})
    assert begins[-1] <= made.plan.built_us < begins[-1] + 8 * 3_600_000_000
    assert len(begins) >= 3
    assert all(plan.planned > 0 and plan.frozen_us == plan.shift.start_us for plan in plans)
    planned = sum(plan.planned for plan in plans if plan.shift.end_us < made.plan.built_us)
    bodies = Fact.objects.filter(asset__code="L1-PAC", kind="count", t_us__gt=begins[0], t_us__lt=begins[-1])
    good = sum(json_of(body).get("good", 0) for body in bodies.values_list("body", flat=True))
    assert 0.6 < good / planned < 1.2


def test_the_machine_whose_clock_fell_back_ends_in_quarantine(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        made = history(folder, days=1)
        week = made.plan.streams[0].begin_us + 10 * 7 * 86_400_000_000
        told = {"CELL": made.plan.streams[0].between(week - 1, week + 1)}
        assert [one.t_us < DOUBTED_BEFORE_US for one in told["CELL"]] == [True]
        made.append_stretch(told)
    held = Quarantine.objects.get()
    assert held.fault == "impossible_clock"
    assert "2002-01-01" in held.sentence
    assert held.source.name == "CNC1.adapter"


def test_the_running_plant_goes_on_exactly_where_the_history_ended(
    folder: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clock.at(BUILT):
        made = without_orders(history(folder, days=1), monkeypatch)
        made.tell()
    outbox = Outbox(folder.path / OUTBOX)
    kept = outbox.simulation()
    outbox.close()
    assert kept is not None
    simulation = PlantSimulation.resumed(made.plan, kept)
    assert simulation.at_us == clock.to_us(BUILT)
    running = {code: line.state.job for code, line in simulation.lines.items() if line.state.job}
    assert running
    open_orders = set()
    for kind, body in (
        Fact.objects.filter(kind__in=["order_start", "order_end"])
        .order_by("t_us", "lsn")
        .values_list("kind", "body")
    ):
        (open_orders.add if kind == "order_start" else open_orders.discard)(json_of(body)["order"])
    in_work = {job.order for code, job in running.items() if simulation.lines[code].state.phase == "run"}
    assert open_orders == in_work


def test_no_asset_of_the_plant_is_unknown_to_the_facts(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        build_plant(folder, 1)
    codes = set(FactAsset.objects.values_list("code", flat=True))
    assert {"L1", "L1-FIL", "L5-PAC", "CELL", "CNC1", "CNC5"} <= codes
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM fact_line WHERE first_piece")
        assert cursor.fetchone()[0] == 6


def test_progress_counts_what_is_told() -> None:
    assert Progress(3, 12).percent == 25
    assert Progress().percent == 0
