"""What happens in the demo plant beyond chance, told by its facts and by nothing else.

Five stories: the changeovers of line 2 fell to a third half-way through the history (a SMED project). The
filler of line 1 wears: more and more bottles are filled to the wrong level, and since yesterday its seal
stops it again and again. The night shift of line 3 has been short of people for two weeks. One call for help
of the last day was never answered. No page knows of this module; what they say, they find in the facts.
"""

from __future__ import annotations

from typing import NamedTuple

from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US, MINUTE_US, Creep, Temper, Told, Trouble

SMED_LINE, SMED_DAYS_AGO = "L2", 45
SETUPS_BEFORE, SETUPS_AFTER = 1.33, 0.48
"""Factors on the set-up matrix: changeovers of about 38 min became changeovers of about 14."""

WORN_LINE, WORN_STATION, WORN_REASON, WORN_DEFECT = "L1", "FIL", "MECH-SEAL", "FILL-LEVEL"
LEAKS_FOR_DAYS, STOPS_FOR_DAYS = 35, 5
STOPS_OFTEN_FOR_US = 26 * HOUR_US
LEAKING_SHARE = 0.006
"""Share of pieces lost to the worn seal when the plant was built; it rose from nothing and rises no more."""

SHORT_LINE, SHORT_SHIFT, SHORT_FOR_DAYS = "L3", "night", 13
PRESENT = 3
"""People who come where four are needed; everywhere else the lead finds cover down to the need."""

UNANSWERED_WITHIN_US = 22 * HOUR_US
UNANSWERED_LINES = ("L1", "L2")
"""Lines that work on every day, so that the call is always one of the last day."""

_GOES_ON_US = 7 * DAY_US
"""So long after the plant was built its stories go on."""


class ShortCrew(NamedTuple):
    """A shift of a line that has only so many people present from one instant to another."""

    line: str
    shift: str
    from_us: int
    until_us: int
    present: int

    def holds(self, line: str, shift: str, start_us: int) -> bool:
        """True for a shift of the story."""
        return (line, shift) == (self.line, self.shift) and self.from_us <= start_us < self.until_us


def people_needed(crew: int) -> int:
    """People a line needs out of a crew of so many."""
    return max(1, crew * 2 // 3)


def short_crew(built_us: int) -> ShortCrew:
    """The night shift that lacks people."""
    until_us = built_us + _GOES_ON_US
    return ShortCrew(SHORT_LINE, SHORT_SHIFT, built_us - SHORT_FOR_DAYS * DAY_US, until_us, PRESENT)


def quicker_changeovers(built_us: int) -> int:
    """When the changeovers of line 2 became quick."""
    return built_us - SMED_DAYS_AGO * DAY_US


def creeps(line: str, built_us: int) -> tuple[Creep, ...]:
    """Scrap causes of a line that grow."""
    if line != WORN_LINE:
        return ()
    return (Creep(WORN_DEFECT, built_us - LEAKS_FOR_DAYS * DAY_US, built_us, LEAKING_SHARE),)


def troubles(line: str, station: str, built_us: int) -> tuple[Trouble, ...]:
    """Troubles of a station that belong to a story: the seal, now and then at first, then every hour."""
    if (line, station) != (WORN_LINE, WORN_STATION):
        return ()
    often_us = built_us - STOPS_OFTEN_FOR_US
    begun_us = built_us - STOPS_FOR_DAYS * DAY_US
    return (
        _seal(begun_us, often_us, every_us=11 * HOUR_US),
        _seal(often_us, built_us + _GOES_ON_US, every_us=50 * MINUTE_US),
    )


def _seal(from_us: int, until_us: int, every_us: int) -> Trouble:
    return Trouble(
        every_us=every_us,
        median_us=7 * MINUTE_US,
        sigma=0.15,
        reasons=((WORN_REASON, 1.0),),
        explained=1.0,
        shortest_us=6 * MINUTE_US,
        longest_us=10 * MINUTE_US,
        calls=True,
        regular=True,
        window=(from_us, until_us),
    )


def leave_a_call_unanswered(told: dict[str, list[Told]], built_us: int) -> None:
    """Take the answers to one call out of what is told: the longest of the last day.

    It was raised and closed by the operators; nobody acknowledged it and nobody came.
    """
    calls: dict[str, dict[str, int]] = {}
    for line in UNANSWERED_LINES:
        for one in told.get(line, ()):
            if one.kind.startswith("andon_") and one.t_us >= built_us - UNANSWERED_WITHIN_US:
                calls.setdefault(str(one.body["call"]), {})[one.kind] = one.t_us
    whole = {
        call: at["andon_resolve"] - at["andon_raise"]
        for call, at in calls.items()
        if "andon_raise" in at and "andon_resolve" in at
    }
    if not whole:
        return
    chosen = max(sorted(whole), key=whole.__getitem__)
    answers = ("andon_ack", "andon_arrive")
    for line in UNANSWERED_LINES:
        row = told.get(line, [])
        row[:] = [one for one in row if one.kind not in answers or one.body["call"] != chosen]


def line_2(built_us: int, finished_us: int) -> tuple[Temper, ...]:
    """Line 2: quick changeovers since its SMED project, fewer stops since a later one was finished."""
    quick_us = quicker_changeovers(built_us)
    before = {"stops": 1.3, "repairs": 2.0, "slow": 0.12, "scrap": 1.4}
    return (
        Temper(0, setups=SETUPS_BEFORE, **before),
        Temper(quick_us, setups=SETUPS_AFTER, **before),
        Temper(finished_us, setups=SETUPS_AFTER, slow=0.06, scrap=0.9),
    )
