"""`plantbeat token`: the secret alone on stdout, one sentence for whatever is wrong."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from fact_plant import SYSTEM, count

from plantbeat.facts.log import append
from plantbeat.facts.models import FactSource
from plantbeat.facts.tokens import is_token
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.shell.cli.token import token


def run(*words: str):
    return CliRunner().invoke(token, list(words))


def test_a_token_is_printed_alone_and_works(facts):
    done = run("create", "line-1", "--site", "N")
    assert done.exit_code == 0
    source = FactSource.objects.get(name="line-1")
    assert is_token(done.stdout.strip(), source.token_hash)
    assert "shown this once" in done.stderr
    assert Change.objects.filter(verb="issue_token").last().actor.startswith("system:cli:")


def test_with_one_site_it_need_not_be_named(db):
    act(Site, "create", SYSTEM, {"code": "ONLY", "name": "Only", "zone": "UTC"})
    assert run("create", "line-1", "--kind", "tablet").exit_code == 0
    assert (FactSource.objects.get().site.code, FactSource.objects.get().kind) == ("ONLY", "tablet")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["create", "x"], "name the site with --site; there are: N, S"),
        (["create", "x", "--site", "Q"], "there is no site “Q”; there are: N, S"),
        (["create", "gw-1", "--site", "N"], "there is a source “gw-1” already"),
        (["create", "a b", "--site", "N"], "without spaces"),
        (["renew", "x"], "there is no source “x”"),
        (["revoke", "x"], "there is no source “x”"),
    ],
)
def test_what_is_wrong_is_one_sentence(facts, words, says):
    done = run(*words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.output


def test_without_a_site_it_says_how_to_make_one(db):
    assert "there is no site yet" in run("create", "x").stderr


def test_a_token_is_renewed_revoked_and_listed(facts):
    append([count(1)], SYSTEM, facts.gateway)
    first = run("renew", "gw-1").stdout.strip()
    second = run("renew", "gw-1").stdout.strip()
    facts.gateway.refresh_from_db()
    assert first != second
    assert is_token(second, facts.gateway.token_hash)
    assert run("list").stdout == "gw-1\tN\tgateway\tin use\t1\t2026-11-22T08:00:00.000000Z\n"
    assert run("revoke", "gw-1").exit_code == 0
    assert "\trevoked\t" in run("list").stdout
    assert "revoked already" in run("revoke", "gw-1").stderr
