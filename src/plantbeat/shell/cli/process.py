"""The processes that `serve` and `demo` start; not for people."""

from __future__ import annotations

from pathlib import Path

import click

from plantbeat.shell.cli import django_ready


@click.group(hidden=True)
def process() -> None:
    """Parts of a running installation."""


@process.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, default=8000)
@click.option("--certificate", type=click.Path(path_type=Path))
@click.option("--key", type=click.Path(path_type=Path))
@click.option("--role", default="all")
def web(host: str, port: int, certificate: Path | None, key: Path | None, role: str) -> None:
    """Pages, API, live boards and ingest."""
    django_ready()
    from plantbeat.shell.serving import serve

    serve(host, port, certificate=certificate, key=key, role=role)


@process.command()
@click.argument("queue", type=click.Choice(["now", "heavy"]))
def worker(queue: str) -> None:
    """Background work of one queue."""
    django_ready()
    from plantbeat.shell.worker import run

    run(queue)
