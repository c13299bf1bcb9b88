"""Leader standard work: each occurrence once, marked by oneself, kept by roles of at least five people."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from board_of_a_line import TUESDAY, at

from people_of_the_plant import SYSTEM
from plantbeat.areas.daily.records.routine import Routine, RoutineMark
from plantbeat.areas.daily.routines import occurring
from plantbeat.areas.daily.routines.occurring import make_due, occurrences
from plantbeat.areas.daily.routines.questions import adherence
from plantbeat.areas.daily.routines.ticking import tick
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role, visible
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.shell.demo.routine_history import make_routines, tell_routines

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R148")]


@pytest.fixture(autouse=True)
def no_failures_from_before():
    yield
    occurring.ROUTINES.forget()


def routine(boards, code="TIER1", **more):
    data = {"code": code, "name": "Lead the meeting", "role": Role.line_lead, "valid_from": TUESDAY}
    return boards.make(Routine, **data | more)


def days(boards, first, last):
    return [(row["person"].number, row["day"]) for row in occurrences(boards.site, first, last)]


def test_an_occurrence_is_made_once_however_often_and_late_the_worker_looks(boards):
    routine(boards)
    assert make_due(boards.site) == 1
    assert make_due(boards.site) == 0
    with clock.at(at(TUESDAY + timedelta(days=2))):
        assert make_due(boards.site) == 2
    assert RoutineMark._base_manager.count() == 3


def test_a_routine_that_cannot_be_made_keeps_no_other_waiting(boards, monkeypatch, caplog):
    routine(boards, "ONE")
    routine(boards, "TWO")
    days_of = occurring._Calendar._days

    def failing(calendar, one, days):
        if one.code == "ONE":
            raise ValueError("no such working day")
        return days_of(calendar, one, days)

    monkeypatch.setattr(occurring._Calendar, "_days", failing)
    assert make_due(boards.site) == 1
    assert RoutineMark._base_manager.get().routine.code == "TWO"
    assert "again in 30 s" in caplog.messages[0]
    monkeypatch.undo()
    with clock.at(at() + 60_000_000):
        assert make_due(boards.site) == 1


def test_routines_come_round_on_working_days_not_on_holidays_and_follow_the_crew(boards):
    routine(boards)
    boards.make(Holiday, day=TUESDAY + timedelta(days=1), name="Day off")
    week = days(boards, TUESDAY, TUESDAY + timedelta(days=6))
    assert [day.weekday() for _person, day in week] == [1, 3, 4, 0]
    night = boards.make(Crew, code="B", letter="B", pattern=boards.pattern)
    act(boards.lead, "edit", SYSTEM, {"crew": night})
    assert days(boards, TUESDAY, TUESDAY + timedelta(days=6)) == []


@pytest.mark.parametrize(("hour", "done"), [(7, "day"), (14, "day"), (16, "extra")])
def test_what_is_done_every_shift_is_done_for_the_shift_it_was_done_in(boards, hour, done):
    crew = boards.make(Crew, code="A", letter="A", pattern=boards.pattern)
    act(boards.lead, "edit", SYSTEM, {"crew": crew})
    extra = FactShift.objects.get(owner_day=TUESDAY, pattern=boards.pattern.code)
    extra.pk, extra.shift, extra.start_us, extra.end_us = None, "extra", at(hour=15), at(hour=18)
    extra.save(force_insert=True)
    routine(boards, "WALK", cadence="shift", page="/gemba/")
    routine(boards, "DAY", page="/gemba/")
    assert make_due(boards.site) == 3
    tick("/gemba/", boards.lead, TUESDAY, at(hour=hour))
    marked = RoutineMark._base_manager.filter(state="done").order_by("occurrence")
    assert [(one.occurrence, one.marked_us) for one in marked] == [
        (f"{TUESDAY}", at(hour=hour)), (f"{TUESDAY} {done}", at(hour=hour))
    ]  # fmt: skip


def test_weekly_and_monthly_come_round_on_their_working_day(boards):
    routine(boards, "WEEK", cadence="weekly", on_working_day=3)
    assert [day for _p, day in days(boards, date(2026, 11, 30), date(2026, 12, 13))] == [
        date(2026, 12, 2), date(2026, 12, 9)
    ]  # fmt: skip
    act(Routine._base_manager.get(), "edit", SYSTEM, {"cadence": "monthly", "on_working_day": 1})
    assert [day for _p, day in days(boards, date(2026, 11, 24), date(2026, 12, 31))] == [date(2026, 12, 1)]


def test_only_oneself_sees_and_marks_and_not_done_says_why(boards, browse):
    routine(boards)
    make_due(boards.site)
    mark = RoutineMark._base_manager.get()
    lead, manager = boards.by(boards.lead_user), boards.by(boards.manager_user)
    assert visible(RoutineMark, lead).count() == 1
    assert visible(RoutineMark, manager).count() == 0
    assert browse(boards.manager_user).get(f"/r/daily/routine-marks/{mark.pk}/").status_code == 404
    with pytest.raises(Refused, match="your role does not allow"):
        act(mark, "do", manager)
    with pytest.raises(Refused, match="say why it was not done"):
        act(mark, "leave", lead, {"reason": ""})
    mine = browse(boards.lead_user)
    assert "Lead the meeting" in mine.get("/routines/").content.decode()
    mine.post(f"/routines/{mark.pk}/do/")
    mark.refresh_from_db()
    assert (mark.state, mark.marked_us) == ("done", at())
    mine.post(f"/routines/{mark.pk}/undo/")
    mine.post(f"/routines/{mark.pk}/leave/", {"said": "Absent"})
    mark.refresh_from_db()
    assert (mark.state, mark.reason) == ("not_done", "Absent")
    assert browse(boards.manager_user).post(f"/routines/{mark.pk}/undo/").status_code == 404


def test_adherence_sums_done_over_due_and_speaks_of_no_fewer_than_five_people(boards):
    routine(boards)
    people = [boards.lead]
    for number in range(11, 15):
        people.append(boards.make(Person, number=str(number), name=f"Lead {number}", duty=Role.line_lead))
    make_due(boards.site)
    marks = {row.person_id: row for row in RoutineMark._base_manager.all()}
    act(marks[people[0].pk], "do", SYSTEM)
    act(marks[people[1].pk], "leave", SYSTEM, {"reason": "Absent"})
    manager = boards.by(boards.manager_user)
    site, day = Scope.site(boards.site.pk), Period.of_day(TUESDAY)
    [today] = values("routine_adherence", site, day, manager)
    assert (today.figure.numerator, today.figure.denominator, today.value) == (1, 2, 50.0)
    with clock.at(at(TUESDAY + timedelta(days=1))):
        [later] = values("routine_adherence", site, day, manager)
        [by_day] = values("routine_adherence", site, day, manager, Cut.day)
        [row] = adherence(boards.site, TUESDAY, TUESDAY, TUESDAY + timedelta(days=1), manager)
    assert (later.figure.numerator, later.figure.denominator) == (1, 5)
    assert (by_day.figure.numerator, by_day.figure.denominator) == (1, 5)
    assert (row.people, row.ratio.numerator, row.ratio.denominator) == (5, 1, 5)
    RoutineMark._base_manager.filter(person=people[4]).delete()
    [withheld] = values("routine_adherence", site, day, manager)
    assert (withheld.value, withheld.figure.numerator) == (None, 0)
    assert "withheld" in withheld.figure.missing
    assert adherence(boards.site, TUESDAY, TUESDAY, TUESDAY, manager)[0].ratio is None


def test_the_demo_plant_has_kept_routines_although_its_worker_was_there_first(boards):
    make_routines(boards.site)
    today = TUESDAY + timedelta(days=14)
    told = RoutineMark._base_manager.filter(site=boards.site)
    with clock.at(at(today)):
        assert make_due(boards.site) > 0
        tell_routines(boards.site, clock.now_us(), "a seed", 90)
        assert told.filter(state="done", day__lt=today - timedelta(days=7)).exists()
        assert told.filter(state="done", day__gte=today - timedelta(days=3), day__lt=today).exists()
        before = told.count()
        tell_routines(boards.site, clock.now_us(), "a seed", 90)
        assert (told.count(), make_due(boards.site)) == (before, 0)


def test_the_pages_of_the_demo_plants_routines_are_there(boards, browse):
    make_routines(boards.site)
    client = browse(boards.manager_user)
    pages = set(Routine._base_manager.exclude(page="").values_list("page", flat=True))
    assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
