"""What usually goes wrong on the filling lines of the demo plant, and how the lines differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from plantbeat.shell.demo import catalogue, stories
from plantbeat.shell.demo.line_plan import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    LinePlan,
    Period,
    Station,
    Temper,
    Trouble,
)

BUFFER_S = (90.0, 70.0, 60.0, 80.0)
SPEED = {"UNS": 1.25, "FIL": 1.0, "CAP": 1.15, "LAB": 1.12, "PAC": 1.18}
PROJECT_DAYS = 14
"""So many days ago the project on line 2 was finished."""

SCRAP = {
    "DISH-500": 0.006, "DISH-500M": 0.006, "HAND-300": 0.009, "HAND-300S": 0.012, "GLASS-750": 0.008,
    "BATH-750": 0.013, "LAUN-5": 0.005, "LAUN-5C": 0.006, "FLOOR-10": 0.007, "SAN-10": 0.011,
}  # fmt: skip
REWORK = {
    "DISH-500": 0.003, "DISH-500M": 0.003, "HAND-300": 0.006, "HAND-300S": 0.008, "GLASS-750": 0.004,
    "BATH-750": 0.005, "LAUN-5": 0.004, "LAUN-5C": 0.004, "FLOOR-10": 0.003, "SAN-10": 0.004,
}  # fmt: skip
DEFECTS = (
    ("LABEL-CROOKED", 34), ("FILL-LEVEL", 27), ("CAP-LOOSE", 18), ("BOTTLE-DENTED", 13), ("PRINT-MISSING", 8),
)  # fmt: skip
MACHINING_DEFECTS = (("SIZE", 46), ("SURFACE", 29), ("BURR", 25))


def _short(every_min: float, median_s: float) -> Trouble:
    return Trouble(
        every_us=round(every_min * MINUTE_US),
        median_us=round(median_s * SECOND_US),
        sigma=0.55,
        reasons=(("SHORT", 1.0),),
        explained=0.05,
        longest_us=150 * SECOND_US,
    )


def _breakdown(every_h: float, median_min: float, *reasons: tuple[str, float]) -> Trouble:
    return Trouble(
        every_us=round(every_h * HOUR_US),
        median_us=round(median_min * MINUTE_US),
        sigma=0.8,
        reasons=(*reasons, ("UNKNOWN", 0.8)),
        explained=0.8,
        shortest_us=150 * SECOND_US,
        calls=True,
    )


def _hold(every_h: float, reason: str) -> Trouble:
    return Trouble(
        every_us=round(every_h * HOUR_US),
        median_us=20 * MINUTE_US,
        sigma=0.5,
        reasons=((reason, 1.0),),
        explained=1.0,
        shortest_us=5 * MINUTE_US,
        calls=True,
        spoils=True,
    )


_NO_BOTTLES = Trouble(
    every_us=30 * HOUR_US,
    median_us=8 * MINUTE_US,
    sigma=0.6,
    reasons=(("MAT", 1.0),),
    explained=1.0,
    word="starved",
)

_JAM, _DRIVE, _SEAL = ("MECH-JAM", 3.0), ("MECH-DRIVE", 2.0), ("MECH-SEAL", 4.0)
_SENSOR, _CONTROL, _NO_OPERATOR = ("ELEC-SENSOR", 3.0), ("ELEC-PLC", 1.5), ("OPER", 1.5)

TROUBLES: dict[str, tuple[Trouble, ...]] = {
    "UNS": (_short(130, 35), _NO_BOTTLES, _breakdown(60, 13, _JAM, _DRIVE, _SENSOR)),
    "FIL": (
        _short(45, 40),
        _breakdown(11, 12, _SEAL, _SENSOR, _CONTROL, _NO_OPERATOR),
        _hold(75, "QUAL-FILL"),
    ),
    "CAP": (_short(90, 34), _breakdown(24, 13, _JAM, _JAM, _SENSOR)),
    "LAB": (_short(95, 36), _breakdown(30, 10, _SENSOR, _DRIVE, _NO_OPERATOR), _hold(120, "QUAL-LABEL")),
    "PAC": (_short(110, 45), _breakdown(34, 15, _JAM, _CONTROL, _DRIVE)),
}
"""By station: running time between two, median length, and the reasons by weight."""


_CHIPS = Trouble(
    every_us=70 * MINUTE_US,
    median_us=40 * SECOND_US,
    sigma=0.5,
    reasons=(("SHORT", 1.0),),
    explained=0.05,
    longest_us=150 * SECOND_US,
)
_NOBODY = Trouble(
    every_us=5 * HOUR_US,
    median_us=7 * MINUTE_US,
    sigma=0.6,
    reasons=(("OPER", 3), ("MAT", 1)),
    explained=0.6,
    shortest_us=60 * SECOND_US,
)
MACHINING_TROUBLES = (
    _CHIPS,
    _NOBODY,
    _breakdown(6, 6, ("TOOL", 1)),
    _breakdown(42, 22, ("MECH-DRIVE", 2), ("ELEC-PLC", 2), ("ELEC-SENSOR", 1)),
)


def tempers(line: str, now_us: int) -> tuple[Temper, ...]:
    """How a line behaves: line 3 is the worst, line 2 is better since its project, line 1 is the best."""
    if line == stories.SMED_LINE:
        return stories.line_2(now_us, now_us - PROJECT_DAYS * DAY_US)
    return {
        "L1": (Temper(0, slow=0.06),),
        "L3": (Temper(0, stops=1.5, repairs=2.8, setups=1.3, slow=0.14, scrap=2.2),),
        "L4": (Temper(0, stops=1.2, repairs=1.2, slow=0.08),),
        "L5": (Temper(0, stops=1.3, repairs=1.3, setups=1.1, slow=0.1, scrap=1.2),),
    }[line]


def line_plan(line: str, seed: str, periods: Sequence[Period], now_us: int) -> LinePlan:
    """The plan of a filling line; `now_us` is when the demo plant was built."""
    centre = catalogue.CENTRE_OF_LINE[line]
    setups: Mapping[tuple[str, str], float] = {
        (before, after): minutes for before, after, minutes in catalogue.CHANGEOVERS[centre]
    }
    suffixes = [suffix for suffix, _name, _class in catalogue.STATIONS]
    return LinePlan(
        line=line,
        seed=seed,
        stations=tuple(_station(line, one, now_us) for one in suffixes),
        bottleneck=suffixes.index(catalogue.BOTTLENECK),
        buffer_s=BUFFER_S,
        setup_min=setups,
        scrap=SCRAP,
        rework=REWORK,
        periods=periods,
        defects=DEFECTS,
        tempers=tempers(line, now_us),
        creeps=stories.creeps(line, now_us),
        pallets={item: pallet for item, (_pack, pallet) in catalogue.PACKS.items()}
        if line == catalogue.TAPPED_LINE
        else {},
    )


def _station(line: str, suffix: str, now_us: int) -> Station:
    troubles = (*TROUBLES[suffix], *stories.troubles(line, suffix, now_us))
    return Station(f"{line}-{suffix}", SPEED[suffix], troubles)


def machine_plan(machine: str, seed: str, periods: Sequence[Period]) -> LinePlan:
    """The plan of a machine of the machining cell, which stands for itself and counts piece by piece."""
    centre = next(centre for code, _name, centre in catalogue.MACHINING if code == machine)
    setups = {(before, after): float(minutes) for before, after, minutes in catalogue.CHANGEOVERS[centre]}
    return LinePlan(
        line=machine,
        seed=seed,
        stations=(Station(machine, 1.0, MACHINING_TROUBLES),),
        bottleneck=0,
        buffer_s=(),
        setup_min=setups,
        scrap=dict.fromkeys((part.code for part in catalogue.PARTS), 0.012),
        rework=dict.fromkeys((part.code for part in catalogue.PARTS), 0.006),
        periods=periods,
        defects=MACHINING_DEFECTS,
        tempers=(Temper(0, slow=0.09),),
        by_piece=True,
    )
