"""A plan out of an orders workbook, and the workbook to fill in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from plantbeat.kernel import clock
from plantbeat.shell.cli.schedule_files import WrongInput, file_to_write
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


def _workbook_to_write(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    if value is None:
        return None
    if value.suffix.casefold() != ".xlsx":
        raise click.BadParameter(f"{value} must end in .xlsx.", ctx, param)
    return file_to_write(ctx, param, value)


def solve_workbook(
    workbook: Path, out: Path | None, *, seconds: float, seed: int, workers: int | None, as_json: bool
) -> None:
    """Schedule the orders of a workbook, write the plan to another one, and say what came out of it."""
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


@click.command()
@click.argument("workbook", type=click.Path(path_type=Path), callback=_workbook_to_write)
@click.option("--example", is_flag=True, help="Fill it with a small plant that can be scheduled.")
def template(workbook: Path, example: bool) -> None:
    """Write an orders WORKBOOK to fill in, with instructions and drop-downs."""
    if workbook.exists():
        raise WrongInput(f"{workbook} exists already; name a file that does not")
    _write(lambda: write_template(workbook, example_rows() if example else None), workbook)
    click.echo(f"Written to {workbook}.")
