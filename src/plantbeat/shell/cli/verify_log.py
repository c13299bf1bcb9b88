"""`plantbeat verify-log`: prove that nothing recorded was altered."""

from __future__ import annotations

import sys

import click

from plantbeat.shell.cli import django_ready


@click.command("verify-log")
def verify_log() -> None:
    """Recompute the chains of change log and fact log; name the first row that does not hold (exit 1)."""
    django_ready()
    from plantbeat.facts.chain import verify_facts
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site
    from plantbeat.kernel.log import broken, chains, head_of

    names = dict(visible(Site, Actor.system("verify-log")).values_list("pk", "code"))
    failed = False
    if not list(chains()):
        click.echo("change log: no row yet")
    for chain in chains():
        name = names.get(chain, "installation" if chain == 0 else f"site {chain}")
        if fault := broken(chain):
            failed = True
            row = f"row {fault.change_id}, " if fault.change_id else ""
            click.echo(f"change log of {name}: BROKEN at {row}place {fault.place}: {fault.message}")
        else:
            place, sealed = head_of(chain)
            click.echo(f"change log of {name}: {place} rows hold, head {sealed[:16]}")
    facts = verify_facts()
    if facts.broken is not None:
        failed = True
        click.echo(f"fact log: BROKEN: {facts.broken}")
    else:
        click.echo(f"fact log: {facts.facts} facts in {facts.blocks} blocks hold, head {facts.head[:16]}")
    sys.exit(1 if failed else 0)
