"""Standard times of the routings, and how lines come up to their rate."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from plantbeat.areas.execution.records.ramp_up import RampUp
from plantbeat.areas.plant.records.machine import Machine
from plantbeat.areas.plant.records.routing import Operation
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of


@dataclass(frozen=True, slots=True)
class Standard:
    """What a routing allows for an item on a machine: µs a piece, and µs of set-up before a run."""

    cycle_us: int
    setup_us: int


@dataclass(frozen=True, slots=True)
class Ramp:
    """How long a run is slower after its set-up, and how slow."""

    us: int = 0
    percent: int = 100


class Standards:
    """Standards of a site's routings by item and machine; of several steps at one machine the longest."""

    def __init__(self, site: Site, by: Actor) -> None:
        self._site, self._by = site, by
        self._known: dict[tuple[str, str], Standard] | None = None
        rows = visible(RampUp, by).filter(site=site).values_list("line", "lasts", "percent")
        self._ramps = {f"plant.Line:{line}": Ramp(lasts, percent) for line, lasts, percent in rows}

    def ramp_of(self, line_ref: str) -> Ramp:
        """The ramp-up of a line, by what its asset refers to; none where nobody has set one."""
        return self._ramps.get(line_ref, Ramp())

    def of(self, item: str, machine: str) -> Standard | None:
        """The standard of an item on a machine; None where no routing has one."""
        if self._known is None:
            self._known = self._read()
        return self._known.get((item, machine))

    def _read(self) -> dict[tuple[str, str], Standard]:
        machines: dict[int, list[str]] = defaultdict(list)
        places = visible(Machine, self._by).filter(site=self._site).exclude(work_centre=None)
        for centre, code in places.values_list("work_centre", "code"):
            machines[centre].append(code)
        found: dict[tuple[str, str], Standard] = {}
        rows = lines_of(Operation, self._by).filter(routing__site=self._site)
        for row in rows.select_related("routing__item"):
            named = row.machine_codes()
            for code in machines[row.work_centre_id]:
                if not named or code in named:
                    key = (row.routing.item.code, code)
                    if key not in found or row.run > found[key].cycle_us:
                        found[key] = Standard(row.run, row.setup)
        return found
