"""`plantbeat token`: the tokens with which gateways, tablets and scripts send facts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from plantbeat.shell.cli import django_ready

if TYPE_CHECKING:
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site


@click.group()
def token() -> None:
    """Tokens of fact sources: create, renew, revoke, list."""


@token.command()
@click.argument("name")
@click.option("--site", "site_code", help="Code of the site; needed if there is more than one.")
@click.option(
    "--kind",
    type=click.Choice(["gateway", "tablet", "file"]),
    default="gateway",
    show_default=True,
    help="What it is.",
)
def create(name: str, site_code: str | None, kind: str) -> None:
    """Make a source called NAME and print its token, once."""
    django_ready()
    from plantbeat.facts.tokens import token_create
    from plantbeat.kernel.problems import Refused

    try:
        made = token_create(name, _site(site_code), _operator(), kind)
    except Refused as refused:
        raise _refusal(refused) from None
    _show(made, name)


@token.command()
@click.argument("name")
def renew(name: str) -> None:
    """Print a new token for the source NAME; the one before is good no longer."""
    django_ready()
    from plantbeat.facts.questions import sources
    from plantbeat.facts.tokens import token_renew

    source = sources(_operator()).filter(name=name).first()
    if source is None:
        raise click.ClickException(f"there is no source “{name}”")
    _show(token_renew(source, _operator()), name)


@token.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Refuse whatever comes with the token of the source NAME from now on."""
    django_ready()
    from plantbeat.facts.tokens import token_revoke
    from plantbeat.kernel.problems import Refused

    try:
        token_revoke(name, _operator())
    except Refused as refused:
        raise _refusal(refused) from None
    click.echo(f"the token of “{name}” is revoked")


@token.command("list")
def list_() -> None:
    """Name every source, its site, how far it has come and when it was last heard."""
    django_ready()
    from plantbeat.engine.stream import iso_utc
    from plantbeat.facts.questions import sources

    for source in sources(_operator()).select_related("site"):
        heard = iso_utc(source.last_heard_us) if source.last_heard_us is not None else "never heard"
        state = "revoked" if source.revoked_us is not None else "in use" if source.token_hash else "no token"
        click.echo(
            f"{source.name}\t{source.site.code}\t{source.kind}\t{state}\t{source.committed_up_to}\t{heard}"
        )


def _show(made: str, name: str) -> None:
    """The token alone on stdout, so that a script can take it; what to do with it beside."""
    click.echo(made)
    click.echo(f"Token of “{name}”. It is shown this once; send it as “Authorization: Bearer …”.", err=True)


def _operator() -> Actor:
    """Whoever has the database has the installation; the log names the account of the machine."""
    from plantbeat.kernel.access import Actor

    return Actor.system(f"cli:{os.environ.get('USER') or os.environ.get('USERNAME') or 'unknown'}"[:40])


def _site(code: str | None) -> Site:
    from plantbeat.kernel.access import visible
    from plantbeat.kernel.accounts import Site

    sites = {site.code: site for site in visible(Site, _operator()).order_by("code")}
    if not sites:
        raise click.ClickException("there is no site yet; make one in the browser or with “plantbeat import”")
    known = ", ".join(sites)
    if code is None and len(sites) > 1:
        raise click.ClickException(f"say with --site which site the source belongs to; there are: {known}")
    if code is not None and code not in sites:
        raise click.ClickException(f"there is no site “{code}”; there are: {known}")
    return sites[code or known]


def _refusal(refused: Exception) -> click.ClickException:
    return click.ClickException(str(refused))
