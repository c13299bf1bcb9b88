"""`plantbeat schedule`: a plan out of an orders workbook, and the workbook to fill in."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import click

from plantbeat.kernel import clock
from plantbeat.shell.workbooks.cells import CellFault
from plantbeat.shell.workbooks.orders_plan import (
    OrdersPlan,
    PlanNotValidError,
    not_scheduled_as_json,
    plan_orders,
)
from plantbeat.shell.workbooks.orders_problem import NoOrderLeftError
from plantbeat.shell.workbooks.orders_reading import read_orders_workbook
from plantbeat.shell.workbooks.orders_template import example_rows, write_template
from plantbeat.shell.workbooks.plan_writing import write_plan
from plantbeat.shell.workbooks.sheets_reading import WorkbookRefusedError

FAULTS_SHOWN = 20


class WrongInput(click.ClickException):
    """The input cannot be used; the message names the place and what is allowed."""

    exit_code = 2


@click.group()
def schedule() -> None:
    """Finite schedules: which machine does what, when."""


def _seconds(ctx: click.Context, param: click.Parameter, value: float) -> float:
    if not math.isfinite(value) or value < 0:
        raise click.BadParameter(f"{value} is not allowed; give seconds from 0.", ctx, param)
    return value


def _workbook_to_write(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is None:
        return None
    if value.suffix.casefold() != ".xlsx":
        raise click.BadParameter(f"{value} must end in .xlsx.", ctx, param)
    if value.is_dir():
        raise click.BadParameter(f"{value} is a folder.", ctx, param)
    if not value.parent.is_dir():
        raise click.BadParameter(f"the folder {value.parent} does not exist.", ctx, param)
    return value


@schedule.command()
@click.argument("workbook", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    callback=_workbook_to_write,
    help="Workbook to write the plan to (.xlsx).",
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
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Start of the random search."
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help="Searches at once (all cores).")
@click.option("--json", "as_json", is_flag=True, help="Print a summary as JSON.")
def solve(
    workbook: Path, out: Path | None, seconds: float, seed: int, workers: int | None, as_json: bool
) -> None:
    """Schedule the orders of an orders WORKBOOK (see `plantbeat schedule template`).

    Orders with a fault are left out and listed with sheet, row and column. Exit code 2: nothing can be
    scheduled; nothing is written then.
    """
    if out is not None and out.exists() and workbook.exists() and out.samefile(workbook):
        raise WrongInput(f"{out} is the workbook that is read; name another file for the plan")
    try:
        inputs, faults = read_orders_workbook(workbook)
        plan = plan_orders(inputs, faults, now=clock.now(), seconds=seconds, seed=seed, workers=workers)
    except NoOrderLeftError as refused:
        if as_json:
            click.echo(
                _json({"error": str(refused), "not_scheduled": not_scheduled_as_json(refused.not_scheduled)})
            )
        _list_not_scheduled(refused.not_scheduled)
        raise WrongInput(_named(workbook, refused)) from refused
    except WorkbookRefusedError as refused:
        raise WrongInput(_named(workbook, refused)) from refused
    except PlanNotValidError as broken:
        raise click.ClickException(str(broken)) from broken
    if out is not None:
        _write(lambda: write_plan(plan, out), out)
    if as_json:
        click.echo(_json(plan.as_json()))
    else:
        _say(plan, out)


def _named(workbook: Path, refused: WorkbookRefusedError) -> str:
    said = str(refused)
    return said if workbook.name in said else f"{workbook.name}: {said}"


def _write(write: Any, path: Path) -> None:
    try:
        write()
    except OSError as error:
        raise WrongInput(f"{path} cannot be written ({error.strerror or error})") from error


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _say(plan: OrdersPlan, out: Path | None) -> None:
    """The outcome in a few lines; what was left out goes to standard error."""
    summary, terms = plan.as_json(), plan.schedule.terms
    left_out = len(plan.made.not_scheduled)
    click.echo(f"Scheduled {summary['scheduled']} orders, {summary['late']} late; {left_out} not scheduled.")
    click.echo(
        f"Objective {summary['objective']} min (late x weight {terms.weighted_tardiness}, "
        f"length {terms.makespan}), set-ups {terms.setup_minutes} min; no plan is below {summary['bound']}."
    )
    click.echo(f"The plan starts at {plan.shown(0):%Y-%m-%d %H:%M} ({plan.made.zone.key}).")
    for remark in plan.made.remarks[:FAULTS_SHOWN]:
        click.echo(f"{remark.severity}: {remark}", err=True)
    _list_not_scheduled(plan.made.not_scheduled)
    if out is not None:
        click.echo(f"Written to {out}.")


def _list_not_scheduled(left_out: dict[str, list[CellFault]]) -> None:
    lines = [
        f"order {order} is not scheduled, because {fault}"
        for order, found in left_out.items()
        for fault in found
    ]
    for line in lines[:FAULTS_SHOWN]:
        click.echo(line, err=True)
    if len(lines) > FAULTS_SHOWN:
        click.echo(f"and {len(lines) - FAULTS_SHOWN} more; --json and the plan list all of them", err=True)


@schedule.command()
@click.argument("workbook", type=click.Path(path_type=Path), callback=_workbook_to_write)
@click.option("--example", is_flag=True, help="Fill it with a small plant that can be scheduled.")
def template(workbook: Path, example: bool) -> None:
    """Write an orders WORKBOOK to fill in, with instructions and drop-downs."""
    if workbook.exists():
        raise WrongInput(f"{workbook} exists already; name a file that does not")
    _write(lambda: write_template(workbook, example_rows() if example else None), workbook)
    click.echo(f"Written to {workbook}.")


if __name__ == "__main__":
    sys.exit(schedule())
