"""Who answers now: the crews that work by the shift calendar, then the on-call list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.db.models import Q

from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.questions import assets
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.readings import shifts_between
from plantbeat.facts.views.scopes import allowed_at
from plantbeat.facts.views.shifts import worked_by
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site, User

READER = Actor.system("duty")
CREW, ON_CALL = "crew", "on call"
AT_LINE, IN_AREA, ELSEWHERE = range(3)


@dataclass(frozen=True, slots=True)
class OnDuty:
    """Somebody who answers in a role: because their crew works, or because they are on call.

    `until_us` is the end of the shift or of the on-call duty. `near` says how close they are to the line or
    area asked for: 0 at home on the line, 1 in its area (or for the whole site), 2 elsewhere.
    """

    person_id: int
    name: str
    pseudonym: str
    user_id: int | None
    role: str
    how: str
    until_us: int | None
    near: int = ELSEWHERE
    area: str = ""
    line: str = ""


class Duty:
    """The people of a site as duty needs them: names, no private field. Each kind of row is read once."""

    def __init__(self, site: Site, by: Actor) -> None:
        allowed_at(site.pk, by)
        self.site = site
        self._lists: dict[int, list[OnCall]] = {}

    @cached_property
    def _people(self) -> list[Person]:
        rows = visible(Person, READER).filter(site=self.site)
        rows = rows.filter(Q(left=None) | Q(left__gte=clock.now().date()))
        rows = rows.select_related("crew__pattern", "home_line__area", "user")
        return list(rows.order_by("name", "number"))

    @cached_property
    def _roles(self) -> dict[int, set[str]]:
        """Roles that users hold at the site, by user."""
        granted: dict[int, set[str]] = defaultdict(set)
        rows = visible(User, READER).filter(Q(grants__site=self.site) | Q(grants__site=None), is_active=True)
        for user, role in rows.values_list("pk", "grants__role"):
            granted[user].add(role)
        return granted

    @cached_property
    def _line_assets(self) -> dict[str, int]:
        rows = assets(READER).filter(site=self.site, level="line")
        return dict(rows.values_list("code", "pk"))

    @cached_property
    def _lines(self) -> dict[str, tuple[str, str]]:
        """Area and shift pattern of each line, empty where it has none of its own."""
        lines = visible(Line, READER).filter(site=self.site)
        rows = lines.values_list("code", "area__code", "shift_pattern__code")
        return {code: (area or "", pattern or "") for code, area, pattern in rows}

    def answering(
        self,
        role: str,
        at_us: int,
        *,
        area: str = "",
        line: str = "",
        shifts: Sequence[FactShift] | None = None,
    ) -> list[OnDuty]:
        """Who is on duty in a role at an instant, the nearest to the line or area first."""
        worked = shifts_between(self.site.pk, at_us, at_us + 1) if shifts is None else shifts
        area = area or self._lines.get(line, ("", ""))[0]
        found: dict[int, OnDuty] = {}
        for person in self._people:
            if role in self.roles_of(person) and (shift := self._shift_of(person, worked)) is not None:
                found[person.pk] = self._of_crew(person, role, shift, area, line)
        for duty in self._on_call(role, at_us, area):
            found.setdefault(duty.person_id, _of_list(duty, area))
        return sorted(found.values(), key=lambda one: (one.near, one.how != CREW, one.name, one.person_id))

    def roles_of(self, person: Person) -> set[str]:
        """Roles somebody answers in: the one of the record, else those they sign in with."""
        if person.duty:
            return {person.duty}
        return self._roles.get(person.user_id, set()) if person.user_id else set()

    def _shift_of(self, person: Person, shifts: Iterable[FactShift]) -> FactShift | None:
        """The shift that somebody's crew works, on their home line where they have one."""
        if person.crew is None:
            return None
        line = self._line_assets.get(person.home_line.code) if person.home_line is not None else None
        of_pattern = worked_by(shifts, person.crew.pattern.code, line)
        return next((one for one in of_pattern if one.crew == person.crew.letter), None)

    def _of_crew(self, person: Person, role: str, shift: FactShift, area: str, line: str) -> OnDuty:
        home = person.home_line
        home_area = home.area.code if home is not None and home.area is not None else ""
        one = _person(person, role, CREW, shift.end_us)
        one = replace(one, area=home_area, line=home.code if home is not None else "")
        if line and home is not None and home.code == line:
            return replace(one, near=AT_LINE)
        if home is not None:
            return replace(one, near=IN_AREA if area and home_area == area else ELSEWHERE)
        # Who has no home line is there for all lines that work the same pattern.
        pattern = self._lines.get(line, ("", ""))[1]
        return replace(one, near=IN_AREA if pattern in ("", shift.pattern) else ELSEWHERE)

    def _on_call(self, role: str, at_us: int, area: str) -> list[OnCall]:
        """Duties at an instant; one for another area does not count where an area is asked for."""
        if at_us not in self._lists:
            at = clock.from_us(at_us)
            rows = visible(OnCall, READER).filter(site=self.site, starts__lte=at, ends__gt=at)
            self._lists[at_us] = list(rows.select_related("person__user", "area").order_by("starts", "pk"))
        mine = (one for one in self._lists[at_us] if one.role == role)
        return [one for one in mine if not area or one.area is None or one.area.code == area]


def _of_list(duty: OnCall, area: str) -> OnDuty:
    one = _person(duty.person, duty.role, ON_CALL, clock.to_us(duty.ends))
    of_area = duty.area.code if duty.area is not None else ""
    return replace(one, area=of_area, near=IN_AREA if not of_area or of_area == area else ELSEWHERE)


def _person(person: Person, role: str, how: str, until_us: int) -> OnDuty:
    pseudonym = person.user.pseudonym if person.user is not None else ""
    return OnDuty(person.pk, person.name, pseudonym, person.user_id, str(Role(role)), how, until_us)
