"""`plantbeat schedule solve`: an orders workbook or a problem file in, a plan out."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from plantbeat.shell.cli.schedule_files import (
    WrongInput,
    file_to_write,
    format_of,
    format_option,
    read_problem,
    say_left_out,
    write_whole,
)

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Problem, Schedule

WORKBOOK = ".xlsx"
MOST_MOVES = 10**15
MOST_SEED = 2**63 - 1
STOPPED = 130
"""Exit code of a command that was interrupted (128 + SIGINT)."""


def _seconds(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise click.BadParameter(f"{value} is not allowed; give seconds from 0.", ctx, param)
    return value


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@format_option
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=file_to_write,
    help="Where the plan goes: a workbook (.xlsx) for a workbook, else a plan file (JSON).",
)
@click.option(
    "--seconds",
    type=float,
    default=10.0,
    show_default=True,
    callback=_seconds,
    help="Time to improve the plan; 0 gives the first good one at once.",
)
@click.option(
    "--moves",
    type=click.IntRange(0, MOST_MOVES),
    default=None,
    help="Moves to try instead of --seconds; the same moves and seed give the same plan.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, MOST_SEED),
    default=0,
    show_default=True,
    help="Start of the random search.",
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Searches at once (all cores).")
@click.option(
    "--leave-out", is_flag=True, help="plantbeat-json: leave out orders with faults, solve the rest."
)
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
@click.pass_context
def solve(ctx: click.Context, /, file: Path, out: Path | None, **options: Any) -> None:
    """Schedule FILE: an orders workbook (see `plantbeat schedule template`) or a problem in a text format.

    A problem file gives, with --json, one line: objective, bound, gap, first_s, status, moves. In a workbook,
    orders with a fault are left out and listed with sheet, row and column. Exit code 2: nothing can be
    scheduled; nothing is written then.
    """
    wanted = Wanted(**options)
    workbook = wanted.kind is None and file.suffix.casefold() == WORKBOOK
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        what = "workbook" if workbook else "file"
        raise WrongInput(f"{out} is the {what} that is read; name another file for the plan")
    if wanted.moves is not None and ctx.get_parameter_source("seconds") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--moves and --seconds are both given; allowed is one of them.", ctx)
    if workbook:
        _solve_workbook(ctx, file, out, wanted)
    else:
        _solve_problem(file, out, wanted)


@dataclass(frozen=True)
class Wanted:
    """The options of `solve`."""

    kind: str | None
    seconds: float
    moves: int | None
    seed: int
    workers: int | None
    leave_out: bool
    as_json: bool


def _solve_workbook(ctx: click.Context, file: Path, out: Path | None, wanted: Wanted) -> None:
    for given, name in ((wanted.moves is not None, "--moves"), (wanted.leave_out, "--leave-out")):
        if given:
            raise click.UsageError(f"{name} is for problem files; a workbook does not take it.", ctx)
    if out is not None and out.suffix.casefold() != WORKBOOK:
        raise click.UsageError(f"--out: {out} must end in {WORKBOOK}.", ctx)
    from plantbeat.shell.cli.schedule_workbook import solve_workbook

    solve_workbook(
        file,
        out,
        seconds=wanted.seconds,
        seed=wanted.seed,
        workers=wanted.workers,
        as_json=wanted.as_json,
    )


def _solve_problem(file: Path, out: Path | None, wanted: Wanted) -> None:
    kind = format_of(file, wanted.kind, ", or a workbook (.xlsx)")
    if wanted.leave_out and kind != "plantbeat-json":
        raise WrongInput(f"--leave-out is not for {kind}; it is for plantbeat-json")
    from plantbeat.engine.schedule import formats

    problem, left_out = read_problem(file, kind, leave_out=wanted.leave_out)
    schedule = _solved(file, problem, wanted)
    if out is not None:
        write_whole(out, formats.plan_json(problem, schedule, left_out))
    say_left_out(left_out)
    if wanted.as_json:
        click.echo(json.dumps(_summary(schedule)))
        return
    for name, value in _table(problem, schedule):
        click.echo(f"{name:<12}{value}")
    if out is not None:
        click.echo(f"Written to {out}.")


def _solved(file: Path, problem: Problem, wanted: Wanted) -> Schedule:
    """The schedule, accepted by the independent checker; a missed deadline is a result all the same."""
    from plantbeat.engine.schedule import HorizonTooShortError, Moves, NoMethodError, check
    from plantbeat.engine.schedule import solve as solve_problem

    budget = wanted.seconds if wanted.moves is None else Moves(wanted.moves)
    try:
        with _interruptible(), _progress(wanted):
            found = solve_problem(problem, budget=budget, seed=wanted.seed, workers=wanted.workers)
    except (HorizonTooShortError, NoMethodError) as error:
        raise WrongInput(f"{file}: {error}") from error
    broken = [one for one in check(problem, found) if one.kind != "deadline"]
    if broken:
        said = f"the schedule that was found is not valid: {broken[0]}; this is a fault of the product"
        raise click.ClickException(said)
    return found


def _summary(schedule: Schedule) -> dict[str, Any]:
    return {
        "objective": schedule.objective,
        "bound": schedule.bound,
        "gap": round(schedule.gap, 6),
        "first_s": round(schedule.first_s, 6),
        "status": schedule.status,
        "moves": schedule.moves,
    }


def _table(problem: Problem, schedule: Schedule) -> Iterator[tuple[str, str]]:
    """The result for people."""
    counts = {"order": problem.orders, "operation": problem.operations, "machine": problem.machines}
    yield "problem", ", ".join(f"{n:,} {what}{'' if n == 1 else 's'}" for what, n in counts.items())
    yield "objective", f"{schedule.objective:,}"
    yield "bound", f"{schedule.bound:,} (no plan is below it)"
    yield "gap", f"{100 * schedule.gap:.2f} % of the objective"
    yield "status", schedule.status
    yield "makespan", f"{schedule.terms.makespan:,} min"
    if schedule.weights.weighted_tardiness:
        yield "late orders", f"{len(schedule.late_orders):,} of {problem.orders:,}"
    if problem.setup_min.any():
        yield "set-ups", f"{schedule.terms.setup_minutes:,} min"
    yield "moves", f"{schedule.moves:,} tried"


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends at once: the threads of a search would go on to the end of its budget."""

    def stop(*_: object) -> NoReturn:
        click.echo("\nStopped; nothing was written.", err=True)
        os._exit(STOPPED)

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(wanted: Wanted) -> Iterator[None]:
    """Seconds that have gone by, once a second, where standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    done, begun = threading.Event(), perf_counter()
    limit = f" of {wanted.seconds:g} s" if wanted.moves is None else ""

    def tell() -> None:
        while not done.wait(1.0):
            click.echo(f"\rsolving, {perf_counter() - begun:.0f} s{limit} ", nl=False, err=True)

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()
        click.echo("\r" + 40 * " " + "\r", nl=False, err=True)
