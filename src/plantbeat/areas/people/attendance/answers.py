"""What the questions of attendance answer with: plain values, instants in µs UTC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from plantbeat.areas.people.records.attendance_mark import AttendanceMark
from plantbeat.areas.people.records.attendance_sheet import AttendanceSheet
from plantbeat.areas.people.records.person import Person


@dataclass(frozen=True, slots=True)
class NotHere:
    """Somebody marked absent, late or on leave; `reason` is empty where the asker may not read it."""

    person_id: int
    name: str
    mark: str
    late_min: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class CrewAttendance:
    """Attendance of the crew of one line in one shift, in people.

    rostered  at home on the line, lent to it in, lent away out; once taken, as it was counted then
    present   None until attendance is taken: "not taken" is a state of its own, never "all here"
    absent    rostered less leave less present; None until taken
    late      those of the present who came late; None where only numbers of a fact are known
    names     who is absent, late or on leave; None where the asker may not read names (a wall, a device
              without operator, a role that does not take attendance)
    expected_percent  present / rostered less leave over the line's last sheets, `expected_n` of them; None
              below `LEAST_SHEETS`
    needed    people the line needs; None where nobody has said
    """

    line: str
    line_name: str
    line_id: int
    area: str
    shift_id: int
    shift: str
    crew: str
    day: date
    start_us: int
    end_us: int
    rostered: int
    leave: int
    present: int | None
    late: int | None
    taken_us: int | None
    names: tuple[NotHere, ...] | None
    expected_percent: float | None
    expected_n: int
    needed: int | None
    lent_in: int = 0
    lent_away: int = 0

    @property
    def taken(self) -> bool:
        """True once somebody has said who is there."""
        return self.present is not None

    @property
    def absent(self) -> int | None:
        """People rostered who did not come, approved leave out."""
        return None if self.present is None else max(0, self.rostered - self.leave - self.present)

    @property
    def expected(self) -> float | None:
        """People to reckon with before attendance is taken, by the line's own rate."""
        return None if self.expected_percent is None else self.rostered * self.expected_percent / 100

    @property
    def short(self) -> int | None:
        """People missing against the need, by what was counted; None while not taken or without a need."""
        if self.needed is None or self.present is None:
            return None
        return max(0, self.needed - self.present)

    @property
    def short_by_roster(self) -> int | None:
        """People missing even if everybody rostered came; None without a need."""
        return None if self.needed is None else max(0, self.needed - self.rostered)


@dataclass(frozen=True, slots=True)
class RosterLine:
    """The crew of a line in a shift, person by person, for whoever takes attendance."""

    people: list[Person]
    lent_away: dict[int, str]
    lent_in: frozenset[int]
    marks: dict[int, AttendanceMark]
    sheet: AttendanceSheet | None
