"""Sums of days that are over are kept, and are what the cube says, whatever is told late."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from line_of_machines import LineOfMachines, at

from plantbeat.areas.execution.losses import day_sums
from plantbeat.areas.execution.losses.ahead import READER, pieces_ahead
from plantbeat.areas.execution.losses.day_sums import Counted, line_days, stop_days
from plantbeat.areas.execution.losses.looking import Looking
from plantbeat.areas.execution.losses.rates import scrap_trends, stop_trends
from plantbeat.engine.oee import Elements, State
from plantbeat.facts.views import kept_days
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.kept_days import Wanted, forget_kept_days
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules import SiteRules
from plantbeat.kernel import clock

FIRST, LAST = date(2026, 3, 8), date(2026, 3, 12)
NOW = at("2026-03-12", "12:30")

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    """Five days with a stop that goes on over midnight, a short shift and scrap of two defects."""
    with clock.at(NOW):
        made = LineOfMachines()
        for number in range(8, 13):
            day = f"2026-03-{number:02}"
            made.say(
                made.fact("state", at(day, "06:10"), state="running"),
                made.fact("count", at(day, "07:00"), "M2", good=100 + number, scrap=2),
                made.fact("scrap", at(day, "07:30"), "M2", quantity=number, reason="CAP"),
                made.fact("count", at(day, "09:00"), "M2", good=10),
                made.fact("state", at(day, "10:00"), state="stopped"),
                made.fact("reason", at(day, "10:01"), reason="JAM", from_us=at(day, "10:00")),
                made.fact("state", at(day, "10:30"), state="running"),
                made.fact("state", at(day, "11:30"), state="stopped"),
            )
        made.drain()
        yield made


def wanted(line, where=None):
    rules = SiteRules(line.site.pk)
    assets = [line.asset(code).pk for code in ("L1", "M1", "M2")]
    return Wanted(rules, assets, Period.of_days(FIRST, LAST), where or {})


def told(asked):
    """What the cube says of each day, asked day by day."""
    lines, stops = {}, {}
    for day in asked.days():
        one = Period.of_day(day)
        cells = cube_sums(CubeQuestion(asked.rules, asked.assets, one, [Cut.line, Cut.defect], asked.where))
        rows, defects = {}, {}
        for (asset, defect), found in cells.items():
            rows.setdefault(asset, []).extend(found)
            if defect is not None:
                defects[asset, defect] = sum(cell.scrap for cell in found)
        lines[day] = {asset: Elements.of(found) for asset, found in rows.items()}, defects
        question = CubeQuestion(
            asked.rules, asked.assets, one, [Cut.machine, Cut.reason], asked.where, (State.own_stop,)
        )
        stops[day] = {
            key: Counted(sum(cell.starts for cell in found), sum(cell.us for cell in found))
            for key, found in cube_sums(question).items()
        }
    return lines, stops


def kept(asked):
    lines = {day: (dict(one.of), dict(one.defects)) for day, one in line_days(asked).items()}
    return lines, {day: dict(one) for day, one in stop_days(asked).items()}


@pytest.mark.parametrize("where", [None, {Cut.shift: "early"}, {Cut.shift: "late"}])
def test_sums_by_day_are_those_of_the_cube_the_first_time_and_from_memory(line, where) -> None:
    asked = wanted(line, where)
    first = kept(asked)
    assert first == told(asked) == kept(asked)
    if where is None:
        assert first[0][FIRST][1], "scrap by defect is among them"
        assert any(counted.starts for counted in first[1][FIRST].values())


def test_days_that_are_over_are_not_read_again(line) -> None:
    asked = wanted(line)
    kept(asked)
    with CaptureQueriesContext(connection) as queries:
        kept(asked)
    assert len(queries) == 2, "one question each: has a day been written?"
    assert not [query for query in queries if "asset_hour" in query["sql"]]


@pytest.mark.parametrize("day", [f"2026-03-{number:02}" for number in (8, 10, 12)])
def test_what_is_told_late_is_seen_at_once(line, day) -> None:
    before = kept(wanted(line))
    line.say(
        line.fact("count", at(day, "07:30"), "M2", good=5),
        line.fact("scrap", at(day, "07:31"), "M2", quantity=7, reason="LATE"),
        line.fact("reason", at(day, "11:31"), reason="JAM", from_us=at(day, "11:30")),
    )
    line.drain()
    asked = wanted(line)
    after = kept(asked)
    assert after == told(asked)
    assert after[0][date.fromisoformat(day)] != before[0][date.fromisoformat(day)]


def test_more_days_or_other_assets_are_other_sums(line) -> None:
    kept(wanted(line))
    rules = SiteRules(line.site.pk)
    only = Wanted(rules, [line.asset("M2").pk], Period.of_days(FIRST, LAST), {})
    longer = Wanted(rules, wanted(line).assets, Period.of_days(date(2026, 3, 5), LAST), {})
    for asked in (only, longer):
        found = kept(asked)
        forget_kept_days()
        assert found == kept(asked) == told(asked)


def test_what_was_read_ahead_is_what_trends_look_into(line, monkeypatch) -> None:
    looking = Looking(line.site, READER, Period.of_days(FIRST, LAST))
    asked = scrap_trends(looking), stop_trends(looking)
    assert asked[0]
    forget_kept_days()
    for piece in pieces_ahead(line.site):
        piece()

    def reads_again(_question):
        raise AssertionError("what was read ahead is read again")

    monkeypatch.setattr(day_sums, "cube_sums", reads_again)
    assert (scrap_trends(looking), stop_trends(looking)) == asked


def test_reading_ahead_leaves_half_of_the_memory_to_what_somebody_looks_at(line, monkeypatch) -> None:
    monkeypatch.setattr(kept_days, "MOST_KEPT", 60)
    pieces = 0
    for piece in pieces_ahead(line.site):
        piece()
        pieces += 1
    assert 0 < pieces <= 6
    assert kept_days.is_half_full()


def test_a_site_without_lines_has_nothing_to_read_ahead(plant) -> None:
    assert list(pieces_ahead(plant.north)) == []
