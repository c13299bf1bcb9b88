"""What the plant publishes decides how facts are read, from its date on; a change dirties what it reaches."""

from __future__ import annotations

from datetime import date, time

import pytest
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.plant.publishing import publish_site
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.areas.plant.records.line import Line
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.areas.plant.records.state_map import StateMap
from plantbeat.facts.models import AssetHour, DirtyDay, FactAsset, FactLine, FactShift
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.verify import verify_cube
from plantbeat.kernel import clock
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

DAY, NEXT = "2026-03-10", "2026-03-11"
LATER = at("2026-03-12", "12:00")

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    with clock.at(LATER):
        yield LineOfMachines()


def test_a_machine_is_an_asset_that_keeps_its_history_under_a_new_code(line):
    line.say(line.fact("state", at(DAY, "08:00"), state="running"))
    before = line.asset("M1").pk
    act(line.m1, "edit", SYSTEM, {"code": "FILLER-1"})
    assert line.asset("FILLER-1").pk == before
    line.say(line.fact("state", at(DAY, "09:00"), "FILLER-1", state="stopped"))
    line.drain()
    assert line.states("FILLER-1", DAY)["running"] == 60


def test_a_removed_machine_ends_and_its_code_is_free_for_another(line):
    spare = line.make(Machine, code="M9", name="Spare", line=line.line)
    act(spare, "remove", SYSTEM)
    assert not FactAsset.objects.filter(code="M9").exists()
    spare = line.make(Machine, code="M9", name="Spare", line=line.line)
    line.say(line.fact("state", at(DAY, "08:00"), "M9", state="running"))
    act(spare, "remove", SYSTEM)
    ended = FactAsset.objects.get(ref=f"plant.Machine:{spare.pk}")
    assert (ended.valid_to_us, ended.code) == (LATER, f"M9~{ended.pk}")
    line.make(Machine, code="M9", name="Spare", line=line.line)
    assert FactAsset.objects.get(code="M9").valid_to_us is None


def test_machines_follow_their_line_under_a_new_code(line):
    act(line.line, "edit", SYSTEM, {"code": "FILL"})
    assert line.asset("M1").line == "FILL"
    rules = SiteRules(line.site.pk)
    assert [rules.assets[pk].code for pk in rules.machines_of[line.asset("FILL").pk]] == ["M1", "M2"]


def test_lines_and_machines_share_their_codes(line):
    with pytest.raises(Refused, match="is the code of another: Line “Line 1”"):
        line.make(Machine, code="L1", name="Same")
    with pytest.raises(Refused, match="code"):
        line.make(Line, code="M1", name="Same")


def test_a_new_state_map_reads_the_past_from_its_date_on(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="MODE_7"), line.fact("heartbeat", at(NEXT, "20:00")))
    line.drain()
    assert line.states("M1", NEXT) == {"unexplained": 1440}
    words = [{"word": "Mode 7", "state": "starved"}]
    made = line.make(StateMap, valid_from=date.fromisoformat(NEXT), words=words)
    line.drain()
    assert (line.states("M1", DAY), line.states("M1", NEXT)) == ({"unexplained": 1440}, {"starved": 1440})
    act(made, "edit", SYSTEM, {"machine_class": "lathe"})
    line.drain()
    assert line.states("M1", NEXT) == {"unexplained": 1440}
    act(line.m1, "edit", SYSTEM, {"machine_class": "lathe"})
    line.drain()
    assert line.states("M1", NEXT) == {"starved": 1440}
    act(made, "remove", SYSTEM)
    line.drain()
    assert line.states("M1", NEXT) == {"unexplained": 1440}
    line.check()


def test_a_new_counting_point_holds_from_today_and_leaves_the_past(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="running"))
    line.say(*(line.fact("count", at(DAY, "09:00"), code, good=n) for code, n in (("M1", 5), ("M2", 7))))
    line.drain()
    assert line.total("good") == 7
    with clock.at(at("2026-03-13", "12:00")):
        act(line.line, "edit", SYSTEM, {"counting_point": line.m1})
        line.say(
            *(line.fact("count", at("2026-03-13", "09:00"), c, good=n) for c, n in (("M1", 5), ("M2", 7)))
        )
        line.drain()
        assert (line.total("good", day=DAY), line.total("good", day="2026-03-13")) == (7, 5)
        assert FactLine.objects.count() == 2
        line.check()


def test_an_ideal_time_holds_until_the_next_one_and_a_removed_one_is_forgotten(line):
    line.say(
        line.fact("state", at(DAY, "00:00"), state="running"),
        line.fact("order_start", at(DAY, "00:00"), asset="M1", order="W", item="P"),
        line.fact("count", at(DAY, "09:00"), "M2", good=1),
        line.fact("count", at(NEXT, "09:00"), "M2", good=1),
    )
    faster = line.ideal(line.m1, 30_000_000, date.fromisoformat(NEXT))
    line.drain()
    assert [line.total("ideal_all_us", day=day) for day in (DAY, NEXT)] == [MIN, MIN // 2]
    act(faster, "edit", SYSTEM, {"cycle": 20_000_000})
    line.drain()
    assert line.total("ideal_all_us", day=NEXT) == MIN // 3
    act(faster, "remove", SYSTEM)
    line.drain()
    assert line.total("ideal_all_us", day=NEXT) == MIN
    line.check()


def test_what_a_reason_counts_as_changes_from_today_on(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="stopped", reason="JAM"))
    line.drain()
    assert line.total("us", "M1", state="own_stop", day=NEXT) == 24 * HOUR
    with clock.at(at("2026-03-14", "12:00")):
        act(line.jam, "edit", SYSTEM, {"counts_as": "blocked"})
        line.drain()
        assert line.total("us", "M1", state="own_stop", day=NEXT) == 24 * HOUR
        assert line.total("us", "M1", state="own_stop", day="2026-03-13") == 24 * HOUR
        assert line.total("us", "M1", state="blocked", day="2026-03-14") == 12 * HOUR
        line.check()


