"""The catalogue of measures: declared once, summed over any cut, opened down to the facts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from fractions import Fraction
from pathlib import Path
from threading import Barrier

import pytest
from line_of_machines import HOUR, MIN, SYSTEM, LineOfMachines, at

from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.site_rule import SiteRule
from plantbeat.facts.models import Fact, FactShift
from plantbeat.facts.views import catalogue
from plantbeat.facts.views.catalogue import declare, measure_named, measures, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.drill import drill
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period, PeriodKind
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.scopes import Scope
from plantbeat.facts.views.shift_plan import PlannedRun, freeze_plan
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

DAY, NEXT = "2026-03-10", "2026-03-11"
LATER = at("2026-03-12", "12:00")
PAGES = Path(__file__).parents[3] / "docs" / "reference" / "kpi"

pytestmark = pytest.mark.django_db


@pytest.fixture
def line():
    """Two days of a line that ran two orders, stood twice and made scrap."""
    with clock.at(LATER):
        made = LineOfMachines()
        made.say(
            made.fact("state", at(DAY, "06:00"), state="running"),
            made.fact("order_start", at(DAY, "06:00"), "L1", order="W1", item="P"),
            made.fact("state", at(DAY, "08:00"), state="stopped"),
            made.fact("state", at(DAY, "09:00"), state="running"),
            made.fact("reason", at(DAY, "09:01"), reason="JAM", from_us=at(DAY, "08:00")),
            made.fact("count", at(DAY, "13:00"), "M2", good=300, scrap=10, rework=5),
            made.fact("order_end", at(DAY, "14:00"), "L1", order="W1"),
            made.fact("order_start", at(DAY, "14:00"), "L1", order="W2", item="P"),
            made.fact("state", at(DAY, "15:00"), state="stopped"),
            made.fact("state", at(DAY, "15:30"), state="running"),
            made.fact("count", at(DAY, "21:00"), "M2", good=400),
            made.fact("scrap", at(DAY, "21:30"), "M2", quantity=20, reason="BURR"),
            made.fact("state", at(NEXT, "06:00"), state="stopped"),
            made.fact("order_end", at(NEXT, "06:00"), "L1", order="W2"),
        )
        made.drain()
        yield made


@pytest.fixture
def scope(line):
    return Scope.line(line.site.pk, "L1")


def day(text=DAY):
    return Period.of_day(date.fromisoformat(text))


def shift_of(line, name, text=DAY):
    return FactShift.objects.get(site=line.site, shift=name, owner_day=date.fromisoformat(text))


def fraction(value):
    return Fraction(value.figure.numerator, value.figure.denominator)


# --- the registry ---


@pytest.mark.requirement("R149", "X3")
def test_every_code_is_declared_once_with_its_page_unit_and_source():
    assert [measure.code for measure in measures()] == list(MeasureCode)
    for measure in measures():
        assert (PAGES / f"{measure.page}.md").is_file(), measure.code
        assert measure.source
        assert measure.kinds or measure.opens
        assert not {"person", "actor"} & set(measure.cuts)
    with pytest.raises(ValueError, match="two measures have the code oee"):
        declare(measure_named("oee"))


def test_a_wrong_code_cut_or_scope_is_refused_in_words(line, scope):
    with pytest.raises(Refused, match=r"there is no such measure \(.*oee"):
        values("oe", scope, day(), SYSTEM)
    with pytest.raises(Refused, match="“OEE” cannot be cut by reason"):
        values("oee", scope, day(), SYSTEM, Cut.reason)
    with pytest.raises(Refused, match="cannot be cut by person"):
        values("oee", scope, day(), SYSTEM, "person")
    with pytest.raises(Refused, match="there is no Line “L9” here"):
        values("oee", Scope.line(line.site.pk, "L9"), day(), SYSTEM)


@pytest.mark.requirement("X6")
def test_nobody_without_a_role_at_the_site_is_told_anything(line, scope):
    stranger = Actor(pseudonym="p-x", grants=((Role.manager, line.site.pk + 1),))
    for ask in (values, drill):
        with pytest.raises(Refused, match="no role at this site"):
            ask("oee", scope, day(), stranger)
    analyst = Actor(pseudonym="p-y", grants=((Role.analyst, line.site.pk),))
    assert values("oee", scope, day(), analyst)


# --- values of the cube ---


@pytest.mark.requirement("R157", "R149", "X3")
def test_oee_and_its_factors_are_one_division_over_summed_elements(line, scope):
    shift = Period.of_shift(shift_of(line, "early"))
    found = {
        code: values(code, scope, shift, SYSTEM)[0]
        for code in ("oee", "availability", "performance", "quality")
    }
    assert fraction(found["oee"]) == Fraction(300, 480)
    assert fraction(found["availability"]) == Fraction(7, 8)
    product = Fraction(1)
    for code in ("availability", "performance", "quality"):
        product *= fraction(found[code])
    assert product == fraction(found["oee"])
    assert (found["oee"].value, found["oee"].unit, found["oee"].figure.n) == (62.5, "%", 315)
    assert found["oee"].figure.coverage.value == 100.0


@pytest.mark.requirement("R040", "R149")
@pytest.mark.parametrize("cut", [Cut.line, Cut.shift, Cut.product, Cut.order, Cut.hour, Cut.day])
@pytest.mark.parametrize("code", ["oee", "scrap_percent", "loss_breakdowns", "throughput"])
def test_the_parts_of_every_cut_sum_to_the_whole(line, scope, code, cut):
    period = Period.of_days(date.fromisoformat(DAY), date.fromisoformat(NEXT))
    (whole,) = values(code, scope, period, SYSTEM)
    parts = values(code, scope, period, SYSTEM, cut)
    assert sum(part.figure.numerator for part in parts) == whole.figure.numerator
    assert sum(part.figure.denominator for part in parts) == whole.figure.denominator
    if len(parts) == 1:
        assert parts[0].value == whole.value


@pytest.mark.requirement("R069", "R082")
def test_stops_and_scrap_are_cut_by_reason_over_the_whole_time_and_quantity(line, scope):
    by_reason = {v.key: v for v in values("unplanned_downtime_percent", scope, day(), SYSTEM, Cut.reason)}
    (whole,) = values("unplanned_downtime_percent", scope, day(), SYSTEM)
    assert by_reason["JAM"].figure.numerator == HOUR
    assert by_reason[None].figure.numerator == HOUR // 2
    assert {v.figure.denominator for v in by_reason.values()} == {whole.figure.denominator}
    assert sum(v.figure.numerator for v in by_reason.values()) == whole.figure.numerator
    scrap = {v.key: v for v in values("scrap_percent", scope, day(), SYSTEM, Cut.defect)}
    assert (scrap["BURR"].figure.numerator, scrap["BURR"].figure.denominator) == (20, 735)
    assert scrap[None].figure.numerator == 10
    assert fraction(values("first_pass_yield", scope, day(), SYSTEM)[0]) == Fraction(700, 735)


def test_a_cut_can_be_narrowed_to_one_part_of_another(line, scope):
    (early,) = values("throughput", scope, day(), SYSTEM, None, {Cut.shift: "early"})
    assert (early.figure.numerator, early.figure.denominator) == (300, 8 * HOUR)
    (order,) = values("throughput", scope, day(), SYSTEM, None, {Cut.order: "W2"})
    assert order.figure.numerator == 400
    (named,) = values("throughput", Scope.site(line.site.pk), day(), SYSTEM, None, {Cut.line: "L1"})
    assert named.figure.numerator == 700


def test_the_six_losses_and_the_good_pieces_fill_the_planned_time(line, scope):
    shift = Period.of_shift(shift_of(line, "late"))
    losses = [code for code in MeasureCode if code.startswith("loss_")]
    shares = [values(code, scope, shift, SYSTEM)[0].figure for code in losses]
    (oee,) = values("oee", scope, shift, SYSTEM)
    assert sum(f.numerator for f in shares) + oee.figure.numerator == oee.figure.denominator


@pytest.mark.requirement("X3")
def test_a_value_with_too_little_data_is_withheld_and_says_so(line, scope):
    act(line.rule, "edit", SYSTEM, {"silent_after": HOUR, "coverage_limit": 90})
    line.drain()
    (oee,) = values("oee", scope, day(), SYSTEM)
    assert oee.value is None
    assert "withheld" in str(oee.figure.missing)
    assert oee.figure.denominator > 0
    (empty,) = values("oee", scope, day("2026-01-01"), SYSTEM)
    assert (empty.value, str(empty.figure.missing)) == (None, "no planned busy time")


def test_an_assumed_ideal_time_marks_the_results_it_touches(line, scope):
    from plantbeat.areas.plant.records.ideal_cycle import IdealCycle
    from plantbeat.kernel.access import visible

    ideal = visible(IdealCycle, SYSTEM).get(machine=line.m1)
    act(ideal, "edit", SYSTEM, {"assumed": True})
    for code, touched in (
        ("oee", True),
        ("performance", True),
        ("availability", False),
        ("scrap_percent", False),
    ):
        assert values(code, scope, day(), SYSTEM)[0].figure.assumed is touched, code


def test_a_site_sums_its_lines_and_its_machines_without_a_line_never_machines_in_series(line):
    line.make(Machine, code="SOLO", name="Alone")
    line.say(
        line.fact("state", at(DAY, "06:00"), "SOLO", state="running"),
        line.fact("count", at(DAY, "07:00"), "SOLO", good=11),
        line.fact("state", at(DAY, "06:00"), "M2", state="running"),
    )
    line.drain()
    site = Scope.site(line.site.pk)
    (good,) = values("throughput", site, day(), SYSTEM)
    assert good.figure.numerator == 711
    by_line = {v.label: v.figure.numerator for v in values("throughput", site, day(), SYSTEM, Cut.line)}
    assert by_line == {"Line 1": 700, "Alone": 11}
    by_machine = {v.label: v.figure.numerator for v in values("throughput", site, day(), SYSTEM, Cut.machine)}
    assert by_machine == {"Filler": 0, "Packer": 700, "Alone": 11}


# --- periods ---


@pytest.mark.requirement("X8")
def test_a_production_day_holds_the_night_shift_it_owns(line, scope):
    line.say(line.fact("count", at(NEXT, "03:00"), "M2", good=50))
    line.drain()
    assert values("throughput", scope, day(), SYSTEM)[0].figure.numerator == 750
    assert values("throughput", scope, day(NEXT), SYSTEM)[0].figure.numerator == 0
    assert values("throughput", scope, Period.of_shift(shift_of(line, "night")), SYSTEM)[0].figure.n == 50


def test_weeks_and_fiscal_periods_follow_the_dated_rule_of_the_site(line):
    rules = SiteRules(line.site.pk)
    week = Period.of_week(rules, date(2026, 3, 10))
    assert (week.kind, week.first, week.last, week.label) == (
        PeriodKind.week, date(2026, 3, 9), date(2026, 3, 15), "2026 W11",
    )  # fmt: skip
    assert Period.of_fiscal(rules, date(2026, 3, 10)).first == date(2026, 2, 23)
    line.make(
        SiteRule,
        valid_from=date(2026, 3, 1),
        shift_pattern=line.pattern,
        week_starts="sunday",
        fiscal_year="months",
    )
    rules = SiteRules(line.site.pk)
    assert Period.of_week(rules, date(2026, 3, 10)).first == date(2026, 3, 8)
    fiscal = Period.of_fiscal(rules, date(2026, 3, 10))
    assert (fiscal.first, fiscal.last, fiscal.label) == (date(2026, 3, 1), date(2026, 3, 31), "2026 P03")
    with pytest.raises(ValueError, match="before it begins"):
        Period.of_days(date(2026, 3, 2), date(2026, 3, 1))


# --- failures, repairs ---


def test_mtbf_counts_breakdowns_and_says_what_it_leaves_out(line, scope):
    (mtbf,) = values("mtbf", scope, day(), SYSTEM)
    run_us = 24 * HOUR - HOUR - HOUR // 2
    assert (mtbf.figure.numerator, mtbf.figure.denominator) == (run_us, 1)
    assert mtbf.value == 22.5
    assert "1 stop without a reason" in mtbf.figure.remarks[0]
    low, high = mtbf.figure.interval
    assert low < 22.5 < high
    (none,) = values("mtbf", scope, Period.of_shift(shift_of(line, "night")), SYSTEM)
    assert none.value is None
    assert "at least 2.7 h" in str(none.figure.missing)


def test_mttr_is_the_time_from_arrival_to_the_end_of_the_call(line, scope):
    def call(name, raised, arrived, resolved, category="maintenance"):
        facts = [line.fact("andon_raise", at(DAY, raised), "M1", call=name, category=category)]
        if arrived:
            facts.append(line.fact("andon_arrive", at(DAY, arrived), "M1", call=name))
        if resolved:
            facts.append(line.fact("andon_resolve", at(DAY, resolved), "M1", call=name))
        return facts

    line.say(
        *call("A", "08:01", "08:16", "08:46"), *call("B", "15:00", None, "16:00"),
        *call("C", "17:00", "17:05", None), *call("D", "18:00", "18:01", "18:10", "quality"),
    )  # fmt: skip
    line.drain()
    (mttr,) = values("mttr", scope, day(), SYSTEM)
    assert (mttr.figure.numerator, mttr.figure.denominator, mttr.value) == (90 * MIN, 2, 0.75)
    by_shift = {v.key: v.figure.denominator for v in values("mttr", scope, day(), SYSTEM, Cut.shift)}
    assert by_shift == {"early": 1, "late": 1}
    assert str(values("mttr", scope, day(NEXT), SYSTEM)[0].figure.missing) == "no repair was finished"


# --- labour ---


def test_labour_is_counted_where_it_ends_and_a_sign_off_without_a_sign_on_is_told(line, scope):
    def signed(kind, when, person, day=DAY, **more):
        return line.fact(f"operator_{kind}", at(day, when), "M1", person=person, **more)

    line.say(
        signed("on", "06:00", "P1"), signed("on", "06:30", "P1"), signed("off", "08:00", "P1", order="O1"),
        signed("on", "23:00", "P2"), signed("off", "05:00", "P2", NEXT),
        signed("off", "09:00", "P3"), signed("on", "10:00", "P4"),
        signed("off", "11:00", "P5", from_us=at(DAY, "10:30"), rework=True, order="O1"),
    )  # fmt: skip
    line.drain()
    (labour,) = values("labour_per_operation", scope, day(), SYSTEM)
    assert (labour.figure.numerator, labour.figure.denominator, labour.value) == (510 * MIN, 3, 510 / 180)
    assert labour.figure.remarks == ("1 sign-off without a sign-on is not counted",)
    (again,) = values("rework_labour_percent", scope, day(), SYSTEM)
    assert (again.figure.numerator, again.figure.denominator, again.value) == (30 * MIN, 510 * MIN, 100 / 17)
    by_order = {
        v.key: v.figure.numerator for v in values("labour_per_operation", scope, day(), SYSTEM, "order")
    }
    assert by_order == {"O1": 150 * MIN, None: 6 * HOUR}
    night = Period.of_shift(shift_of(line, "night"))
    assert values("labour_per_operation", scope, night, SYSTEM)[0].figure.numerator == 6 * HOUR
    facts = drill("labour_per_operation", scope, day(), SYSTEM).facts
    kinds = [
        (fact.kind, fact.t_us) for fact in sorted(Fact.objects.filter(lsn__in=facts), key=lambda f: f.t_us)
    ]
    assert kinds == [
        ("operator_on", at(DAY, "06:00")), ("operator_off", at(DAY, "08:00")),
        ("operator_off", at(DAY, "11:00")), ("operator_on", at(DAY, "23:00")),
        ("operator_off", at(NEXT, "05:00")),
    ]  # fmt: skip


def test_the_lead_time_of_an_order_ends_where_it_last_left_complete(line, scope):
    def told(kind, when, order, day=DAY, **more):
        return line.fact(f"order_{kind}", at(day, when), "M1", order=order, **more)

    line.say(
        told("start", "07:00", "LT1"), told("end", "09:00", "LT1", complete=False),
        told("start", "10:00", "LT1"), told("end", "11:00", "LT1"),
        told("end", "12:00", "LT2"), told("start", "12:30", "LT3"),
        told("start", "13:00", "LT4"), told("end", "13:30", "LT4"),
        told("start", "01:00", "LT4", NEXT), told("end", "02:00", "LT4", NEXT),
    )  # fmt: skip
    line.drain()
    found = {v.key: v.figure for v in values("order_lead_time", scope, day(), SYSTEM, "order")}
    assert (found["LT1"].numerator, found["LT1"].denominator) == (4 * HOUR, 1)
    assert found["LT2"].remarks == ("1 order without a start is not counted",)
    # The night shift belongs to the day in which it began.
    assert found["LT4"].numerator == 13 * HOUR
    assert "LT3" not in found


# --- attendance, incidents ---


def test_attendance_counts_the_last_sheet_of_a_shift_and_names_those_not_taken(line, scope):
    line.say(
        line.fact("attendance", at(DAY, "06:10"), "L1", rostered=20, present=10, leave=2),
        line.fact("attendance", at(DAY, "06:20"), "L1", rostered=20, present=17, leave=2),
        line.fact("attendance", at(DAY, "14:10"), "L1", rostered=19, present=25),
    )
    line.drain()
    (attendance,) = values("attendance", scope, day(), SYSTEM)
    assert (attendance.figure.numerator, attendance.figure.denominator) == (17 + 19, 18 + 19)
    assert attendance.figure.remarks == ("1 not taken",)
    by_shift = {v.key: v for v in values("attendance", scope, day(), SYSTEM, Cut.shift)}
    assert str(by_shift["night"].figure.missing) == "not taken"
    assert by_shift["early"].figure.numerator == 17
    (corrected,) = values("attendance", scope, day(NEXT), SYSTEM)
    assert (corrected.value, str(corrected.figure.missing)) == (None, "not taken")


def test_days_since_the_last_recordable_follow_the_class_a_case_has_now(line):
    site = Scope.site(line.site.pk)
    assert values("days_since_last_recordable", site, day(NEXT), SYSTEM)[0].figure.remarks
    (before,) = values("days_since_last_recordable", site, day("2026-01-05"), SYSTEM)
    assert (before.value, str(before.figure.missing)) == (None, "nothing was counted yet")
    line.say(
        line.fact("incident", at(DAY, "10:00"), "B", case="C1", severity="first_aid"),
        line.fact("incident", at(DAY, "11:00"), "M1", case="C2", severity="recordable"),
    )
    line.drain()
    (value,) = values("days_since_last_recordable", site, day(NEXT), SYSTEM)
    assert (value.value, value.unit, value.figure.n) == (1.0, "days", 1)
    line.say(line.fact("incident", at(NEXT, "09:00"), "M1", case="C2", severity="first_aid"))
    line.drain()
    assert values("days_since_last_recordable", site, day(NEXT), SYSTEM)[0].figure.n == 0
    line.say(line.fact("incident", at("2026-03-12", "09:00"), "B", case="C1", severity="days_away"))
    line.drain()
    assert values("days_since_last_recordable", site, day("2026-03-12"), SYSTEM)[0].value == 2.0


# --- the frozen plan ---


@pytest.mark.requirement("R019")
def test_adherence_is_judged_by_the_frozen_plan_that_later_versions_never_move(line, scope):
    early = shift_of(line, "early")
    runs = [
        PlannedRun("W1", "P", 250, at(DAY, "13:45")), PlannedRun("W0", "P", 100, at(DAY, "14:00")),
    ]  # fmt: skip
    planner = Actor(pseudonym="p-pl", grants=((Role.planner, line.site.pk),))
    freeze_plan(line.asset("L1"), early, runs, "S-1", planner)
    assert len(freeze_plan(line.asset("L1"), early, runs, "S-1", planner)) == 2
    with pytest.raises(Refused, match="frozen already, from version S-1"):
        freeze_plan(line.asset("L1"), early, runs[:1], "S-2", planner)
    with pytest.raises(Refused, match="role"):
        freeze_plan(line.asset("L1"), early, runs, "S-1", Actor("p-o", ((Role.operator, line.site.pk),)))
    shift = Period.of_shift(early)
    quantity, time, sequence = (
        values(f"schedule_adherence_{how}", scope, shift, SYSTEM)[0].figure
        for how in ("quantity", "time", "sequence")
    )
    assert (quantity.numerator, quantity.denominator, quantity.n) == (250, 350, 2)
    assert (time.numerator, time.denominator, time.remarks) == (1, 2, ("within ± 30 min",))
    assert (sequence.numerator, sequence.denominator) == (1, 1)
    by_order = {
        v.key: v.figure.numerator
        for v in values("schedule_adherence_quantity", scope, day(), SYSTEM, Cut.order)
    }
    assert by_order == {"W1": 250, "W0": 0}
    (none,) = values("schedule_adherence_quantity", scope, day(NEXT), SYSTEM)
    assert str(none.figure.missing) == "no plan was frozen"


def test_takt_attainment_sets_the_beat_of_the_plan_against_what_was_made(line, scope):
    early = shift_of(line, "early")
    freeze_plan(line.asset("L1"), early, [PlannedRun("W1", "P", 400, at(DAY, "14:00"))], "S-1", SYSTEM)
    (takt,) = values("takt_attainment", scope, Period.of_shift(early), SYSTEM)
    assert takt.value == 75.0


# --- opening a value ---


@pytest.mark.requirement("X2", "R149", "R082")
def test_a_value_opens_to_its_cells_and_the_facts_behind_them(line, scope):
    opened = drill("unplanned_downtime_percent", scope, day(), SYSTEM, {Cut.reason: "JAM"})
    assert {(cell.reason, cell.state) for cell in opened.cells} == {("JAM", "own_stop")}
    facts = [Fact.objects.get(lsn=lsn) for lsn in opened.facts]
    assert [fact.kind for fact in facts] == ["state", "reason"]
    assert facts[0].t_us == at(DAY, "08:00")
    pieces = drill("scrap_percent", scope, day(), SYSTEM)
    (value,) = values("scrap_percent", scope, day(), SYSTEM)
    assert sum(cell.scrap for cell in pieces.cells) == value.figure.numerator
    kinds = sorted(Fact.objects.get(lsn=lsn).kind for lsn in pieces.facts)
    assert kinds == ["count", "count", "scrap"]
    assert not pieces.more


def test_the_facts_behind_a_value_come_in_pages(line, scope):
    line.say(*(line.fact("count", at(DAY, f"10:{m:02d}"), "M2", good=1) for m in range(40)))
    line.drain()
    pages = [drill("throughput", scope, day(), SYSTEM, page=page, size=15) for page in (1, 2, 3, 4)]
    assert [(len(page.facts), page.more) for page in pages] == [
        (15, True),
        (15, True),
        (13, False),
        (0, False),
    ]
    together = [lsn for page in pages for lsn in page.facts]
    times = [Fact.objects.get(lsn=lsn).t_us for lsn in together]
    assert times == sorted(times)
    assert len(set(together)) == 43


def test_a_value_over_single_facts_opens_to_exactly_those(line, scope):
    (lsn,) = line.say(line.fact("attendance", at(DAY, "06:10"), "L1", rostered=20, present=10))
    line.drain()
    opened = drill("attendance", scope, day(), SYSTEM)
    assert (list(opened.cells), opened.facts) == ([], [lsn])


@pytest.mark.requirement("R040")
def test_a_crew_has_figures_of_its_own_only_if_it_has_five_people(line, scope):
    line.say(line.fact("state", at(DAY), state="running"))
    line.drain()
    when = day()
    crews = {}
    for letter, heads in (("A", 6), ("B", 5), ("C", 2)):
        data = {"code": letter, "pattern": line.pattern, "letter": letter}
        crews[letter] = line.make(Crew, **data)
        for number in range(heads):
            person = {"number": f"{letter}{number}", "name": "x", "crew": crews[letter]}
            line.make(Person, **person, home_line=line.line)

    def shown(at_scope=scope):
        parts = values("availability", at_scope, when, SYSTEM, Cut.crew)
        return {part.key: part.figure.denominator for part in parts if part.key is not None}

    # Two people of C would be told by what A and B leave of the whole, so B is withheld with them.
    assert shown() == {"A": 8 * HOUR, "B": 0, "C": 0}
    withheld = values("availability", scope, when, SYSTEM, Cut.crew)[1].figure
    assert withheld.value is None
    assert "fewer than 5 people" in str(withheld.missing)
    with pytest.raises(Refused, match="fewer than 5 people"):
        values("availability", scope, when, SYSTEM, None, {Cut.crew: "C"})
    (alone,) = values("availability", scope, when, SYSTEM, None, {Cut.crew: "A"})
    assert alone.figure.denominator == 8 * HOUR
    assert drill("availability", scope, when, SYSTEM, {Cut.crew: "A"}).facts
    for number in range(3):
        line.make(Person, number=f"D{number}", name="x", crew=crews["C"])
    assert shown() == {"A": 8 * HOUR, "B": 0, "C": 0}  # they are at home elsewhere
    assert shown(Scope.site(line.site.pk)) == {"A": 8 * HOUR, "B": 8 * HOUR, "C": 8 * HOUR}


def test_many_who_ask_first_at_once_all_see_the_whole_catalogue(monkeypatch):
    monkeypatch.setattr(catalogue, "_known", {})
    begin = Barrier(8)

    def asked(_number: int) -> list[str]:
        begin.wait()
        return [measure.code for measure in measures()]

    with ThreadPoolExecutor(8) as threads:
        (first, *others) = threads.map(asked, range(8))
    assert MeasureCode.oee in first
    assert others == [first] * 7
