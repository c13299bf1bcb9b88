"""Flexible job shops: every operation has one or more machines."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from plantbeat.engine.schedule.formats.number_lines import COUNT_LIMIT, NumberLines
from plantbeat.engine.schedule.formats.public import public_problem
from plantbeat.engine.schedule.problem import Problem


@dataclass
class _Routings:
    steps: list[int] = field(default_factory=list)
    modes: list[int] = field(default_factory=list)
    machine: list[int] = field(default_factory=list)
    minutes: list[int] = field(default_factory=list)


def flexible_job_shop(text: str, file: str) -> Problem:
    """Flexible job shop: `jobs machines flexibility`, then a line per job: its number of operations, and for
    each the number of its machines and as many `machine duration` pairs. Machines count from the smallest
    number in the file, 0 or 1.

    Machines that no chain of alternatives connects are work centres of their own; the makespan counts. Raises
    FormatError.
    """
    lines, routings = NumberLines(text, file), _Routings()
    jobs, machines = _header(lines)
    ends = [_job(lines, job, jobs, routings) for job in range(jobs)]
    lines.end(f"the {jobs} jobs")
    first = min(routings.machine)
    too_high = [at for at, machine in enumerate(routings.machine) if machine - first >= machines]
    if too_high:
        lines.line = next(line for line, end in ends if too_high[0] < end)
        said = f"machine {routings.machine[too_high[0]]} is unknown"
        raise lines.fault(f"{said}; allowed are {first} to {first + machines - 1}")
    machine = np.array(routings.machine) - first
    return public_problem(
        file,
        steps=routings.steps,
        modes=routings.modes,
        mode_machine=machine,
        mode_min=routings.minutes,
        centre_of=connected(machine.tolist(), routings.modes, machines),
        machine_names=[str(first + m) for m in range(machines)],
    )


def _header(lines: NumberLines) -> tuple[int, int]:
    words = lines.words("the numbers of jobs and of machines")
    if len(words) not in (2, 3):
        said = f"{len(words)} words; allowed are numbers of jobs and machines, and the mean flexibility"
        raise lines.fault(said)
    jobs, machines = lines.whole(words[:2], 1, COUNT_LIMIT)
    if len(words) == 3:
        try:
            float(words[2])
        except ValueError:
            raise lines.fault(f"{words[2]!r} is not a number; allowed is the mean flexibility") from None
    return jobs, machines


def _job(lines: NumberLines, job: int, jobs: int, into: _Routings) -> tuple[int, int]:
    """Read a job's line; returns the line and the number of machine-duration pairs up to here."""
    numbers = lines.whole(lines.words(f"job {job + 1} of {jobs}"))
    steps, at = numbers[0], 1
    if not steps:
        raise lines.fault("a job of 0 operations; allowed is at least 1")
    for step in range(1, steps + 1):
        modes = numbers[at] if at < len(numbers) else 0
        pairs = numbers[at + 1 : at + 1 + 2 * modes]
        if not modes or len(pairs) < 2 * modes:
            said = "has no machine" if at < len(numbers) and not modes else "is cut off"
            said = f"operation {step} of {steps} {said}"
            raise lines.fault(f"{said}; allowed are pairs of machine and duration")
        into.modes.append(modes)
        into.machine += pairs[::2]
        into.minutes += pairs[1::2]
        at += 1 + 2 * modes
    if at < len(numbers):
        left = len(numbers) - at
        raise lines.fault(f"{left} numbers follow after the {steps} operations; allowed is nothing more")
    into.steps.append(steps)
    return lines.line, len(into.machine)


def connected(machine: list[int], modes: list[int], machines: int) -> list[int]:
    """Group of each machine: two are of one group if a chain of alternatives leads from one to the other.

    `machine` are the machines of all operations one after the other, `modes` how many each has.
    """
    root = list(range(machines))

    def top(m: int) -> int:
        while root[m] != m:
            root[m] = root[root[m]]
            m = root[m]
        return m

    at = 0
    for count in modes:
        for other in machine[at + 1 : at + count]:
            a, b = sorted((top(machine[at]), top(other)))
            root[b] = a
        at += count
    groups: dict[int, int] = {}
    return [groups.setdefault(top(m), len(groups)) for m in range(machines)]
