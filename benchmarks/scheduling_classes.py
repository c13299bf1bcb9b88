"""Published classes of scheduling problems: the mean gap to the best known value, by size.

.venv/bin/python benchmarks/scheduling_classes.py --class jsp|fjsp|hfsp|sdst-pfsp|tt-pfsp [--seconds 60]
[--sample N] [--seed 0] [--workers N] [--data FOLDER]

The instances and `best_known.csv` come from the folder of reference data (--data, or
PLANTBEAT_REFERENCE_DATA). Every schedule has passed the checker. A gap is (objective - best known) / best
known; where the best known value is 0 it is counted whether 0 was reached. "CP-SAT" and "CP Optimizer" are
the gaps of the values published with the instances (900 s on 8 cores), over the instances that have one;
"bound" is the mean distance of our lower bound to the best known value. "CPU s" says what of the wall
seconds the search really got. --sample takes N instances of each size, evenly spread.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from pathlib import Path
from statistics import fmean

from asking import amount, whole
from plantbeat.engine.schedule import Moves, check, formats, solve

DEFAULT_DATA = Path(__file__).parents[2] / "shared" / "data"
CLASSES = ("jsp", "fjsp", "hfsp", "sdst-pfsp", "tt-pfsp")


def published(folder, wanted):
    """Rows of the class in best_known.csv, by size."""
    path = folder / "best_known.csv"
    if not path.is_file():
        raise SystemExit(f"{path} is missing; name the folder of reference data with --data")
    sizes = {}
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if row["class"] == wanted.replace("-", "_"):
                sizes.setdefault(row["size"], []).append(row)
    return sizes


def gap(value, best):
    return 100 * (float(value) / best - 1)


def mean(values):
    return f"{fmean(values):7.2f}" if values else "      -"


def instance(folder, row, kind):
    """The problem of a row, by the reader of its format."""
    return formats.read((folder / row["file"]).read_text(encoding="utf-8"), kind, row["file"])


def solved(folder, row, options):
    """Our objective, bound and CPU seconds for one instance."""
    problem = instance(folder, row, options.wanted)
    begun = time.process_time()
    found = solve(problem, budget=options.seconds, seed=options.seed, workers=options.workers)
    cpu = time.process_time() - begun
    if violations := check(problem, found):
        raise SystemExit(f"{row['instance']}: our own schedule is not valid: {violations[0]}")
    return found.objective, found.bound, cpu


def report(size, rows, folder, options):
    """One line of the table; returns our gaps, and how many zeros there are and were reached."""
    ours, bounds, cpus, zeros, reached = [], [], [], 0, 0
    for row in rows:
        best = int(row["upper_bound"])
        value, bound, cpu = solved(folder, row, options)
        cpus.append(cpu)
        if best:
            ours.append(gap(value, best))
            bounds.append(gap(bound, best))
        else:
            zeros, reached = zeros + 1, reached + (value == 0)
    peers = [
        mean([gap(r[name], int(r["upper_bound"])) for r in rows if r[name] and int(r["upper_bound"])])
        for name in ("cpsat_900s_8c", "cpo_900s_8c")
    ]
    print(
        f"{size:<24} {len(rows):>4} {mean(ours)} {max(ours, default=0):7.2f} {f'{reached}/{zeros}':>7} "
        f"{peers[0]} {peers[1]:>12} {mean(bounds)} {fmean(cpus):6.1f}",
        flush=True,
    )
    return ours, zeros, reached


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--class", dest="wanted", choices=CLASSES, required=True)
    parser.add_argument("--seconds", type=amount(0.1, 3_600), default=60.0)
    parser.add_argument("--sample", type=whole(1, 10_000), default=None, help="instances of each size")
    parser.add_argument("--seed", type=whole(0, 2**31), default=0)
    parser.add_argument("--workers", type=whole(1, 256), default=None)
    parser.add_argument(
        "--data", type=Path, default=Path(os.environ.get("PLANTBEAT_REFERENCE_DATA", DEFAULT_DATA))
    )
    options = parser.parse_args()
    folder = options.data / "scheduling"
    sizes = published(folder, options.wanted)
    first = next(iter(sizes.values()))[0]
    solve(
        instance(folder, first, options.wanted), budget=Moves(200)
    )  # compiles, or loads, the kernels before the clock starts
    print(
        f"{'size':<24} {'n':>4} {'gap %':>7} {'worst':>7} {'zeros':>7} {'CP-SAT':>7} {'CP Optimizer':>12} "
        f"{'bound':>7} {'CPU s':>6}"
    )
    everything, all_zeros, all_reached = [], 0, 0
    for size, rows in sizes.items():
        count = min(options.sample or len(rows), len(rows))
        chosen = [rows[i * len(rows) // count] for i in range(count)]
        ours, zeros, reached = report(size, chosen, folder, options)
        everything += ours
        all_zeros, all_reached = all_zeros + zeros, all_reached + reached
    print(f"\nmean gap {mean(everything).strip()} % over {len(everything)}; zeros {all_reached}/{all_zeros}")


if __name__ == "__main__":
    main()
