"""`plantbeat token`: the tokens with which machines send facts (and, with `--api`, programs use REST)."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from plantbeat.shell.cli import database_fault, django_ready

if TYPE_CHECKING:
    from plantbeat.kernel.access import Actor
    from plantbeat.kernel.accounts import Site


@click.group()
def token() -> None:
    """Tokens of fact sources, and with --api of programs: create, renew, revoke, list."""


ROLES = [
    "operator", "line_lead", "supervisor", "planner", "quality", "maintenance", "ehs", "manager", "analyst",
    "administrator",
]  # fmt: skip
api_option = click.option("--api", is_flag=True, help="The token of a program that uses REST.")
days_option = click.option(
    "--days", type=click.IntRange(1, 3660), help="A program's token is good for so many days (365)."
)


@token.command()
@click.argument("name")
@click.option(
    "--site",
    "site_codes",
    multiple=True,
    help="Code of the site; needed if there are several. A program's may repeat.",
)
@click.option(
    "--kind", type=click.Choice(["gateway", "tablet", "file"]), help="What the source is (gateway)."
)
@api_option
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(ROLES), help="What the program may do; may repeat."
)
@click.option("--all-sites", is_flag=True, help="The program's roles hold at every site.")
@days_option
def create(
    name: str,
    site_codes: tuple[str, ...],
    kind: str | None,
    api: bool,
    roles: tuple[str, ...],
    all_sites: bool,
    days: int | None,
) -> None:
    """Make a source called NAME (with --api: a program) and print its token, once."""
    _only_with_api(api, roles=roles, all_sites=all_sites, days=days)
    if api and kind:
        raise click.UsageError("--kind is of a source of facts; a program has none")
    if api and not roles:
        raise click.UsageError("say with --role what the program may do, as in --role analyst")
    if not api and len(site_codes) > 1:
        raise click.UsageError("a source of facts belongs to one site; name one --site")
    django_ready()
    from plantbeat.areas.programs.actions import GOOD_FOR_DAYS, api_token_create
    from plantbeat.facts.tokens import token_create
    from plantbeat.kernel.access import Role

    if api:
        sites = [None] if all_sites else [_site(code) for code in site_codes or (None,)]
        grants = [(Role(role), site) for role in dict.fromkeys(roles) for site in sites]
        made = _done(api_token_create, name, grants, _operator(), days or GOOD_FOR_DAYS)
    else:
        site = _site(site_codes[0] if site_codes else None)
        made = _done(token_create, name, site, _operator(), kind or "gateway")
    _show(made, name)


@token.command()
@click.argument("name")
@api_option
@days_option
def renew(name: str, api: bool, days: int | None) -> None:
    """Print a new token for the source (with --api: program) NAME; the one before is good no longer."""
    _only_with_api(api, days=days)
    django_ready()
    from plantbeat.areas.programs.actions import GOOD_FOR_DAYS, api_token_of, api_token_renew
    from plantbeat.facts.questions import sources
    from plantbeat.facts.tokens import token_renew

    if api:
        program = _done(api_token_of, name, _operator())
        made = _done(api_token_renew, program, _operator(), days or GOOD_FOR_DAYS)
    else:
        source = _done(lambda: sources(_operator()).filter(name=name).first())
        if source is None:
            raise click.ClickException(f"there is no source “{name}”")
        made = _done(token_renew, source, _operator())
    _show(made, name)


@token.command()
@click.argument("name")
@api_option
def revoke(name: str, api: bool) -> None:
    """Refuse whatever comes with the token of the source (with --api: program) NAME from now on."""
    django_ready()
    from plantbeat.areas.programs.actions import api_token_of, api_token_revoke
    from plantbeat.facts.tokens import token_revoke

    if api:
        _done(api_token_revoke, _done(api_token_of, name, _operator()), _operator())
    else:
        _done(token_revoke, name, _operator())
    click.echo(f"the token of “{name}” is revoked")


@token.command("list")
@api_option
def list_(api: bool) -> None:
    """Name every source: site, how far it has come, when it was last heard; or every program: until when."""
    django_ready()
    for line in _done(_programs if api else _sources):
        click.echo("\t".join(line))


def _sources() -> list[tuple[str, ...]]:
    from plantbeat.facts.questions import sources

    return [
        (
            source.name,
            source.site.code,
            source.kind,
            "revoked" if source.revoked_us is not None else "in use" if source.token_hash else "no token",
            str(source.committed_up_to),
            _instant(source.last_heard_us, "never heard"),
        )
        for source in sources(_operator()).select_related("site")
    ]


def _programs() -> list[tuple[str, ...]]:
    from plantbeat.areas.programs.records.api_token import ApiToken
    from plantbeat.kernel import clock
    from plantbeat.kernel.access import visible

    found: list[tuple[str, ...]] = []
    for one in visible(ApiToken, _operator()).select_related("account").order_by("account__username"):
        held = [
            f"{role}@{site or 'every site'}"
            for role, site in one.account.grants.order_by("pk").values_list("role", "site__code")
        ]
        ended = "expired" if clock.now_us() >= (one.expires_us or 0) else "in use"
        state = "revoked" if one.revoked_us is not None else ended
        expires, used = _instant(one.expires_us, "no token"), _instant(one.last_used_us, "never used")
        found.append((one.account.username, ", ".join(held), state, expires, used))
    return found


def _instant(at_us: int | None, never: str) -> str:
    from plantbeat.engine.stream import iso_utc

    return never if at_us is None else iso_utc(at_us)


def _only_with_api(api: bool, **options: object) -> None:
    given = [f"--{name.replace('_', '-')}" for name, value in options.items() if value]
    if given and not api:
        named = given[0].replace("--roles", "--role")
        raise click.UsageError(f"{named} is for the token of a program; add --api")


def _done(work: Callable[..., Any], *arguments: Any) -> Any:
    """Do it, or end in the one sentence that says why not."""
    from django.db import DatabaseError

    from plantbeat.kernel.problems import Refused

    try:
        return work(*arguments)
    except Refused as refused:
        raise click.ClickException(str(refused)) from None
    except DatabaseError as error:
        raise click.ClickException(database_fault(error)) from None


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

    sites: dict[str, Site] = {
        site.code: site for site in _done(list, visible(Site, _operator()).order_by("code"))
    }
    if not sites:
        raise click.ClickException("there is no site yet; make one in the browser or with “plantbeat import”")
    known = ", ".join(sites)
    if code is None and len(sites) > 1:
        raise click.ClickException(f"name the site with --site; there are: {known}")
    if code is not None and code not in sites:
        raise click.ClickException(f"there is no site “{code}”; there are: {known}")
    return sites[code or known]
