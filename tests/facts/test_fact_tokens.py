"""Tokens of sources: shown once, kept as a hash, renewed and revoked by those who may."""

from __future__ import annotations

import pytest
from fact_plant import SYSTEM, count

from plantbeat.facts.log import append
from plantbeat.facts.models import FactSource
from plantbeat.facts.tokens import is_token, source_id_of, token_create, token_hash, token_renew, token_revoke
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.kernel.permission import may
from plantbeat.kernel.problems import Refused


def test_a_token_is_shown_once_and_kept_as_a_hash(facts):
    token = token_create("press-line", facts.north, facts.actor(Role.administrator))
    source = FactSource.objects.get(name="press-line")
    assert source_id_of(token) == source.pk
    assert is_token(token, source.token_hash)
    assert source.token_hash == token_hash(token)
    assert token not in str(list(Change.objects.values()))
    assert source.token_hash not in str(list(Change.objects.values()))


@pytest.mark.parametrize(
    "wrong", ["", "pbt", "pbt.1", "pbt.1.", "pbt.x.abc", "abc.1.abc", "pbt.१.abc", "pbt." + "9" * 30 + ".a"]
)
def test_what_is_no_token_names_no_source(wrong):
    assert source_id_of(wrong) is None


def test_no_text_is_the_token_of_a_source_that_has_none():
    assert not is_token("", "")
    assert not is_token("pbt.1.x", "")


def test_a_name_is_used_once(facts):
    with pytest.raises(Refused, match="there is a source “gw-1” already"):
        token_create("gw-1", facts.north, SYSTEM)


@pytest.mark.parametrize("role", [Role.manager, Role.analyst, Role.operator])
def test_only_administrators_make_tokens(facts, role):
    with pytest.raises(Refused, match="does not allow"):
        token_create("x", facts.north, facts.actor(role))
    with pytest.raises(Refused, match="does not allow"):
        token_create("x", facts.north, facts.actor(Role.administrator, facts.south))
    assert not FactSource.objects.filter(name="x").exists()


def test_a_renewed_token_replaces_the_one_before_and_the_numbers_go_on(facts):
    first = token_create("x", facts.north, SYSTEM)
    source = FactSource.objects.get(name="x")
    append([count(1)], SYSTEM, source)
    second = token_renew(source, SYSTEM)
    source.refresh_from_db()
    assert (is_token(first, source.token_hash), is_token(second, source.token_hash)) == (False, True)
    assert source.committed_up_to == 1


def test_a_revoked_source_can_be_given_a_new_token(facts):
    token_create("x", facts.north, SYSTEM)
    source = token_revoke("x", facts.actor(Role.manager))
    assert source.revoked_us is not None
    with pytest.raises(Refused, match="revoked already"):
        token_revoke("x", SYSTEM)
    token_renew(source, SYSTEM)
    source.refresh_from_db()
    assert source.revoked_us is None


def test_an_unknown_name_is_not_revoked(facts):
    with pytest.raises(Refused, match="there is no source “nobody”"):
        token_revoke("nobody", SYSTEM)


def test_a_token_is_not_made_where_it_could_not_be_shown(facts):
    page = Actor(pseudonym="p-a", grants=((Role.administrator, facts.north.pk),), door="page")
    assert may(facts.gateway, "issue_token", page)
    with pytest.raises(Refused, match="does not allow"):
        act(facts.gateway, "issue_token", page, {"token_hash": "0" * 64})


def test_a_source_that_has_sent_facts_stays_at_its_site(facts):
    act(facts.gateway, "edit", SYSTEM, {"site": facts.south})
    act(facts.gateway, "edit", SYSTEM, {"site": facts.north})
    append([count(1)], SYSTEM, facts.gateway)
    with pytest.raises(Refused, match="it has sent facts already"):
        act(facts.gateway, "edit", SYSTEM, {"site": facts.south})
