"""`plantbeat schedule check`: a plan file, judged against its problem."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from plantbeat.shell.cli.schedule_files import (
    format_of,
    format_option,
    read_problem,
    read_text,
    refuse,
    say_left_out,
)

if TYPE_CHECKING:
    from plantbeat.engine.schedule.formats import Judgement


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("plan", type=click.Path(path_type=Path))
@format_option
@click.option("--all", "every", is_flag=True, help="Name every violation, not only the first.")
@click.option("--json", "as_json", is_flag=True, help="Print the judgement as JSON.")
@click.pass_context
def check(ctx: click.Context, file: Path, plan: Path, kind: str | None, every: bool, as_json: bool) -> None:
    """Judge PLAN, a plan file of `plantbeat schedule solve --out`, against the problem in FILE.

    The checker shares no arithmetic with the engine. Exit code 0: the plan is valid and says the truth about
    itself; 1: it is not, and the first violation is named; 2: a file cannot be read.
    """
    from plantbeat.engine.schedule import formats

    kind = format_of(file, kind)
    try:
        said = formats.read_plan(read_text(plan), str(plan))
    except formats.FormatError as error:
        refuse(error)
    problem, left_out = read_problem(file, kind, leave_out=bool(said.left_out))
    judgement = formats.judge(problem, said, left_out)
    say_left_out(left_out)
    click.echo(json.dumps(_as_json(judgement), ensure_ascii=False) if as_json else _as_text(judgement, every))
    ctx.exit(0 if judgement.violations.ok else 1)


def _as_json(judgement: Judgement) -> dict[str, Any]:
    return {
        "valid": judgement.violations.ok,
        "objective": judgement.objective,
        "violations": [vars(violation) for violation in judgement.violations],
    }


def _as_text(judgement: Judgement, every: bool) -> str:
    violations = judgement.violations
    if violations.ok:
        return f"valid: objective {judgement.objective}"
    shown = violations if every else violations[:1]
    lines = [f"not valid: {violation}" for violation in shown]
    if len(violations) > len(shown):
        lines.append(f"and {len(violations) - len(shown)} more; --all names them")
    return "\n".join(lines)
