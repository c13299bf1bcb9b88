"""The demo plant's targets: dated, owned, and near what the plant is able to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from plantbeat.areas.execution.targets import Targets, status_of
from plantbeat.areas.plant.records.target import Target
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Direction, measure_named, values
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.shell.demo.building import build_plant
from plantbeat.shell.demo.demo_folder import MARK, DemoFolder
from plantbeat.shell.demo.history import History
from plantbeat.shell.demo.targets import OF_AREA, OF_SITE, aims_of

BUILT = datetime(2026, 11, 17, 15, 20, tzinfo=UTC)
BY = Actor.system("test")
LINES = ("L1", "L2", "L3", "L4", "L5", "CELL")

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> DemoFolder:
    return DemoFolder.made(tmp_path / "demo")


def test_every_aim_watches_on_the_worse_side_of_its_target() -> None:
    for aim in (*OF_SITE, *sum(OF_AREA.values(), ()), *(aim for line in LINES for aim in aims_of(line))):
        higher = measure_named(aim.measure).direction is Direction.higher_is_better
        assert (float(aim.watch) < float(aim.value)) == higher, aim
        if aim.before:
            assert (float(aim.before) < float(aim.value)) == higher, f"{aim} asks for less than before"


@pytest.mark.requirement("R019")
def test_targets_are_dated_owned_and_there_for_the_site_its_areas_and_lines(folder: DemoFolder) -> None:
    with clock.at(BUILT):
        site = build_plant(folder, 7)
    rows = visible(Target, BY).filter(site=site).select_related("owner", "line__area")
    assert rows.filter(line=None, area=None).values("measure").distinct().count() == len(OF_SITE)
    for row in rows:
        assert row.owner.site_id == site.pk
        assert row.valid_from in (date(2025, 1, 1), date(2026, 10, 1))
        assert row.watch is not None
    today = Targets(site.pk, BUILT.date(), BY)
    earlier = Targets(site.pk, date(2026, 9, 30), BY)
    for code in LINES:
        scope = Scope.line(site.pk, code)
        now, before = today.of("oee", scope), earlier.of("oee", scope)
        assert now is not None
        assert before is not None
        assert now.value > before.value, "this quarter asks for more"
        lead = (
            visible(Target, BY)
            .get(
                site=site,
                line__code=code,
                measure="availability",
                valid_from__lte=BUILT,
                **({} if code == "CELL" else {"valid_from__gt": date(2026, 1, 1)}),
            )
            .owner
        )
        assert (lead.job, lead.home_line.code) == ("Line lead", code)


def test_the_plant_meets_some_targets_misses_others_and_none_is_out_of_reach(
    folder: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        History,
        "record_orders",
        lambda self, _orders: setattr(self, "progress", replace(self.progress, ready=True)),
    )
    with clock.at(BUILT):
        site = build_plant(folder, 7)
        folder.write(MARK, {**folder.read(MARK), "seed": "a fixed one"})
        History(site, folder, lambda _sentence: None).tell()
        recompute(None)
        week = Period.of_days(BUILT.date() - timedelta(days=7), BUILT.date() - timedelta(days=1))
        targets, found = Targets(site.pk, BUILT.date(), BY), Counter()
        for code in LINES:
            for measure in ("oee", "availability", "performance", "quality", "scrap_percent", "attendance"):
                scope = Scope(site.pk, AssetLevel.line, code)
                (one,) = values(measure, scope, week, BY)
                target = targets.of(measure, scope)
                assert target is not None
                assert one.value is not None
                apart = abs(one.value - float(target.value))
                assert apart < 15, f"{measure} of {code} is {one.value:.1f}, its target {target.value}"
                found[status_of(one.value, target, measure_named(measure).direction)] += 1
    assert min(found["good"], found["watch"] + found["act"]) >= 6, found
