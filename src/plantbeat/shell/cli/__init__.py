"""The command line. Each command's module is loaded only when the command is called."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

import plantbeat

ROOT = "plantbeat.shell.cli"
DATABASE_FAULTS = {"django.db.utils.Error", "sqlite3.Error"}


class Lazy(click.Group):
    """A group whose commands are addresses and one line of help until they are called.

    `lazy` maps a command's name to (`module:attribute`, help); without help the command is not listed.
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lazy = dict(lazy)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return sorted({*super().list_commands(ctx), *self.lazy})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of a name, loaded now."""
        if name not in self.lazy:
            return super().get_command(ctx, name)
        module, _colon, attribute = self.lazy[name][0].partition(":")
        try:
            command: click.Command = getattr(import_module(f"{ROOT}.{module}"), attribute)
        except ModuleNotFoundError as missing:
            if (missing.name or "").startswith("plantbeat"):
                raise
            raise NeedsServer(missing.name or "a package") from missing
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands without loading one of them."""
        rows = [(name, words) for name, (_address, words) in sorted(self.lazy.items()) if words]
        rows += [(name, one.get_short_help_str()) for name, one in self.commands.items()]
        if ctx.parent is None and os.environ.get("PLANTBEAT_DOOR"):
            rows += DOOR_COMMANDS
        if rows:
            with formatter.section("Commands"):
                formatter.write_dl(sorted(rows))


DOOR_COMMANDS = [
    ("test", "Run the tests of this checkout."),
    ("check", "Run the checks of this checkout."),
    ("coverage", "List the requirements that passing tests show."),
]


class NeedsServer(click.ClickException):
    """A server command was called on the base install."""

    exit_code = 2

    def __init__(self, package: str) -> None:
        super().__init__(
            f"this command needs the server parts ({package} is not installed); "
            "install them with: pip install 'plantbeat[server]'"
        )


def require_server() -> None:
    """On the base install say which extra is missing."""
    try:
        import_module("django")
    except ModuleNotFoundError as missing:
        raise NeedsServer("django") from missing


def django_ready() -> None:
    """Load the server side; on the base install say which extra is missing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "plantbeat.shell.settings")
    require_server()
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except ModuleNotFoundError as missing:
        if (missing.name or "").startswith("plantbeat"):
            raise
        raise NeedsServer(missing.name or "a package") from missing
    except (ImproperlyConfigured, ValueError) as error:
        raise click.ClickException(str(error)) from error


@click.group(
    cls=Lazy,
    lazy={
        "import": ("facts_import:import_facts", "Bring an event file or a list of operations into a site."),
        "summarize": ("facts_summarize:summarize", "Hours by state and counter advances of an event file."),
    },
)
def facts() -> None:
    """Machine event files."""


@click.group(
    cls=Lazy,
    lazy={
        "backup": ("upkeep:backup", "Back the installation up into one file."),
        "demo": ("demo:demo", "Run the demo plant on this machine."),
        "doctor": ("upkeep:doctor", "Examine the installation."),
        "export": ("workbook:export", "Write a site's whole plant as one workbook."),
        "import": ("workbook:import_", "Load a plant workbook, with a preview."),
        "process": ("process:process", ""),
        "restore": ("upkeep:restore", "Put a backup back."),
        "schedule": ("schedule:schedule", "Finite-capacity schedules from workbooks."),
        "shift-pack": ("shift_pack:shift_pack", "Print what a line needs to work a shift on paper."),
        "serve": ("serve:serve", "Run a real installation."),
        "support-bundle": ("upkeep:support_bundle", "A bundle for whoever helps, without secrets."),
        "template": ("workbook:template", "Write an empty plant workbook with instructions."),
        "token": ("token:token", "Tokens for sources of facts and for programs."),
        "upgrade": ("upkeep:upgrade", "Bring the database to this version: backup, migrate, verify."),
        "verify-log": ("verify_log:verify_log", "Prove that nothing recorded was altered."),
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(plantbeat.__version__, prog_name="plantbeat")
def plantbeat_command() -> None:
    """Plantbeat: the operating system of an industrial production manager."""


plantbeat_command.add_command(facts)


def main() -> None:
    """Entry point: what is wrong outside of the program ends in one sentence, never in a stack trace."""
    try:
        plantbeat_command(prog_name="plantbeat")
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except Exception as error:
        sentence = outside_fault(error)
        if sentence is None:
            raise
        click.echo(f"Error: {sentence}", err=True)
        sys.exit(1)


def outside_fault(error: Exception) -> str | None:
    """One sentence for a database or a file that cannot be used; None for a fault of the program."""
    if any(f"{kind.__module__}.{kind.__name__}" in DATABASE_FAULTS for kind in type(error).__mro__):
        return database_fault(error)
    if isinstance(error, OSError) and error.strerror:
        named = error.filename2 or error.filename
        return f"{named}: {error.strerror}" if named else str(error.strerror)
    return None


def database_fault(error: Exception) -> str:
    """Which database cannot be used and why, without its password."""
    address = os.environ.get("PLANTBEAT_DATABASE_URL") or os.environ.get("PLANTBEAT_DATA", "")
    where = re.sub(r"//.*@", "//", address.partition("?")[0])
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return f"the database {f'at {where} ' if where else ''}cannot be used: {said}"
