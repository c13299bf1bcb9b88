"""Hybrid flow shops: stages of equal machines."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.schedule.formats.number_lines import COUNT_LIMIT, NumberLines
from plantbeat.engine.schedule.formats.public import public_problem
from plantbeat.engine.schedule.problem import Problem

MODES_LIMIT = 20_000_000
"""Alternatives of all operations together; more would not fit into the memory of a laptop."""


def hybrid_flow_shop(text: str, file: str) -> Problem:
    """Hybrid flow shop: a line each for the number of jobs, of stages and of machines in every stage, then a
    line per job of its durations in the stages.

    A work centre per stage; the makespan counts. Raises FormatError.
    """
    lines = NumberLines(text, file)
    jobs, stages = lines.count("the number of jobs"), lines.count("the number of stages")
    machines = lines.row("the machines of each stage", stages, 1, COUNT_LIMIT)
    if jobs * sum(machines) > MODES_LIMIT:
        said = f"{jobs} jobs x {sum(machines)} machines are too many"
        raise lines.fault(f"{said}; allowed are {MODES_LIMIT} alternatives in all")
    minutes = [lines.row(f"the durations of job {job + 1} of {jobs}", stages) for job in range(jobs)]
    lines.end(f"the {jobs} jobs")
    return public_problem(
        file,
        steps=[stages] * jobs,
        modes=machines * jobs,
        mode_machine=np.tile(np.arange(sum(machines)), jobs),
        mode_min=np.repeat(np.array(minutes).reshape(-1), machines * jobs),
        centre_of=np.repeat(np.arange(stages), machines),
    )
