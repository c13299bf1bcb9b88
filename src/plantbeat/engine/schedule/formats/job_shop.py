"""Job shops: every operation has one machine."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.schedule.formats.number_lines import COUNT_LIMIT, NumberLines
from plantbeat.engine.schedule.formats.public import public_problem
from plantbeat.engine.schedule.problem import Problem

END = ["-1", "-1"]


def job_shop(text: str, file: str) -> Problem:
    """Job shop: `jobs machines`, then a line per job of `machine duration` pairs, machines from 0. A job may
    be of any length and come to a machine again.

    One work centre per machine; the makespan counts. Raises FormatError.
    """
    return _job_shop(NumberLines(text, file), reentrant=False)


def reentrant_job_shop(text: str, file: str) -> Problem:
    """Re-entrant job shop: as `jsp`, and every line ends with `-1 -1`.

    One work centre per machine; the makespan counts. Raises FormatError.
    """
    return _job_shop(NumberLines(text, file), reentrant=True)


def _job_shop(lines: NumberLines, *, reentrant: bool) -> Problem:
    jobs, machines = lines.row("the numbers of jobs and of machines", 2, 1, COUNT_LIMIT)
    pairs = [_pairs(lines, job, jobs, machines, reentrant=reentrant) for job in range(jobs)]
    lines.end(f"the {jobs} jobs")
    flat = np.array([number for row in pairs for number in row], np.int64)
    return public_problem(
        lines.file,
        steps=[len(row) // 2 for row in pairs],
        modes=np.ones(len(flat) // 2, np.int64),
        mode_machine=flat[::2],
        mode_min=flat[1::2],
        centre_of=np.arange(machines),
    )


def _pairs(lines: NumberLines, job: int, jobs: int, machines: int, *, reentrant: bool) -> list[int]:
    words = lines.words(f"job {job + 1} of {jobs}")
    if reentrant:
        if words[-2:] != END:
            raise lines.fault("the line does not end with -1 -1, as it has to in jsp-reentrant")
        words = words[:-2]
    elif words[-2:] == END:
        raise lines.fault("-1 -1 at the end of a line is not allowed in jsp; it is in jsp-reentrant")
    numbers = lines.whole(words)
    if not numbers or len(numbers) % 2:
        said = f"{len(numbers)} numbers are not pairs"
        raise lines.fault(f"{said}; allowed are pairs of machine and duration, at least one")
    highest = max(numbers[::2])
    if highest >= machines:
        raise lines.fault(f"machine {highest} is unknown; allowed are 0 to {machines - 1}")
    return numbers
