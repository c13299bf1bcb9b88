"""`plantbeat demo`: a plant of its own on this machine, set up, filled and running after one command."""

from __future__ import annotations

import hashlib
import ipaddress
import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click

import plantbeat
from plantbeat.shell.cli import django_ready
from plantbeat.shell.demo.demo_folder import MARK, DemoFolder, FolderError, default_folder
from plantbeat.shell.demo.first_page import has_page
from plantbeat.shell.demo.plant_clock import ahead_of_machine, clock_kept, clock_setting
from plantbeat.shell.demo.progress import read_progress
from plantbeat.shell.demo.sign_in_list import read_badges, read_sign_ins
from plantbeat.shell.supervisor import Child, PortError, Restart, Supervisor, require_free_port

PACKAGE = Path(plantbeat.__file__).parent
DATABASE = "plantbeat.sqlite3"
MOST_SPEED = 3600
PATIENCE_S = 120.0
_BEGUN_S = time.monotonic()


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--browser/--no-browser", default=True, help="Open the browser when pages are there.")
@click.option(
    "--speed",
    type=click.IntRange(1, MOST_SPEED),
    default=1,
    show_default=True,
    help="Of its clock.",
)
@click.option(
    "--data", type=click.Path(path_type=Path), help="Folder of the demo plant (default: .demo in a checkout)."
)
@click.option("--fresh", is_flag=True, help="Forget the demo plant that was there and build a new one.")
@click.option("--history-days", type=click.IntRange(1, 90), default=90, hidden=True)
def demo(
    port: int, host: str, browser: bool, speed: int, data: Path | None, fresh: bool, history_days: int
) -> None:
    """Run the demo plant on this machine: six lines, ninety days of history, and a plant that goes on."""
    try:
        require_free_port(host, port)
        folder = DemoFolder.made((data or default_folder(PACKAGE)).absolute())
        with folder.held():
            if fresh:
                folder.empty()
            os.environ.update(_environment(folder, host, speed))
            os.environ.pop("PLANTBEAT_DATABASE_URL", None)
            _prepare(folder, history_days)
            address = f"http://{_shown(host)}:{port}"
            _greet(folder, address)
            announced = (_reached(host), port, address, browser)
            threading.Thread(target=_announce, args=announced, daemon=True).start()
            with clock_kept(folder, speed):
                code = Supervisor(_children(folder, host, port)).run()
    except (PortError, FolderError) as problem:
        raise click.ClickException(str(problem)) from problem
    sys.exit(code)


def _environment(folder: DemoFolder, host: str, speed: int) -> Mapping[str, str]:
    """Settings of this process and its children; what is set for a real installation is not used."""
    loopback = _is_loopback(host)
    hosts = ["localhost", "127.0.0.1", "[::1]", socket.gethostname(), host.strip("[]")]
    return {
        "PLANTBEAT_DATA": str(folder.path),
        "PLANTBEAT_SECRET_KEY": folder.secret_key(),
        "PLANTBEAT_ALLOWED_HOSTS": "*" if host in ("0.0.0.0", "::") else ",".join(hosts),  # noqa: S104
        "PLANTBEAT_HTTPS": "0",
        "PLANTBEAT_LOG_LEVEL": "ERROR",
        "PLANTBEAT_DEMO": "1",
        "PLANTBEAT_DEMO_SIGN_INS": "1" if loopback else "0",
        "PLANTBEAT_DEMO_CLOCK": clock_setting(folder, speed),
    }


def _prepare(folder: DemoFolder, history_days: int) -> None:
    """Make the database and the plant, unless this very version has done so before."""
    mark, stamp = folder.read_table(MARK), _stamp()
    is_made = mark.get("stamp") == stamp and (folder.path / DATABASE).exists()
    if is_made and folder.is_marked and read_sign_ins(folder) is not None:
        return
    click.echo("Setting up the demo plant ...")
    django_ready()
    from django.db import DatabaseError

    from plantbeat.shell.demo.building import build_plant
    from plantbeat.shell.demo.tables import make_tables
    from plantbeat.shell.installation import make_folders

    try:
        make_folders()
        make_tables()
        build_plant(folder, history_days)
    except (DatabaseError, OSError) as problem:
        raise FolderError(
            f"the demo plant in {folder.path} cannot be used ({problem}); build a new one with --fresh."
        ) from problem
    folder.write(MARK, {**folder.read_table(MARK), "stamp": stamp})


def _stamp() -> str:
    """What the tables of the database follow from: our migrations and the versions of others'."""
    digest = hashlib.sha256(plantbeat.__version__.encode())
    for file in sorted(PACKAGE.glob("**/migrations/*.py")):
        digest.update(file.read_bytes())
    for package in ("django", "django-allauth", "django-tasks-db"):
        try:
            digest.update(version(package).encode())
        except PackageNotFoundError:
            continue
    return digest.hexdigest()


def _greet(folder: DemoFolder, address: str) -> None:
    people = read_sign_ins(folder) or []
    click.echo(f"\nPlantbeat demo plant at {address}\n")
    width = max((len(one["username"]) for one in people), default=0)
    for one in people:
        click.echo(f"  {one['username']:<{width}}  {one['password']}  {one['role_name']}")
    click.echo("\nAt an operator terminal, by badge or by name and PIN:\n")
    for one in read_badges(folder) or []:
        click.echo(f"  {one['username']:<{width}}  badge {one['badge']}  PIN {one['pin']}  {one['job']}")
    if ahead := ahead_of_machine(folder):
        click.echo(f"\nIts clock is {ahead} ahead of this machine's, after a run at a higher speed.")
    click.echo(f"\nThe plant lives in {folder.path}. Stop it with Ctrl-C.\n")


def _children(folder: DemoFolder, host: str, port: int) -> list[Child]:
    process = [sys.executable, "-m", "plantbeat.shell.cli", "process"]
    simulation = [sys.executable, "-m", "plantbeat.shell.demo"]
    reached = [_reached(host), str(port)]
    # A process that becomes another one keeps its number only where the system can do that.
    later = [*simulation, "after", *reached] if sys.platform != "win32" else []
    again, quiet = Restart(), {"PLANTBEAT_LOG_LEVEL": "ERROR"}
    children = [
        Child("web", [*process, "web", "--host", host, "--port", str(port)], quiet, again),
        Child("now", [*later, *process, "worker", "now"], quiet, again),
        Child("heavy", [*later, *process, "worker", "heavy"], quiet, again),
    ]
    if not read_progress(folder).finished:
        children.append(Child("history", [*later, *simulation, "history"], quiet, again, may_finish=True))
    return [*children, Child("plant", [*later, *simulation, "live", *reached], quiet, again)]


def _announce(host: str, port: int, address: str, browser: bool) -> None:
    """Say when pages are there, and open the browser."""
    while time.monotonic() - _BEGUN_S < PATIENCE_S:
        if has_page(host, port):
            click.echo(f"Pages are there, after {time.monotonic() - _BEGUN_S:.1f} s: {address}")
            if browser and _has_screen():
                import webbrowser

                webbrowser.open(address)
            return
        time.sleep(0.1)


def _has_screen() -> bool:
    """False where a browser would take over the terminal."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def _reached(host: str) -> str:
    """Where this machine itself reaches the server."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host.strip("[]"))  # noqa: S104


def _shown(host: str) -> str:
    """What people type."""
    if host in ("0.0.0.0", "::"):  # noqa: S104
        return socket.gethostname()
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
