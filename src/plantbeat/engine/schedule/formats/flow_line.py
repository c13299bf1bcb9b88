"""Permutation flow shops: orders visit all machines of one line in the same sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from plantbeat.engine.schedule.formats.number_lines import NumberLines
from plantbeat.engine.schedule.formats.public import public_problem
from plantbeat.engine.schedule.problem import Problem


def flow_line_with_setups(text: str, file: str) -> Problem:
    """Flow line without passing, with set-ups: a line each for the number of jobs and of machines, a line per
    job of durations, then for every machine a line per job of set-ups to each job (row = job before).

    A job is its own set-up family, and the first set-up of a machine takes nothing; the makespan counts.
    Raises FormatError.
    """
    lines = NumberLines(text, file)
    jobs, machines = lines.count("the number of jobs"), lines.count("the number of machines")
    minutes = _durations(lines, jobs, machines)
    setups = [
        lines.row(f"the set-ups on machine {m + 1} of {machines} after job {job + 1} of {jobs}", jobs)
        for m in range(machines)
        for job in range(jobs)
    ]
    lines.end(f"the set-ups of {machines} machines")
    return _line(
        file,
        minutes,
        family=np.repeat(np.arange(jobs), machines),
        family_count=np.full(machines, jobs),
        setup_min=np.array(setups).reshape(-1),
    )


def flow_line_with_due_dates(text: str, file: str) -> Problem:
    """Flow line without passing, with due dates: a line each for the number of jobs, of machines and the due
    dates, then a line per job of durations.

    The total tardiness counts, every order with weight 1. Raises FormatError.
    """
    lines = NumberLines(text, file)
    jobs, machines = lines.count("the number of jobs"), lines.count("the number of machines")
    due = lines.row("the due dates of the jobs", jobs)
    minutes = _durations(lines, jobs, machines)
    lines.end(f"the {jobs} jobs")
    return _line(file, minutes, due=due)


def _durations(lines: NumberLines, jobs: int, machines: int) -> list[list[int]]:
    return [lines.row(f"the durations of job {job + 1} of {jobs}", machines) for job in range(jobs)]


def _line(file: str, minutes: list[list[int]], **rows: Any) -> Problem:
    jobs, machines = len(minutes), len(minutes[0])
    return public_problem(
        file,
        steps=[machines] * jobs,
        modes=np.ones(jobs * machines, np.int64),
        mode_machine=np.tile(np.arange(machines), jobs),
        mode_min=np.array(minutes).reshape(-1),
        centre_of=np.arange(machines),
        machine_line=np.zeros(machines, np.int64),
        **rows,
    )
