"""Attendance by exception: not taken until somebody says so, then numbers for all and names for few."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from line_of_machines import SYSTEM, LineOfMachines, at

from plantbeat.areas.people.attendance.actions import Exceptional, lend, take_attendance
from plantbeat.areas.people.attendance.questions import attendance_of, roster_line
from plantbeat.areas.people.records.attendance_mark import AttendanceMark
from plantbeat.areas.people.records.attendance_sheet import AttendanceSheet
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.people.records.staffing_need import StaffingNeed
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.models import Fact, FactShift
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, hidden_fields
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Kind, Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R026")]

DAY = "2026-03-10"


class Crewed(LineOfMachines):
    """The line of machines with five people of crew A at home on L1, two on L2."""

    def __init__(self) -> None:
        super().__init__()
        self.l2 = self.make(Line, code="L2", name="Line 2")
        self.crew = self.make(Crew, code="A", pattern=self.pattern, letter=self.early.crew)
        self.people = [
            self.make(Person, number=str(100 + n), name=f"Worker {n}", crew=self.crew, home_line=home)
            for n, home in enumerate([self.line] * 5 + [self.l2] * 2)
        ]
        self.lead = Actor("p-lead", ((Role.line_lead, self.site.pk),), user_id=1)
        self.supervisor = Actor("p-sup", ((Role.supervisor, self.site.pk),), user_id=2)

    @property
    def early(self) -> FactShift:
        return FactShift.objects.get(site=self.site, shift="early", owner_day=date.fromisoformat(DAY))

    def row(self, code: str = "L1", by: Actor = SYSTEM):
        return next(one for one in attendance_of(self.site, self.early.pk, by) if one.line == code)


@pytest.fixture
def plant_():
    with clock.at(at(DAY, "06:10")):
        yield Crewed()


def test_before_anybody_said_so_attendance_is_not_taken(plant_):
    row = plant_.row()
    assert (row.rostered, row.present, row.absent, row.taken, row.short) == (5, None, None, False, None)
    assert (row.expected_percent, row.expected_n, row.needed) == (None, 0, None)


def test_only_the_exceptions_are_tapped_and_all_others_are_present(plant_):
    absent, late, leave = plant_.people[0], plant_.people[1], plant_.people[2]
    marks = [
        Exceptional(absent.pk, "absent"), Exceptional(late.pk, "late", 12), Exceptional(leave.pk, "leave"),
    ]  # fmt: skip
    take_attendance(plant_.site, plant_.early.pk, "L1", marks, plant_.lead, version=0)
    plant_.make(StaffingNeed, line=plant_.line, people=5)
    row = plant_.row()
    assert (row.rostered, row.leave, row.present, row.absent, row.late) == (5, 1, 3, 1, 1)
    assert (row.needed, row.short, row.taken_us) == (5, 2, at(DAY, "06:10"))
    assert not plant_.row("L2").taken
    (fact,) = Fact.objects.filter(kind="attendance")
    assert fact.body == '{"rostered":5,"present":3,"leave":1,"shift":"early","crew":"' + row.crew + '"}'
    assert "Worker" not in fact.body
    (figure,) = values("attendance", Scope.line(plant_.site.pk, "L1"), Period.of_shift(plant_.early), SYSTEM)
    assert (figure.figure.numerator, figure.figure.denominator) == (3, 4)


def test_taken_again_it_is_corrected_and_the_last_time_holds(plant_):
    first, second = plant_.people[:2]
    sheet = take_attendance(
        plant_.site, plant_.early.pk, "L1", [Exceptional(first.pk, "absent")], plant_.lead, version=0
    )
    with clock.at(at(DAY, "06:40")):
        take_attendance(
            plant_.site, plant_.early.pk, "L1", [Exceptional(second.pk, "late", 30)], plant_.lead,
            version=sheet.version,
        )  # fmt: skip
        assert (plant_.row().present, plant_.row().late, plant_.row().absent) == (5, 1, 0)
        (figure,) = values(
            "attendance", Scope.line(plant_.site.pk, "L1"), Period.of_shift(plant_.early), SYSTEM
        )
    assert (figure.figure.numerator, figure.figure.denominator) == (5, 5)
    assert [mark.person for mark in AttendanceMark.objects.all()] == [second]
    assert AttendanceSheet.objects.count() == 1


def test_two_leads_at_once_do_not_overwrite_each_other(plant_):
    take_attendance(plant_.site, plant_.early.pk, "L1", [], plant_.lead, version=0)
    with pytest.raises(Refused) as refused:
        take_attendance(
            plant_.site, plant_.early.pk, "L1", [Exceptional(plant_.people[0].pk, "absent")],
            plant_.supervisor, version=0,
        )  # fmt: skip
    assert refused.value.kind is Kind.conflict
    assert plant_.row().absent == 0


@pytest.mark.requirement("R026")
def test_names_are_for_those_who_take_attendance_and_reasons_for_leaders(plant_):
    take_attendance(
        plant_.site, plant_.early.pk, "L1", [Exceptional(plant_.people[0].pk, "absent")], plant_.lead
    )
    mark = AttendanceMark.objects.get()
    act(mark, "edit", plant_.supervisor, {"reason": "sick"})
    operator = Actor("p-op", ((Role.operator, plant_.site.pk),), user_id=3)
    tablet = Actor("device-1", ((Role.line_lead, plant_.site.pk),), device_id=1)
    assert plant_.row(by=operator).names is None
    assert plant_.row(by=tablet).names is None
    assert plant_.row(by=operator).absent == 1
    assert [(one.name, one.reason) for one in plant_.row(by=plant_.lead).names] == [("Worker 0", "")]
    assert [(one.name, one.reason) for one in plant_.row(by=plant_.supervisor).names] == [
        ("Worker 0", "Sick")
    ]
    assert hidden_fields(AttendanceMark, plant_.lead, plant_.site.pk) == {"reason"}
    with pytest.raises(Refused):
        take_attendance(plant_.site, plant_.early.pk, "L1", [], operator)
    # Who may not read a reason does not wipe it out by correcting the sheet.
    take_attendance(
        plant_.site, plant_.early.pk, "L1", [Exceptional(plant_.people[0].pk, "absent")], plant_.lead
    )
    assert AttendanceMark.objects.get().reason == "sick"


def test_somebody_who_is_not_on_the_roster_is_refused_and_nothing_changes(plant_):
    stranger = plant_.people[6]
    with pytest.raises(Refused, match="not on the roster"):
        take_attendance(plant_.site, plant_.early.pk, "L1", [Exceptional(stranger.pk, "absent")], plant_.lead)
    assert not Fact.objects.filter(kind="attendance").exists()


def test_a_shift_far_ahead_is_not_taken_yet(plant_):
    late = FactShift.objects.get(site=plant_.site, shift="late", owner_day=date.fromisoformat(DAY))
    with pytest.raises(Refused, match="two hours before"):
        take_attendance(plant_.site, late.pk, "L1", [], plant_.lead)


def test_before_the_shift_begins_the_fact_stands_at_its_begin(plant_):
    with clock.at(at(DAY, "05:45")):
        take_attendance(plant_.site, plant_.early.pk, "L1", [], plant_.lead)
    assert Fact.objects.get(kind="attendance").t_us == at(DAY, "06:00")


@pytest.mark.requirement("R011")
def test_a_loan_moves_somebody_for_one_shift(plant_):
    mover = plant_.people[4]
    lend(plant_.site, plant_.early.pk, mover.pk, "L2", plant_.supervisor)
    assert (plant_.row().rostered, plant_.row("L2").rostered) == (4, 3)
    assert (plant_.row().lent_away, plant_.row("L2").lent_in) == (1, 1)
    assert mover.pk in roster_line(plant_.site, plant_.early.pk, "L2", plant_.lead).lent_in
    lend(plant_.site, plant_.early.pk, mover.pk, "L1", plant_.supervisor)
    assert (plant_.row().rostered, plant_.row("L2").rostered) == (5, 2)


def test_the_expected_rate_comes_from_the_lines_own_sheets(plant_):
    days = [f"2026-02-{n:02d}" for n in range(16, 28)]
    plant_.say(*(plant_.fact("attendance", at(day, "06:12"), "L1", rostered=5, present=4) for day in days))
    plant_.drain()
    row = plant_.row()
    assert (row.expected_percent, row.expected_n, row.expected) == (80.0, 12, 4.0)
    assert plant_.row("L2").expected_percent is None


def test_a_connected_time_clock_that_counts_later_is_believed(plant_):
    take_attendance(plant_.site, plant_.early.pk, "L1", [], plant_.lead)
    told = plant_.fact("attendance", at(DAY, "06:20"), "L1", rostered=5, present=4)
    with clock.at(at(DAY, "06:25")):
        plant_.say(told)
        plant_.drain()
        assert (plant_.row().present, plant_.row().taken_us) == (4, at(DAY, "06:20"))


def test_the_need_of_a_named_shift_goes_before_that_of_every_shift(plant_):
    plant_.make(StaffingNeed, line=plant_.line, people=4)
    assert plant_.row().needed == 4
    plant_.make(StaffingNeed, line=plant_.line, shift="early", people=6)
    assert (plant_.row().needed, plant_.row().short_by_roster) == (6, 1)


def test_the_question_costs_the_same_for_any_number_of_lines(plant_):
    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            attendance_of(plant_.site, plant_.early.pk, plant_.supervisor)
        return len(caught)

    before = cost()
    for number in range(3, 8):
        plant_.make(Line, code=f"L{number}", name=f"Line {number}")
    assert cost() == before


@pytest.mark.requirement("R026", "R156")
def test_a_tap_made_offline_counts_at_its_own_time_and_never_over_a_later_count(plant_):
    from plantbeat.facts.taps.registry import KINDS, TapIn

    kind, absent = KINDS["attendance"], plant_.people[0].pk

    def tapped(at_us, **data):
        kind.do(TapIn("attendance", at_us, {"line": "L1", **data}, "s", 1), plant_.site, plant_.lead)

    with clock.at(at(DAY, "07:30")):
        tapped(at(DAY, "06:12"), absent=[absent])
        row = plant_.row()
        assert (row.present, row.absent, row.taken_us) == (4, 1, at(DAY, "06:12"))
        assert Fact.objects.get(kind="attendance").t_us == at(DAY, "06:12")
        tapped(at(DAY, "06:40"))
        assert plant_.row().present == 5
        with pytest.raises(Refused, match="taken again after this"):
            tapped(at(DAY, "06:20"), absent=[absent])
        with pytest.raises(Refused, match="no list of people"):
            tapped(at(DAY, "07:00"), absent="everybody")
        assert plant_.row().present == 5


@pytest.mark.requirement("R026", "R156")
def test_a_tapped_sheet_names_its_shift_its_version_and_the_minutes(plant_):
    from plantbeat.facts.taps.registry import KINDS, TapIn

    kind, late = KINDS["attendance"], plant_.people[1].pk

    def tapped(at_us, **data):
        kind.do(TapIn("attendance", at_us, {"line": "L1", **data}, "s", 1), plant_.site, plant_.lead)

    with clock.at(at(DAY, "07:30")):
        sheet = {"shift": plant_.row().shift_id, "version": 0}
        tapped(at(DAY, "06:12"), late=[late], late_min={str(late): 15}, **sheet)
        assert plant_.row().names[0].mark == "late"
        with pytest.raises(Refused, match="in between"):
            tapped(at(DAY, "06:30"), **sheet)
        for wrong in ({str(late): 0}, {"x": 5}, [5]):
            with pytest.raises(Refused, match="no number of minutes"):
                tapped(at(DAY, "06:40"), late=[late], late_min=wrong)
        tapped(at(DAY, "06:40"))
        assert plant_.row().present == 5
