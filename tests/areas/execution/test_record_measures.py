"""Measures over records, and the page that lists all measures."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.facts.views.catalogue import measures, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "measures.md"


@pytest.mark.django_db
@pytest.mark.requirement("R149", "X2")
def test_delivery_on_time_is_judged_by_due_date_and_by_when_the_order_was_done():
    with clock.at(at("2026-03-20", "12:00")):
        line = LineOfMachines()

        def order(day, hour=12):
            due = datetime(2026, 3, day, hour, tzinfo=UTC)
            return line.make(WorkOrder, item=line.item, quantity=10, due=due)

        def leave(one, day, *, complete=True):
            when = at(f"2026-03-{day:02d}", "08:00")
            line.say(line.fact("order_end", when, "L1", order=one.number, complete=complete))

        punctual, late, missing, cancelled, half, begun, coming = (
            order(d) for d in (10, 11, 12, 13, 14, 15, 25)
        )
        leave(punctual, 10)
        leave(late, 13)
        leave(half, 13, complete=False)
        leave(begun, 14)
        for verb in ("release", "start"):
            act(begun, verb, SYSTEM)
        act(cancelled, "cancel", SYSTEM, reason="not wanted")
        line.drain()
        march = Period.of_days(date(2026, 3, 1), date(2026, 3, 31))
        site = Scope.site(line.site.pk)
        (otd,) = values("otd", site, march, SYSTEM)
        assert (otd.figure.numerator, otd.figure.denominator, otd.value) == (1, 5, 20.0)
        assert otd.figure.remarks[1] == "1 not yet due"
        act(begun, "complete", SYSTEM)
        assert values("otd", site, march, SYSTEM)[0].figure.numerator == 2
        by_day = {v.key: v.figure.numerator for v in values("otd", site, march, SYSTEM, Cut.day)}
        assert (by_day["2026-03-10"], by_day["2026-03-11"], by_day["2026-03-15"]) == (1, 0, 1)
        opened = drill("otd", site, march, SYSTEM)
        assert opened.records[0] == f"planning.WorkOrder:{punctual.pk}"
        assert len(opened.records) == 7
        (of_line,) = values("otd", Scope.line(line.site.pk, "L1"), march, SYSTEM)
        assert "whole site" in str(of_line.figure.missing)
        assert missing.number
        assert coming.number
        stranger = Actor("p-q", ((Role.analyst, line.site.pk),))
        assert values("otd", site, march, stranger)[0].value == 40.0


@pytest.mark.requirement("X3")
def test_the_page_of_measures_is_what_the_catalogue_declares():
    text = PAGE.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    expected = [
        f"| `{one.code}` | [{one.code.label}](kpi/{one.page}.md) | {one.unit} | {one.direction} |"
        f" {', '.join(cut for cut in Cut if cut in one.cuts) or 'none'} | {one.source} |"
        for one in measures()
    ]
    assert rows == expected
