"""The rotations plants use, as ready shift patterns. Each covers its hours by construction: see the tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time

from plantbeat.engine.calendars.patterns import CrewRotation, ShiftPattern, ShiftTimes

EARLY = ShiftTimes("early", time(6), time(14))
LATE = ShiftTimes("late", time(14), time(22))
NIGHT = ShiftTimes("night", time(22), time(6))
DAY_12 = ShiftTimes("day", time(6), time(18))
NIGHT_12 = ShiftTimes("night", time(18), time(6))

FOUR_CREWS = ("A", "B", "C", "D")
MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6)


def fixed_week(
    anchor: date,
    shifts: Sequence[ShiftTimes] = (EARLY, LATE, NIGHT),
    weekdays: Sequence[int] = MONDAY_TO_FRIDAY,
    crews: Sequence[str] = FOUR_CREWS,
) -> ShiftPattern:
    """One, two, three or more fixed shifts a day, one crew each, on `weekdays` (0 Monday to 6 Sunday).

    Pass one, two or three shifts for the usual 1-, 2- and 3-shift week. The cycle starts on the Monday of
    the week of `anchor`.
    """
    if len(crews) < len(shifts):
        raise ValueError(f"{len(shifts)} fixed shifts need {len(shifts)} crews, {len(crews)} are named")
    wrong = [weekday for weekday in weekdays if weekday not in EVERY_DAY]
    if wrong:
        raise ValueError(f"weekday {wrong[0]} is not allowed: 0 is Monday, 6 is Sunday")
    rotations = tuple(
        CrewRotation(crew, tuple(shift.name if day in weekdays else None for day in EVERY_DAY))
        for crew, shift in zip(crews, shifts, strict=False)
    )
    monday = date.fromordinal(anchor.toordinal() - anchor.weekday())
    return ShiftPattern(f"{len(shifts)}-shift week", monday, tuple(shifts), rotations)


def pitman_2_2_3(
    anchor: date,
    day: ShiftTimes = DAY_12,
    night: ShiftTimes = NIGHT_12,
    crews: Sequence[str] = FOUR_CREWS,
    *,
    days_and_nights: bool = False,
) -> ShiftPattern:
    """2-2-3 of 12 h: 2 on, 2 off, 3 on, 2 off, 2 on, 3 off; every other weekend is free.

    With fixed shifts the first two crews work days and the others nights, over 14 days. With
    `days_and_nights` every crew changes over after each 14 days, over 28.
    """
    on, off = "11..111..11...", "..11...11..111"
    fixed = [_spelled(on, {"1": day}), _spelled(off, {"1": day}), _spelled(on, {"1": night})]
    fixed.append(_spelled(off, {"1": night}))
    if days_and_nights:
        fixed = [mine + other for mine, other in zip(fixed, fixed[2:] + fixed[:2], strict=True)]
    return _pattern("2-2-3 (Pitman)", anchor, (day, night), fixed, crews)


def four_on_four_off(
    anchor: date,
    day: ShiftTimes = DAY_12,
    night: ShiftTimes = NIGHT_12,
    crews: Sequence[str] = FOUR_CREWS,
    *,
    days_and_nights: bool = False,
) -> ShiftPattern:
    """4-on-4-off of 12 h over 8 days, with fixed shifts or changing from days to nights over 16 days."""
    if days_and_nights:
        days = _spelled("DDDD....NNNN....", {"D": day, "N": night})
        return _pattern(
            "4-on-4-off", anchor, (day, night), [_later(days, 4 * crew) for crew in range(4)], crews
        )
    on, off = "1111....", "....1111"
    fixed = [_spelled(on, {"1": day}), _spelled(off, {"1": day})]
    fixed += [_spelled(on, {"1": night}), _spelled(off, {"1": night})]
    return _pattern("4-on-4-off", anchor, (day, night), fixed, crews)


def continental_2_2_3(
    anchor: date,
    shifts: tuple[ShiftTimes, ShiftTimes, ShiftTimes] = (EARLY, LATE, NIGHT),
    crews: Sequence[str] = FOUR_CREWS,
) -> ShiftPattern:
    """Continental rotation of 8 h over 28 days: 2 early, 2 late, 3 night, then the same thinned by rest."""
    letters = dict(zip("ELN", shifts, strict=True))
    days = _spelled("EELLNNN..EELLLNN..EEELLNN...", letters)
    return _pattern("continental 2-2-3", anchor, shifts, [_later(days, 7 * crew) for crew in range(4)], crews)


def metropolitan_2_2_2(
    anchor: date,
    shifts: tuple[ShiftTimes, ShiftTimes, ShiftTimes] = (EARLY, LATE, NIGHT),
    crews: Sequence[str] = FOUR_CREWS,
) -> ShiftPattern:
    """Fast continental (metropolitan) rotation of 8 h over 8 days: 2 early, 2 late, 2 night, 2 off."""
    days = _spelled("EELLNN..", dict(zip("ELN", shifts, strict=True)))
    return _pattern("continental 2-2-2", anchor, shifts, [_later(days, 2 * crew) for crew in range(4)], crews)


def dupont(
    anchor: date,
    day: ShiftTimes = DAY_12,
    night: ShiftTimes = NIGHT_12,
    crews: Sequence[str] = FOUR_CREWS,
) -> ShiftPattern:
    """DuPont of 12 h over 28 days: 4 nights, 3 off, 3 days, 1 off, 3 nights, 3 off, 4 days, 7 off."""
    days = _spelled("NNNN...DDD.NNN...DDDD.......", {"D": day, "N": night})
    return _pattern("DuPont", anchor, (day, night), [_later(days, 7 * crew) for crew in range(4)], crews)


def _spelled(letters: str, shifts: dict[str, ShiftTimes]) -> tuple[str | None, ...]:
    """A rotation written one letter per day; letters without a shift are days off."""
    return tuple(shifts[letter].name if letter in shifts else None for letter in letters)


def _later(days: tuple[str | None, ...], by: int) -> tuple[str | None, ...]:
    """The same rotation of a crew that is `by` days behind."""
    return days[-by:] + days[:-by] if by else days


def _pattern(
    name: str,
    anchor: date,
    shifts: tuple[ShiftTimes, ...],
    rotations: list[tuple[str | None, ...]],
    crews: Sequence[str],
) -> ShiftPattern:
    if len(crews) != len(rotations):
        raise ValueError(f"pattern {name!r} needs {len(rotations)} crews, {len(crews)} are named")
    return ShiftPattern(
        name,
        anchor,
        shifts,
        tuple(CrewRotation(crew, days) for crew, days in zip(crews, rotations, strict=True)),
    )
