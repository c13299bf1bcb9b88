"""`plantbeat schedule`: plans out of workbooks and problem files."""

from __future__ import annotations

import click

from plantbeat.shell.cli import Lazy


@click.group(
    cls=Lazy,
    lazy={
        "check": ("schedule_check:check", "Judge a plan file by the independent checker."),
        "solve": ("schedule_solve:solve", "Schedule an orders workbook or a problem file."),
        "template": ("schedule_workbook:template", "Write an orders workbook to fill in."),
    },
)
def schedule() -> None:
    """Finite schedules: which machine does what, when."""
