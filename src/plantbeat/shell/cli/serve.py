"""`plantbeat serve`: a real installation, over HTTPS on the plant's network."""

from __future__ import annotations

import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from plantbeat.shell.cli import database_fault, django_ready, require_server
from plantbeat.shell.supervisor import Child, PortError, Restart, Supervisor, require_free_port

ROLES = ["all", "pages", "ingest", "live", "worker"]


@dataclass(frozen=True, slots=True)
class Door:
    """Where an installation answers and with which certificate."""

    host: str
    port: int
    certificate: Path | None
    key: Path | None

    @property
    def address(self) -> str:
        """What people type into the browser."""
        scheme = "https" if self.certificate else "http"
        name = os.environ["PLANTBEAT_ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
        return f"{scheme}://{name}:{self.port}"


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True, help="Address to listen on.")  # noqa: S104
@click.option("--port", type=click.IntRange(1, 65535), default=8443, show_default=True)
@click.option(
    "--certificate", type=click.Path(path_type=Path, dir_okay=False), help="PEM file of the plant's own IT."
)
@click.option("--key", type=click.Path(path_type=Path, dir_okay=False), help="Its private key.")
@click.option(
    "--no-https", is_flag=True, help="Behind a proxy that speaks HTTPS. Tablets offline need HTTPS."
)
@click.option(
    "--role", type=click.Choice(ROLES), default="all", show_default=True, help="Part of a split installation."
)
def serve(
    host: str, port: int, certificate: Path | None, key: Path | None, no_https: bool, role: str
) -> None:
    """Run a real installation: pages, API, live boards, ingest and workers."""
    require_server()
    _require_settings()
    if key and not certificate:
        raise click.UsageError("--key belongs to a certificate; name it with --certificate")
    os.environ["PLANTBEAT_HTTPS"] = (
        "0" if no_https and os.environ.get("PLANTBEAT_TRUST_PROXY") is None else "1"
    )
    django_ready()
    try:
        if role != "worker":
            require_free_port(host, port)
    except PortError as problem:
        raise click.UsageError(str(problem)) from problem
    _ready_database()
    try:
        door = _door(host, port, certificate, key, no_https)
    except ValueError as problem:
        raise click.UsageError(str(problem)) from problem
    _greet(door, role)
    sys.exit(Supervisor(_children(door, role)).run())


def _require_settings() -> None:
    if not os.environ.get("PLANTBEAT_SECRET_KEY"):
        raise click.UsageError(
            "PLANTBEAT_SECRET_KEY is not set. Make one with: "
            'python3 -c "import secrets; print(secrets.token_urlsafe(48))" and keep it in the environment.'
        )
    if not os.environ.get("PLANTBEAT_ALLOWED_HOSTS"):
        raise click.UsageError(
            "PLANTBEAT_ALLOWED_HOSTS is not set. Name the hosts people use in the browser, by comma, as in "
            f"PLANTBEAT_ALLOWED_HOSTS={socket.gethostname()},plantbeat.example.com"
        )


def _ready_database() -> None:
    from django.db import DatabaseError

    from plantbeat.shell.installation import is_fresh, make_folders, migrate, pending_migrations

    make_folders()
    try:
        if is_fresh():
            migrate()
        elif pending := pending_migrations():
            raise click.ClickException(
                f"The database is {len(pending)} steps behind this version (next: {pending[0]}). "
                "Run: plantbeat upgrade (it backs up first)."
            )
    except DatabaseError as error:
        raise click.ClickException(database_fault(error)) from error


def _door(host: str, port: int, certificate: Path | None, key: Path | None, no_https: bool) -> Door:
    from django.conf import settings

    from plantbeat.kernel import clock
    from plantbeat.shell.certificate_names import CertificateError
    from plantbeat.shell.certificates import given_certificate, own_certificate

    if no_https:
        return Door(host, port, None, None)
    names = [name.lstrip(".") for name in settings.ALLOWED_HOSTS if name != "*"]
    try:
        if certificate is not None:
            made = given_certificate(certificate, key or certificate, names, now=clock.now())
        else:
            made = own_certificate(settings.DATA / "certificates", names, now=clock.now())
    except CertificateError as error:
        raise ValueError(str(error)) from error
    return Door(host, port, made.certificate, made.key)


def _greet(door: Door, role: str) -> None:
    from django.conf import settings

    from plantbeat.shell.first_administrator import link_path
    from plantbeat.shell.installation import has_administrator

    click.echo(f"Plantbeat at {door.address}" if role != "worker" else "Plantbeat workers")
    if role in ("all", "pages") and not has_administrator():
        click.echo("There is no administrator yet. Make the first one here, once, within a day:")
        click.echo(f"  {door.address}{link_path()}")
    if door.certificate and door.certificate.is_relative_to(settings.DATA):
        click.echo(f"Tablets learn to trust this plant's own certificate at {door.address}/trust/")
    click.echo("Stop with Ctrl-C.")


def _children(door: Door, role: str) -> list[Child]:
    command = [sys.executable, "-m", "plantbeat.shell.cli", "process"]
    again = Restart()
    children: list[Child] = []
    if role != "worker":
        web = [*command, "web", "--host", door.host, "--port", str(door.port), "--role", role]
        if door.certificate:
            web += ["--certificate", str(door.certificate), "--key", str(door.key)]
        children.append(Child("web", web, restart=again))
    if role in ("all", "worker"):
        children += [Child(name, [*command, "worker", name], restart=again) for name in ("now", "heavy")]
    return children
