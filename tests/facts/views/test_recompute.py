"""Dirty days are worked off by whoever comes, together, late, or amid new facts: nothing is lost."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import connection
from line_of_machines import HOUR, MIN, LineOfMachines, at

from plantbeat.facts.models import AssetDay, AssetHour, DirtyDay, FactInterval
from plantbeat.facts.views import asset_day
from plantbeat.facts.views import recompute as recomputing
from plantbeat.facts.views.rebuild import Overtaken, Pass, Range
from plantbeat.facts.views.recompute import keep_up, recompute, refresh
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.verify import verify_cube
from plantbeat.kernel import clock

DAY, NEXT = "2026-03-10", "2026-03-11"
LATER = at("2026-03-12", "12:00")


@pytest.fixture
def line(db):
    with clock.at(LATER):
        yield LineOfMachines()


def in_the_middle(monkeypatch, once):
    """Do something while a day is being computed, once."""
    whole = asset_day.DayMaker.view
    done = []

    def view(maker, asked):
        if not done:
            done.append(True)
            once()
        return whole(maker, asked)

    monkeypatch.setattr(asset_day.DayMaker, "view", view)


@pytest.mark.requirement("R157")
def test_a_fact_that_comes_while_its_day_is_computed_leaves_the_day_dirty(line, monkeypatch):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    in_the_middle(monkeypatch, lambda: line.say(line.fact("state", at(DAY, "09:00"), state="stopped")))
    recompute()
    assert DirtyDay.objects.filter(asset=line.asset("M1"), day=DAY).exists()
    line.drain()
    assert line.states("M1", DAY)["running"] == 60
    line.check()


def test_who_comes_second_on_a_day_drops_the_older_result(line, monkeypatch):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    rules, asset = SiteRules(line.site.pk), line.asset("M1").pk

    def quicker():
        line.say(line.fact("state", at(DAY, "09:00"), state="stopped"))
        recompute()

    in_the_middle(monkeypatch, quicker)
    with pytest.raises(Overtaken):
        Pass(rules, clock.now_us()).run([Range(asset, date.fromisoformat(DAY), date.fromisoformat(DAY))])
    line.drain()
    assert line.states("M1", DAY)["running"] == 60
    line.check()


@pytest.mark.django_db(transaction=True)
def test_several_workers_and_a_source_at_once_end_in_what_the_facts_say():
    with clock.at(LATER):
        line = LineOfMachines()
        line.say(line.fact("state", at(DAY, "00:00"), state="running"))
        faults: list[BaseException] = []
        stop = threading.Event()

        def work():
            try:
                with clock.at(LATER):
                    while not stop.is_set():
                        recompute(7)
                        refresh(every_us=1)
            except BaseException as fault:  # noqa: BLE001  (told below)
                faults.append(fault)
            finally:
                connection.close()

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(60):
            at_us = at(DAY if number % 2 else NEXT, "01:00") + number * 11 * MIN
            line.say(
                line.fact("state", at_us, state="stopped" if number % 3 else "running"),
                line.fact("count", at_us, "M2", good=1),
            )
        stop.set()
        for thread in threads:
            thread.join()
        assert not faults
        line.drain()
        assert line.total("good") == 60
        line.check()


def test_a_share_works_off_the_lines_of_its_own(line):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    line.make(type(line.m1), code="SOLO", name="Alone")
    line.say(line.fact("state", at(DAY, "08:00"), "SOLO", state="running"))
    every = [recompute(None, share=(which, 2)).days for which in (0, 1)]
    assert all(every)
    assert not DirtyDay.objects.exists()


def test_what_somebody_else_has_settled_meanwhile_is_not_computed_again(line, monkeypatch):
    line.make(type(line.m1), code="SOLO", name="Alone")
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    line.say(line.fact("state", at(DAY, "08:00"), "SOLO", state="running"))
    in_the_middle(monkeypatch, lambda: recompute(None))
    worked = recompute(None)
    assert worked.overtaken > 0
    assert not DirtyDay.objects.exists()
    assert set(AssetDay.objects.values_list("version", flat=True)) == {1}, "each day was computed once"
    line.check()


def test_days_between_those_that_are_dirty_are_left_as_they_are(line):
    days = [f"2026-03-{day:02d}" for day in range(1, 12)]
    told = [(day, *one) for day in days for one in (("08:00", "running"), ("16:00", "stopped"))]
    line.say(*(line.fact("state", at(day, time), state=state) for day, time, state in told))
    line.drain()

    def versions():
        rows = AssetDay.objects.filter(asset=line.asset("M1"))
        return {str(day): version for day, version in rows.values_list("day", "version")}

    before = versions()
    line.say(line.fact("state", at(days[0], "09:00"), state="stopped"))
    line.say(line.fact("state", at(days[-1], "09:00"), state="stopped"))
    line.drain()
    again = {day for day, version in versions().items() if version > before[day]}
    assert {days[0], days[-1]} <= again
    assert not again & set(days[3:-2])
    line.check()


def test_progress_is_told_as_marks_are_settled(line):
    line.say(
        *(line.fact("state", at(f"2026-03-{day:02d}", "08:00"), state="running") for day in range(1, 11))
    )
    told = []
    recompute(None, progress=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == 11


def test_days_far_apart_that_are_worked_off_together_hand_on_what_they_leave(line):
    readings = [
        ("2026-02-03", 5),
        ("2026-02-09", 7),
        ("2026-02-10", 8),
        ("2026-02-20", 20),
        ("2026-03-09", 21),
    ]
    line.say(*(line.fact("counter", at(day, "08:00"), "M2", value=value) for day, value in readings))
    recompute(None)
    assert line.total("good", "M2") == 16
    line.drain()
    assert line.total("good") == line.total("good", "M2") == 16
    line.check()


def test_days_that_have_not_begun_wait(line):
    line.say(line.fact("state", at("2026-03-13", "08:00"), state="running"))
    worked = recompute()
    assert (worked.days, worked.left) == (0, 1)
    with clock.at(at("2026-03-13", "09:00")):
        line.drain()
        assert line.states("M1", "2026-03-13") == {"no_data": 480, "running": 60}


def test_a_day_that_cannot_be_computed_is_told_and_keeps_no_other_waiting(line, monkeypatch, caplog):
    line.make(type(line.m1), code="SOLO", name="Alone")
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    line.say(line.fact("state", at(DAY, "08:00"), "SOLO", state="running"))
    whole, bad = asset_day.DayMaker.view, line.asset("SOLO").pk

    def view(maker, asked):
        if asked.asset == bad:
            raise KeyError("no such thing")
        return whole(maker, asked)

    monkeypatch.setattr(asset_day.DayMaker, "view", view)
    monkeypatch.setattr(recomputing, "_left_alone", set())
    for _ in range(3):
        recompute()
    assert [record.message for record in caplog.records if record.levelname == "ERROR"] == [
        "these days cannot be computed: SOLO 2026-03-10, SOLO 2026-03-11"
    ]
    assert line.states("M1", DAY)["running"] == 960
    monkeypatch.undo()
    monkeypatch.setattr(recomputing, "_left_alone", set())
    line.say(line.fact("state", at(DAY, "09:00"), "SOLO", state="stopped"))
    line.drain()
    assert line.states("SOLO", DAY)["running"] == 60


def test_time_passes_without_facts_too(line):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    line.drain()
    assert AssetDay.objects.get(asset=line.asset("M1"), day="2026-03-12").until_us == LATER
    with clock.at(LATER + 5 * 1_000_000):
        assert refresh() == 0
    with clock.at(LATER + 30 * 1_000_000):
        assert refresh() == 2
        assert AssetDay.objects.get(asset=line.asset("M1"), day="2026-03-12").until_us == LATER + 30_000_000
    with clock.at(at("2026-03-15", "01:00")):
        line.drain()
        assert line.states("M1", "2026-03-13") == {"running": 1440}
        line.check()


def test_a_changed_cell_a_missing_interval_and_a_changed_carry_are_found(line):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    line.drain()
    assert verify_cube(line.site.pk).days == 6
    row = AssetHour.objects.filter(asset=line.asset("M1"), day=DAY).last()
    AssetHour.objects.filter(pk=row.pk).update(us=row.us - 1)
    FactInterval.objects.filter(asset=line.asset("L1")).first().delete()
    AssetDay.objects.filter(asset=line.asset("M1"), day=NEXT).update(carry="{}")
    found = [str(one) for one in verify_cube(line.site.pk).differences]
    assert sorted(found) == [
        "L1, 2026-03-10: what stands in fact_interval differs from the facts",
        "M1, 2026-03-10: what stands in asset_hour differs from the facts",
        "M1, 2026-03-11: what it hands to the next day differs from the facts",
    ]


def test_a_round_of_the_worker_works_off_what_is_dirty_and_asks_for_the_next_while_days_are_left(
    line, monkeypatch
):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    monkeypatch.setattr(recomputing.recompute, "__defaults__", (1,))
    rounds = 1
    while keep_up():
        rounds += 1
    assert rounds > 1
    assert not DirtyDay.objects.exists()
    assert line.states("M1", DAY)["running"] == 960
    assert HOUR == 60 * MIN
