"""A machine of the bottleneck breaks down: right shift, three options, and planning from scratch beside them.

.venv/bin/python benchmarks/rescheduling.py [--sizes 2000,10000] [--plan 20] [--hours 8] [--budget 1]
[--seed 1] [--workers N] [--repeats 3] [--scratch 0] [--data FOLDER]

The plants come from `plant_generator.py` in the folder of reference data (--data, or
PLANTBEAT_REFERENCE_DATA) and are scheduled for --plan seconds. At a tenth of the plan the machine with the
most work left, of the work centre with the most work, breaks down for --hours; four more hours are frozen.
Objective: weighted tardiness + makespan in minutes, lower is better. Every schedule passed the checker.

"wall" and "cpu" are seconds of the clock and of this process (all its threads), the least of --repeats, with
compiled kernels; where other programs run, only the second says something. "problem" is to make the problem
after the event, "right shift" to time it anew; both are part of a repair's seconds. "best rule" is the best
of 30 dispatching rules for the same new problem, from scratch; --scratch S adds a full solve of S seconds.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np  # noqa: TID253 - a program of its own, never part of the server

from asking import amount, whole
from plantbeat.engine.schedule import Moves, check, formats, reschedule, solve
from plantbeat.engine.schedule.repair import Breakdown
from plantbeat.engine.schedule.repair.before import with_new_orders
from plantbeat.engine.schedule.repair.difference import stability
from plantbeat.engine.schedule.repair.floor import floor_of_problem
from plantbeat.engine.schedule.repair.situation import situation_of
from scheduling import DEFAULT_DATA, generator_in


def least(work, repeats):
    """Result, and the least wall and processor seconds of several runs."""
    wall, cpu, found = [], [], None
    for _ in range(repeats):
        begun, used = time.perf_counter(), time.process_time()
        found = work()
        wall.append(time.perf_counter() - begun)
        cpu.append(time.process_time() - used)
    return found, min(wall), min(cpu)


def bottleneck(problem, schedule, now):
    """The machine with the most minutes left from now on, of the work centre with the most."""
    left = np.zeros(problem.machines, np.int64)
    later = schedule.start >= now
    np.add.at(left, schedule.machine[later], (schedule.end - schedule.start)[later])
    centres = np.bincount(problem.machine_work_centre, left)
    return int(np.where(problem.machine_work_centre == centres.argmax(), left, -1).argmax())


def row(name, objective, kept, wall=None, cpu=None):
    seconds = "" if wall is None else f"{wall:>8.3f} {cpu:>8.3f}"
    shares = "" if kept is None else (
        f"{kept.kept_machine:>8.1%} {kept.kept_sequence:>8.1%} {kept.within_15:>8.1%} "
        f"{kept.within_30:>8.1%} {kept.promises_moved:>6}"
    )  # fmt: skip
    print(f"  {name:<16} {objective:>11} {seconds:<17} {shares}", flush=True)


def valid(problem, schedule):
    if found := check(problem, schedule):
        raise SystemExit(f"not valid: {found[0]}")
    return f"{schedule.objective:,}"


def report(generator, size, options):
    problem = formats.plant_generator(generator.plant(size, options.seed))
    plan = solve(problem, budget=options.plan, seed=options.seed, workers=options.workers)
    now = int(plan.end.max()) // 10
    broken = Breakdown(bottleneck(problem, plan, now), now, now + 60 * options.hours)
    freeze, before = now + 240, with_new_orders(problem, plan)

    def repaired(budget):
        return reschedule(
            problem, plan, [broken], now=now, freeze_until=freeze, budget=budget, workers=options.workers
        )

    repaired(Moves(1))
    situation, problem_s, problem_cpu = least(
        lambda: situation_of(problem, before, [broken], now, freeze), options.repeats
    )
    floor = floor_of_problem(situation.problem)
    floor.shifted(before)
    _, shift_s, shift_cpu = least(lambda: floor.shifted(before), options.repeats)
    found, repair_s, repair_cpu = least(lambda: repaired(options.budget), options.repeats)
    held, changed = len(found.frozen), 0
    print(f"{size} operations, {problem.machines} machines; now {now}, machine {broken.machine} stands for")
    print(
        f"{options.hours} h, frozen until {freeze}: {held} operations held, {len(found.hit)} hit by the event"
    )
    row("plan before", f"{plan.objective:,}", None)
    row("problem", "", None, problem_s, problem_cpu)
    for option in (found.right_shift, *found.options):
        frozen = np.array(found.frozen)
        changed += int((option.schedule.start[frozen] != plan.start[frozen]).sum())
        changed += int((option.schedule.machine[frozen] != plan.machine[frozen]).sum())
        times = (shift_s, shift_cpu) if option.kind == "right_shift" else (None, None)
        row(option.kind, valid(found.problem, option.schedule), option.stability, *times)
    row("all of it", "", None, repair_s, repair_cpu)
    for name, budget in (("best rule", Moves(0)), ("solve", options.scratch)):
        if budget:
            again, wall, cpu = least(
                lambda b=budget: solve(found.problem, budget=b, workers=options.workers), 1
            )
            kept = stability(found.problem, plan, again, ~situation.held)
            row(name, valid(found.problem, again), kept, wall, cpu)
    print(f"  frozen operations changed: {changed}\n")


def sizes(text):
    return [whole(10, 100_000)(size) for size in text.split(",") if size]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[2_000, 10_000], help="operations, with commas")
    parser.add_argument("--plan", type=amount(0.1, 3_600), default=20.0)
    parser.add_argument("--hours", type=whole(1, 200), default=8)
    parser.add_argument("--budget", type=amount(0.1, 3_600), default=1.0)
    parser.add_argument("--seed", type=whole(0, 2**31), default=1)
    parser.add_argument("--workers", type=whole(1, 256), default=None)
    parser.add_argument("--repeats", type=whole(1, 100), default=3)
    parser.add_argument("--scratch", type=amount(0, 3_600), default=0.0)
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("PLANTBEAT_REFERENCE_DATA", DEFAULT_DATA))
    )
    options = parser.parse_args()
    generator = generator_in(options.data)
    print(
        "                     objective     wall      cpu   machine sequence  ±15 min  ±30 min promises moved"
    )
    for size in options.sizes:
        report(generator, size, options)


if __name__ == "__main__":
    main()
