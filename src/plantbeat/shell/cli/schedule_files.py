"""Problem and plan files of `plantbeat schedule`: which format, read, written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from plantbeat.engine.schedule import Fault, Problem
    from plantbeat.engine.schedule.formats import FormatError

FORMAT_NAMES = ("jsp", "jsp-reentrant", "fjsp", "hfsp", "sdst-pfsp", "tt-pfsp", "plantbeat-json")
"""Names of the engine's formats, written out so that --help need not load the engine; a test compares."""


class WrongInput(click.ClickException):
    """The input cannot be used; the message names the place and what is allowed."""

    exit_code = 2


def format_option(command: Callable[..., None]) -> Callable[..., None]:
    """`--format`, with the formats that are allowed."""
    return click.option(
        "--format",
        "kind",
        type=click.Choice(FORMAT_NAMES),
        help="Format of FILE; may be left out for plantbeat-json in a file that ends in .json.",
    )(command)


def format_of(file: Path, kind: str | None, others: str = "") -> str:
    """The format given, or that of a .json file."""
    if kind is not None:
        return kind
    if file.suffix.casefold() == ".json":
        return "plantbeat-json"
    allowed = ", ".join(FORMAT_NAMES)
    raise WrongInput(f"{file}: the format is not known; give it with --format, allowed are {allowed}{others}")


def read_text(file: Path) -> str:
    """A file as UTF-8 text; whatever is wrong with the file itself is one sentence."""
    try:
        content = file.read_bytes()
    except IsADirectoryError:
        raise WrongInput(f"{file} is a folder; allowed is a file") from None
    except OSError as fault:
        raise WrongInput(f"{file} cannot be read ({fault.strerror or fault})") from None
    if not content.strip():
        raise WrongInput(f"{file} is empty")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise WrongInput(f"{file} is not text; allowed is a text file in UTF-8") from None


def read_problem(file: Path, kind: str, *, leave_out: bool) -> tuple[Problem, list[Fault]]:
    """The problem in a file, and the faults of the orders that were left out."""
    from plantbeat.engine.schedule import formats

    text = read_text(file)
    try:
        if leave_out and kind == formats.OWN_FORMAT:
            return formats.from_json_leaving_out(text, str(file))
        return formats.read(text, kind, str(file)), []
    except formats.FormatError as error:
        refuse(error)


def refuse(error: FormatError) -> NoReturn:
    """End with all that is wrong in a file, one sentence per line."""
    raise WrongInput("\n".join(f"{error.file}: {said}" for said in error.faults))


def say_left_out(faults: Sequence[Fault]) -> None:
    """List on standard error what was left out and why."""
    for fault in faults:
        click.echo(f"order {fault.order} is not scheduled, because {fault.message}", err=True)


def file_to_write(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path | None:
    """Callback of `--out`: a file that can be written, before time is spent on what goes into it."""
    if value is None:
        return None
    if value.is_dir():
        raise click.BadParameter(f"{value} is a folder.", ctx, param)
    if not value.parent.is_dir():
        raise click.BadParameter(f"the folder {value.parent} does not exist.", ctx, param)
    if value.exists() and not value.is_file():
        raise click.BadParameter(f"{value} is not a regular file.", ctx, param)
    return value


def write_whole(file: Path, text: str) -> None:
    """Write a file so that it is there as a whole or stays as it was; a link is followed."""
    target = file.resolve()
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise WrongInput(f"{file} cannot be written ({error.strerror or error})") from error
