"""The reference page of the command line, read off the declarations of its commands."""

from __future__ import annotations

from collections.abc import Iterator

import click
from reference_words import first_paragraph, page, prose, table


def commands_page() -> str:
    """The command line, read off its declarations."""
    from plantbeat.shell.checks.catalogue import CHECKS, ON_REQUEST
    from plantbeat.shell.cli import DOOR_COMMANDS, plantbeat_command

    lines = [
        "# Commands",
        "",
        "In a checkout every command goes through the door, `./plantbeat` (Windows: `python plantbeat`).",
        "Installed from a package it is `plantbeat`.",
    ]
    context = click.Context(plantbeat_command, info_name="plantbeat")
    for path, command in _commands(plantbeat_command, context, "plantbeat"):
        lines += ["", f"## {path}", "", *_described(path, command)]
    lines += ["", "## Commands of the door", "", "These work in a checkout only.", ""]
    lines += table(
        ("Command", "What it does"), ((f"`./plantbeat {name}`", about) for name, about in DOOR_COMMANDS)
    )
    lines += ["", "The checks:", ""]
    checks = ((f"`{name}`", first_paragraph(check.__doc__)) for name, check in (CHECKS | ON_REQUEST).items())
    lines += table(("Name", "What it finds"), checks)
    return page(lines)


def _commands(group: click.Group, context: click.Context, path: str) -> Iterator[tuple[str, click.Command]]:
    for name in group.list_commands(context):
        command = _command_named(group, name, context)
        if command is None or command.hidden:
            continue
        if isinstance(command, click.Group):
            yield from _commands(command, context, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def _command_named(group: click.Group, name: str, context: click.Context) -> click.Command | None:
    """The command, None where the module that declares it does not exist."""
    try:
        return group.get_command(context, name)
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("plantbeat"):
            return None
        raise


def _described(path: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=path)
    usage = " ".join(command.collect_usage_pieces(context))
    yield from ("```text", f"{path} {usage}", "```", "", prose(command.help))
    options = [p for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if options:
        yield ""
        yield from table(("Option", "What it does"), (_option(option, context) for option in options))


def _option(option: click.Option, context: click.Context) -> tuple[str, str]:
    said = option.get_help_record(context)
    name, about = said if said else ("", "")
    return f"`{name}`", about