@pytest.mark.requirement("X8")
def test_a_holiday_put_into_the_past_takes_its_shifts_and_dirties_the_days(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="running"))
    line.drain()
    assert line.states("M1", DAY) == {"running": 1440}
    holiday = line.make(Holiday, day=date.fromisoformat(DAY), name="Founder's day")
    line.drain()
    assert line.states("M1", DAY) == {"running": 360, "off_shift": 1080}
    assert line.states("M1", NEXT) == {"off_shift": 360, "running": 1080}
    act(holiday, "edit", SYSTEM, {"day": date(2026, 3, 9)})
    line.drain()
    assert line.states("M1", DAY) == {"off_shift": 360, "running": 1080}
    act(holiday, "remove", SYSTEM)
    line.drain()
    assert line.states("M1", DAY) == {"running": 1440}
    line.check()


def test_a_changed_pattern_keeps_the_shifts_that_have_begun(line):
    with clock.at(at("2026-03-20", "07:00")):
        line.say(line.fact("state", at("2026-03-18", "00:00"), state="running"))
        line.drain()
        shifts = [
            {"place": 1, "name": "day", "start": time(7), "end": time(19), "breaks": ""},
            {"place": 2, "name": "night", "start": time(19), "end": time(7), "breaks": ""},
        ]
        act(line.pattern, "edit", SYSTEM, {"shifts": shifts})
        rows = FactShift.objects.filter(owner_day=date(2026, 3, 20)).order_by("start_us")
        names = [(row.shift, (row.start_us - at("2026-03-20")) // HOUR) for row in rows]
        assert names == [("early", 6), ("night", 19)]
        assert FactShift.objects.filter(owner_day=date(2026, 3, 18), shift="early").exists()
        next_week = FactShift.objects.filter(owner_day=date(2026, 3, 25)).order_by("start_us")
        assert [row.shift for row in next_week] == ["day", "night"]
        line.drain()
        line.check()


def test_a_shift_that_stays_as_it_was_keeps_its_id(line):
    known = dict(FactShift.objects.filter(shift="early").values_list("start_us", "pk"))
    line.make(Holiday, day=date(2026, 3, 20), name="Off")
    after = dict(FactShift.objects.filter(shift="early").values_list("start_us", "pk"))
    assert after == {start: pk for start, pk in known.items() if start != at("2026-03-20", "06:00")}


def test_publishing_again_changes_nothing(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="running"))
    line.drain()
    shifts = set(FactShift.objects.values_list("pk", flat=True))
    assert publish_site(line.site, SYSTEM) >= 10
    assert not DirtyDay.objects.exists()
    assert set(FactShift.objects.values_list("pk", flat=True)) == shifts
    assert verify_cube(line.site.pk).differences == []


def test_a_rule_of_the_site_reads_its_days_from_its_date_on(line):
    line.say(line.fact("state", at(DAY, "00:00"), state="running"))
    line.drain()
    rule = {"valid_from": date.fromisoformat(NEXT), "shift_pattern": line.pattern, "silent_after": 2 * HOUR}
    line.make(SiteRule, **rule)
    line.drain()
    assert line.states("M1", DAY) == {"running": 1440}
    assert line.states("M1", NEXT) == {"no_data": 1440}
    line.check()


def test_orders_of_a_line_are_orders_of_its_machines(line):
    line.say(
        line.fact("state", at(DAY, "00:00"), "M2", state="running"),
        line.fact("order_start", at(DAY, "06:00"), "L1", order="W", item="P"),
        line.fact("order_end", at(DAY, "18:00"), "L1", order="W"),
    )
    line.drain()
    assert line.total("us", "M2", order_number="W", product="P") == 12 * HOUR
    assert AssetHour.objects.filter(asset=line.asset("L1"), order_number="W").exists()
    line.check()


def test_a_line_of_one_machine_is_counted_and_timed_there_until_a_second_one_comes(line):
    alone = line.make(Line, code="L2", name="Line 2")
    line.make(Machine, code="A1", name="First", line=alone)
    line.say(
        line.fact("state", at(DAY, "00:00"), "A1", state="running"),
        line.fact("count", at(DAY, "01:00"), "A1", good=3),
    )
    line.drain()
    assert line.total("good", "L2") == 3
    second = line.make(Machine, code="A2", name="Second", line=alone)
    line.drain()
    assert line.total("good", "L2") == 0
    line.check()
    act(second, "edit", SYSTEM, {"line": line.line})
    line.drain()
    assert line.total("good", "L2") == 3
    line.check()
