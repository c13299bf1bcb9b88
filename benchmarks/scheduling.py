"""Generated plants: earliest due date, best of 30 dispatching rules, our schedule, and the peers that
install.

.venv/bin/python benchmarks/scheduling.py [--sizes 500,2000,10000] [--seconds 10] [--seed 1] [--workers N]
[--peers 500] [--peer-seconds 30] [--data FOLDER]

The plants come from `plant_generator.py` in the folder of reference data (--data, or
PLANTBEAT_REFERENCE_DATA); every schedule below passed that file's own check, which also gives the
objective: weighted tardiness + makespan in minutes, lower is better. "rules" is the best of the 30 ATCS
list schedules with which every solve begins, "ours" the schedule after --seconds of wall time in all.
Kernels are compiled before the clock starts; the time that takes is printed. Peers (plain CP-SAT with one
circuit per machine; PyJobShop where it is installed) get --peer-seconds on the sizes named by --peers;
building their model is counted apart. "-" is no solution.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import time
from pathlib import Path

import numpy as np  # noqa: TID253 - a program of its own, never part of the server

from asking import amount, whole
from plantbeat.engine.schedule import Moves, check, formats, solve
from plantbeat.engine.schedule.construct import list_schedule
from plantbeat.engine.schedule.rows import Rule, shop_of
from plantbeat.engine.schedule.solver import available_cores

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"


def generator_in(folder):
    path = folder / "scheduling" / "plant_generator.py"
    if not path.is_file():
        raise SystemExit(f"{path} is missing; name the folder of reference data with --data")
    spec = importlib.util.spec_from_file_location("plant_generator", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def timed(work):
    begun = time.perf_counter()
    return work(), time.perf_counter() - begun


def earliest_due_date(problem):
    """List schedule that always takes the waiting operation whose order is due first, set-ups ignored."""
    owner = problem.order_of[np.repeat(np.arange(problem.operations), np.diff(problem.mode_ptr))]
    first_due = -problem.due[owner].astype(float) - problem.mode_min * 1e-6
    never_early = np.full(problem.operations, -(1 << 50))
    rule = Rule(first_due, never_early, problem.setup_min * 0.0, np.zeros(2))
    return list_schedule(problem, shop_of(problem), rule, problem.objective, compiled=True).result


def cp_sat(plant, seconds, workers):
    """Plain CP-SAT: an optional interval per mode and a circuit with set-ups per machine."""
    from ortools.sat.python import cp_model

    begun = time.perf_counter()
    model, n, far = cp_model.CpModel(), plant["n"], int(plant["due"].max() + plant["ed"].sum())
    start = [model.new_int_var(0, far, "") for _ in range(n)]
    end = [model.new_int_var(0, far, "") for _ in range(n)]
    chosen = {}
    for o in range(n):
        for k in range(plant["ep"][o], plant["ep"][o + 1]):
            chosen[o, int(plant["em"][k])] = here = model.new_bool_var("")
            model.add(end[o] == start[o] + int(plant["ed"][k])).only_enforce_if(here)
        model.add_exactly_one(here for (other, _m), here in chosen.items() if other == o)
        if plant["job"][o] != plant["job"][o - 1] or o == 0:
            model.add(start[o] >= int(plant["rel"][plant["job"][o]]))
        else:
            model.add(start[o] >= end[o - 1])
    for m in range(plant["M"]):
        mine = [o for o, machine in chosen if machine == m]
        setups, arcs = plant["S"][plant["wc_of"][m]], [(0, 0, model.new_bool_var(""))]
        for i, o in enumerate(mine, 1):
            arcs += [(i, i, ~chosen[o, m]), (0, i, model.new_bool_var("")), (i, 0, model.new_bool_var(""))]
            for j, other in enumerate(mine, 1):
                if i != j:
                    follows = model.new_bool_var("")
                    arcs.append((i, j, follows))
                    minutes = int(setups[plant["fam"][o], plant["fam"][other]])
                    model.add(start[other] >= end[o] + minutes).only_enforce_if(follows)
        model.add_circuit(arcs)
    last, cost = model.new_int_var(0, far, ""), []
    for j in range(plant["J"]):
        done = end[plant["jp"][j + 1] - 1]
        late = model.new_int_var(0, far, "")
        model.add(late >= done - int(plant["due"][j]))
        model.add(last >= done)
        cost.append(int(plant["wgt"][j]) * late)
    model.minimize(sum(cost) + last)
    built = time.perf_counter() - begun
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, workers
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None, built
    machine = np.array(
        [next(m for (other, m), v in chosen.items() if other == o and solver.value(v)) for o in range(n)]
    )
    return (machine, np.array([solver.value(s) for s in start])), built


def py_job_shop(plant, seconds, workers):
    """PyJobShop with its OR-Tools solver; set-ups go in per machine and pair of tasks."""
    from pyjobshop import Model

    begun, model = time.perf_counter(), Model()
    machines = [model.add_machine() for _ in range(plant["M"])]
    jobs = [
        model.add_job(int(plant["wgt"][j]), int(plant["rel"][j]), due_date=int(plant["due"][j]))
        for j in range(plant["J"])
    ]
    tasks = [model.add_task(jobs[j]) for j in plant["job"]]
    on = [[] for _ in machines]
    for o, task in enumerate(tasks):
        for k in range(plant["ep"][o], plant["ep"][o + 1]):
            model.add_mode(task, machines[plant["em"][k]], int(plant["ed"][k]))
            on[plant["em"][k]].append(o)
        if o and plant["job"][o] == plant["job"][o - 1]:
            model.add_end_before_start(tasks[o - 1], task)
    for m, mine in enumerate(on):
        setups = plant["S"][plant["wc_of"][m]]
        for a in mine:
            for b in mine:
                if minutes := int(setups[plant["fam"][a], plant["fam"][b]]):
                    model.add_setup_time(machines[m], tasks[a], tasks[b], minutes)
    model.set_objective(weight_total_tardiness=1, weight_makespan=1)
    built = time.perf_counter() - begun
    found = model.solve(time_limit=seconds, display=False, num_workers=workers).best
    if not found.tasks:
        return None, built
    resources = [model.data().modes[task.mode].resources[0] for task in found.tasks]
    return (np.array(resources), np.array([task.start for task in found.tasks])), built


def warm_up(generator):
    problem = formats.plant_generator(generator.plant(500, 7))
    _schedule, seconds = timed(lambda: solve(problem, budget=Moves(10)))
    print(f"kernels compiled or loaded in {seconds:.1f} s; {available_cores()} cores\n")


def report(generator, size, options):
    plant = generator.plant(size, options.seed)
    problem = formats.plant_generator(plant)

    def value(machine, start):
        return int(generator.check(plant, np.asarray(machine), np.asarray(start))[0])

    edd, edd_s = timed(lambda: earliest_due_date(problem))
    rules, rules_s = timed(lambda: solve(problem, budget=Moves(0), workers=options.workers))
    ours, ours_s = timed(
        lambda: solve(problem, budget=options.seconds, workers=options.workers, seed=options.seed)
    )
    if violations := check(problem, ours):
        raise SystemExit(f"our own schedule is not valid: {violations[0]}")
    worst, best_rule, best = (value(s.machine, s.start) for s in (edd, rules, ours))
    print(
        f"{size:>7} {plant['M']:>4} | {worst:>11,} {edd_s:>7.3f} | {best_rule:>10,} {rules.first_s:>7.3f} "
        f"{rules_s:>6.2f} | {best:>10,} {ours_s:>6.1f} {1 - best / best_rule:>7.1%} {1 - best / worst:>7.1%} "
        f"{ours.bound:>8,} {ours.moves / max(ours_s, 1e-9):>10,.0f}",
        flush=True,
    )
    if size in options.peers:
        for name, peer in (("CP-SAT, circuits", cp_sat), ("PyJobShop", py_job_shop)):
            report_peer(name, peer, plant, value, options)


def report_peer(name, peer, plant, value, options):
    cores = options.workers or available_cores()
    try:
        (found, built), seconds = timed(lambda: peer(plant, options.peer_seconds, cores))
    except ModuleNotFoundError as missing:
        print(f"        {name}: not installed ({missing.name})")
        return
    said = f"{value(*found):,}" if found else "-"
    print(f"        {name}: {said} (model built in {built:.1f} s, {seconds:.1f} s in all)", flush=True)


def sizes(text):
    return [whole(10, 100_000)(size) for size in text.split(",") if size]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=sizes, default=[500, 2_000, 10_000], help="operations, with commas")
    parser.add_argument("--seconds", type=amount(0.1, 3_600), default=10.0)
    parser.add_argument("--seed", type=whole(0, 2**31), default=1)
    parser.add_argument("--workers", type=whole(1, 256), default=None)
    parser.add_argument("--peers", type=sizes, default=[500], help="sizes at which peers run; empty: none")
    parser.add_argument("--peer-seconds", type=amount(0.1, 3_600), default=30.0)
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("PLANTBEAT_REFERENCE_DATA", DEFAULT_DATA))
    )
    options = parser.parse_args()
    generator = generator_in(options.data)
    warm_up(generator)
    print("              earliest due date |    best of 30 ATCS rules | ours")
    print(
        "    ops  mach |   objective       s |  objective first s  all s |  objective      s  <rules"
        "    <EDD    bound    moves/s"
    )
    for size in options.sizes:
        report(generator, size, options)


if __name__ == "__main__":
    main()
