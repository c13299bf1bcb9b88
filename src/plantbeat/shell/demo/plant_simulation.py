"""The whole demo plant from an instant on: lines, machining cell, replayed machines, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from plantbeat.shell.demo.line_plan import HOUR_US, Jobs, LinePlan, Told
from plantbeat.shell.demo.line_simulation import LineSimulation
from plantbeat.shell.demo.line_state import LineState
from plantbeat.shell.demo.machine_streams import MachineStream
from plantbeat.shell.demo.people_simulation import LEFT_FOR_US, LEFT_TO_LOOKERS, Roster, attendance, incidents
from plantbeat.shell.demo.stories import short_crew

CELL = "CELL"


@dataclass(frozen=True, slots=True)
class PlantPlan:
    """What the simulation does not change: filling lines and single machines by code, and the rest."""

    seed: str
    built_us: int
    lines: Mapping[str, LinePlan]
    machines: Mapping[str, LinePlan]
    streams: Sequence[MachineStream]
    rosters: Sequence[Roster]

    @property
    def sources(self) -> tuple[str, ...]:
        """Codes of the lines that send facts, each through a gateway of its own."""
        return (*self.lines, CELL)

    def simulated(self) -> Mapping[str, LinePlan]:
        """Everything that gets orders: filling lines and single machines."""
        return {**self.lines, **self.machines}


class _State(msgspec.Struct):
    at_us: int
    lines: dict[str, LineState]


class PlantSimulation:
    """The demo plant; all up to `at_us` (included) is told."""

    def __init__(self, plan: PlantPlan, at_us: int, lines: Mapping[str, LineSimulation]) -> None:
        self.plan, self.at_us, self.lines = plan, at_us, lines

    @classmethod
    def begun(cls, plan: PlantPlan, at_us: int, count_every_us: int = HOUR_US) -> PlantSimulation:
        """A plant in which every line stands empty at an instant."""
        lines = {
            code: LineSimulation.begun(one, at_us, count_every_us) for code, one in plan.simulated().items()
        }
        return cls(plan, at_us - 1, lines)

    @classmethod
    def resumed(cls, plan: PlantPlan, put_away: bytes) -> PlantSimulation:
        """The plant as `put_away` left it. Raises msgspec.ValidationError for what another version wrote."""
        state = msgspec.json.decode(put_away, type=_State)
        if state.lines.keys() != plan.simulated().keys():
            raise msgspec.ValidationError("the lines are not those of this plant")
        lines = {code: LineSimulation(one, state.lines[code]) for code, one in plan.simulated().items()}
        return cls(plan, state.at_us, lines)

    def put_away(self) -> bytes:
        """The state as JSON."""
        states = {code: line.state for code, line in self.lines.items()}
        return msgspec.json.encode(_State(self.at_us, states))

    def run(self, until_us: int, jobs: Mapping[str, Jobs]) -> dict[str, list[Told]]:
        """What is told up to an instant (included), by source, each in order of time."""
        told = {code: self.lines[code].run(until_us, jobs[code]) for code in self.plan.lines}
        told[CELL] = [
            one for code in self.plan.machines for one in self.lines[code].run(until_us, jobs[code])
        ]
        for stream in self.plan.streams:
            told[CELL] += stream.between(self.at_us, until_us)
        self._add_people(told, until_us)
        for row in told.values():
            row.sort(key=_instant)
        self.at_us = until_us
        return told

    def _add_people(self, told: dict[str, list[Told]], until_us: int) -> None:
        plan = self.plan
        for one in attendance(plan.rosters, plan.seed, self.at_us, until_us, short_crew(plan.built_us)):
            if one.asset not in LEFT_TO_LOOKERS or one.t_us < plan.built_us - LEFT_FOR_US:
                told[one.asset].append(one)
        for one in incidents(tuple(plan.lines), plan.seed, plan.built_us, self.at_us, until_us):
            told[one.asset].append(one)

    def close(self, at_us: int) -> dict[str, list[Told]]:
        """End the history of every line here."""
        told = {code: self.lines[code].close(at_us) for code in self.plan.lines}
        told[CELL] = [one for code in self.plan.machines for one in self.lines[code].close(at_us)]
        return told

    def count_every(self, every_us: int) -> None:
        """Count in other intervals from now on."""
        for line in self.lines.values():
            line.count_every(every_us)


def _instant(one: Told) -> int:
    return one.t_us
