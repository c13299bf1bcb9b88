"""Tokens of programs: what they open, what they never open, and when they end."""

from __future__ import annotations

import json
import logging

import pytest
from click.testing import CliRunner
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client

from people_of_the_plant import PASSWORD, SYSTEM, Plant
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.programs import admission
from plantbeat.areas.programs.actions import (
    api_token_create,
    api_token_of,
    api_token_renew,
    api_token_revoke,
)
from plantbeat.areas.programs.admission import Pace
from plantbeat.areas.programs.records.api_token import DAY_US, ApiToken
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change, broken
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.shell.cli.token import token as command

pytestmark = pytest.mark.django_db
ITEMS = "/api/plant/items"


class Program:
    """A program with a token; its client checks for forged requests as the real server does."""

    def __init__(self, token: str) -> None:
        self.client = Client(enforce_csrf_checks=True, HTTP_AUTHORIZATION=f"Bearer {token}")

    def get(self, path: str = ITEMS):
        return self.client.get(path)

    def post(self, path: str = ITEMS, **body: object):
        return self.client.post(path, body, content_type="application/json")

    def delete(self, path: str):
        return self.client.delete(path)


@pytest.fixture(autouse=True)
def hosts(settings):
    settings.ALLOWED_HOSTS = ["testserver"]


@pytest.fixture
def analyst(plant: Plant) -> Program:
    return Program(api_token_create("report", [(Role.analyst, plant.north)], SYSTEM))


@pytest.fixture
def planner(plant: Plant) -> Program:
    return Program(api_token_create("erp", [(Role.planner, plant.north)], SYSTEM))


def run(*words: str):
    return CliRunner().invoke(command, list(words))


# --- what it opens ---------------------------------------------------------------------------------------


@pytest.mark.requirement("X6")
def test_a_program_reads_the_sites_of_its_account_and_no_other(plant, analyst):
    act(Item, "create", SYSTEM, {"site": plant.south, "code": "SECRET", "name": "Secret"})
    listed = analyst.get()
    assert listed.status_code == 200
    assert [one["code"] for one in listed.json()["items"]] == ["BOTTLE"]
    hidden = Item.objects.get(code="SECRET").pk
    assert analyst.get(f"{ITEMS}/{hidden}").status_code == 404
    assert analyst.get(f"{ITEMS}?site=S").status_code == 404


@pytest.mark.requirement("X6")
def test_a_program_writes_what_its_role_allows_without_a_token_against_forged_requests(planner):
    made = planner.post(site="N", code="CAP", name="Cap")
    assert made.status_code == 201
    change = Change.objects.filter(type_code="plant.Item", record_id=made.json()["id"]).get()
    assert (change.actor, change.verb) == (User.objects.get(username="erp").pseudonym, "create")
    assert broken(Item.objects.get(code="CAP").site_id) is None
    assert planner.post(site="S", code="CAP", name="Cap").status_code in (403, 404, 422)


def test_the_analysts_role_writes_nothing(plant, analyst):
    refused = analyst.post(site="N", code="CAP", name="Cap")
    assert (refused.status_code, refused.json()["kind"]) == (403, "forbidden")
    assert analyst.delete(f"{ITEMS}/{plant.bottle.pk}").status_code == 403
    assert analyst.get("/api/kernel/users").status_code == 403
    assert analyst.get("/api/programs/api-tokens").status_code == 403


def test_times_without_an_offset_are_in_the_zone_of_the_site(plant, planner):
    due = {"item": "BOTTLE", "quantity": "5", "due": "2026-12-01 14:00"}
    made = planner.post("/api/planning/work-orders", site="N", **due)
    assert made.status_code == 201, made.content
    assert made.json()["due"].startswith("2026-12-01T14:00:00-06:00")


# --- what it never opens ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/plant/items/", "/live/now/all"])
def test_a_token_opens_nothing_but_rest(analyst, path):
    assert analyst.get(path).status_code in (302, 403, 404)


def test_no_session_is_made_and_none_is_looked_at_beside_a_token(plant, analyst):
    assert analyst.get(f"{ITEMS}?site=N").status_code == 200
    assert not analyst.client.cookies
    assert not Session.objects.exists()
    manager = Client(enforce_csrf_checks=True)
    assert manager.login(username=plant.user(Role.manager).username, password=PASSWORD)
    assert manager.get(ITEMS).status_code == 200
    assert manager.get(ITEMS, HTTP_AUTHORIZATION="Bearer wrong").status_code == 401
    assert manager.get(ITEMS, HTTP_AUTHORIZATION="Basic eDp4").status_code == 401


def test_a_person_in_a_session_still_needs_the_token_against_forged_requests(plant):
    browser = Client(enforce_csrf_checks=True)
    assert browser.login(username=plant.user(Role.manager).username, password=PASSWORD)
    forged = browser.post(ITEMS, {"site": "N", "code": "X", "name": "x"}, content_type="application/json")
    assert (forged.status_code, Item.objects.filter(code="X").exists()) == (403, False)
    assert forged.json()["kind"] == "forbidden"


def test_nobody_at_all_is_told_how_to_come_in(plant):
    answer = Client().get(ITEMS)
    assert (answer.status_code, answer.json()["kind"]) == (401, "unauthenticated")
    assert "Authorization: Bearer" in answer.json()["problems"][0]["message"]


@pytest.mark.parametrize(
    "shown",
    ["", "x", "pba", "pba.1", "pba.1.", "pba.²." + "x", "pba.999999999999999999.x", "pbt.1.x", "pba.-1.x"],
)
def test_what_is_no_token_is_refused(analyst, shown):
    answer = Program(shown).get()
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["problems"][0]["message"] == "the token is wrong, expired or revoked"


def test_the_token_is_kept_as_a_hash_and_shown_nowhere(plant):
    token = api_token_create("report", [(Role.analyst, plant.north)], SYSTEM)
    secret = token.rsplit(".", 1)[1]
    kept = ApiToken.objects.get()
    assert secret not in kept.token_hash
    told = json.dumps(list(Change.objects.values()), default=str)
    assert secret not in told
    assert kept.token_hash not in told
    administrator = Program(api_token_create("admin", [(Role.administrator, None)], SYSTEM))
    shown = administrator.get("/api/programs/api-tokens").content.decode()
    assert kept.token_hash not in shown
    assert "report" in shown


def test_a_token_cannot_be_issued_over_rest_nor_its_use_be_made_up(plant):
    program = Program(api_token_create("admin", [(Role.administrator, None)], SYSTEM))
    pk = ApiToken.objects.get().pk
    for verb in ("issue", "note-use"):
        forged = program.post(f"/api/programs/api-tokens/{pk}/{verb}", token_hash="0" * 64, expires_us=1)
        assert forged.status_code in (403, 409, 422), verb
    assert program.get().status_code == 200


def test_a_service_account_has_no_password_to_sign_in_or_to_sign_with(plant, planner):
    assert not Client().login(username="erp", password="")
    assert not User.objects.get(username="erp").check_pin("")


# --- when it ends ----------------------------------------------------------------------------------------


def test_a_token_ends_when_it_expires_is_renewed_or_revoked(plant):
    first = api_token_create("report", [(Role.analyst, plant.north)], SYSTEM, days=2)
    kept, now_us = api_token_of("REPORT", SYSTEM), clock.now_us()
    with clock.at(now_us + 2 * DAY_US - 60_000_000):
        assert Program(first).get().status_code == 200
    with clock.at(now_us + 2 * DAY_US + 60_000_000):
        assert Program(first).get().status_code == 401
    second = api_token_renew(api_token_of("report", SYSTEM), SYSTEM)
    assert (Program(first).get().status_code, Program(second).get().status_code) == (401, 200)
    api_token_revoke(api_token_of("report", SYSTEM), SYSTEM)
    assert Program(second).get().status_code == 401
    assert ApiToken.objects.get().pk == kept.pk
    with pytest.raises(Refused, match="revoked already"):
        api_token_revoke(api_token_of("report", SYSTEM), SYSTEM)


def test_a_token_ends_with_the_sign_in_of_its_account_and_follows_its_roles(plant, analyst):
    account = User.objects.get(username="report")
    account = act(account, "edit", SYSTEM, {"grants": [{"role": "analyst", "site": plant.south}]})
    assert analyst.get().json()["items"] == []
    act(account, "edit", SYSTEM, {"is_active": False})
    assert analyst.get().status_code == 401


def test_only_an_administrator_makes_tokens_and_names_are_taken_once(plant, analyst):
    with pytest.raises(Refused) as refused:
        api_token_create("mine", [(Role.manager, plant.north)], plant.actor(Role.manager))
    assert refused.value.kind is Kind.forbidden
    with pytest.raises(Refused, match="somebody called “Report” already"):
        api_token_create("Report", [(Role.analyst, plant.north)], SYSTEM)
    assert User.objects.filter(username__iexact="report").count() == 1


def test_use_is_noted_once_an_hour_and_a_busy_database_turns_nobody_away(analyst, monkeypatch, caplog):
    begin_us = clock.now_us()
    for later_us in (0, 1_000_000, 3_000_000_000):
        with clock.at(begin_us + later_us):
            analyst.get()
    assert ApiToken.objects.get().last_used_us == begin_us
    monkeypatch.setattr(admission, "api_token_used", _busy)
    with clock.at(begin_us + 2 * admission.NOTED_EVERY_US), caplog.at_level(logging.WARNING):
        assert analyst.get().status_code == 200
    assert "was not noted" in caplog.text


def _busy(_token: ApiToken) -> None:
    raise OperationalError("database is locked")


# --- floods ----------------------------------------------------------------------------------------------


def test_the_pace_is_counted_per_key_and_begins_again_each_minute():
    now_s = [100.0]
    pace = Pace(lambda: now_s[0])
    assert [pace.wait_s("a", 2) for _ in range(3)] == [0, 0, 61]
    now_s[0] += 20
    assert (pace.wait_s("b", 2), pace.wait_s("a", 2)) == (0, 41)
    now_s[0] += 40
    assert pace.wait_s("a", 2) == 0


def test_a_program_that_calls_too_often_waits_and_others_do_not(plant, analyst, settings):
    settings.API_PER_MINUTE = 3
    other = api_token_create("other", [(Role.analyst, plant.north)], SYSTEM)
    answers = [analyst.get() for _ in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 61
    assert answers[-1].json()["problems"][0]["message"] == "a program may call 3 times a minute"
    again = analyst.client.get(ITEMS, HTTP_AUTHORIZATION=f"Bearer {other}")
    assert again.status_code == 200


def test_guessing_is_slowed_down_and_harms_no_good_token(analyst, monkeypatch):
    monkeypatch.setattr(admission, "WRONG_PER_MINUTE", 3)
    wrong = [analyst.client.get(ITEMS, HTTP_AUTHORIZATION="Bearer pba.1.x").status_code for _ in range(5)]
    assert wrong == [401, 401, 401, 429, 429]
    assert analyst.get().status_code == 200


# --- the command line ------------------------------------------------------------------------------------


def test_the_command_prints_a_token_that_works_lists_renews_and_revokes_it(plant):
    made = run(
        "create", "erp", "--api", "--role", "planner", "--role", "quality", "--site", "N", "--days", "30"
    )
    assert made.exit_code == 0, made.stderr
    assert Program(made.stdout.strip()).get().status_code == 200
    name, held, state, expires, used = run("list", "--api").stdout.strip().split("\t")
    assert (name, held, state) == ("erp", "planner@N, quality@N", "in use")
    assert expires > used > "2026"
    renewed = run("renew", "erp", "--api")
    assert Program(made.stdout.strip()).get().status_code == 401
    assert Program(renewed.stdout.strip()).get().status_code == 200
    assert run("revoke", "erp", "--api").exit_code == 0
    assert "\trevoked\t" in run("list", "--api").stdout
    assert Change.objects.filter(verb="issue").last().actor.startswith("system:cli:")


def test_every_site_or_several(plant):
    assert run("create", "one", "--api", "--role", "analyst", "--all-sites").exit_code == 0
    assert run("create", "two", "--api", "--role", "analyst", "--site", "N", "--site", "S").exit_code == 0
    one, two = (Actor.of(User.objects.get(username=name)) for name in ("one", "two"))
    assert one.grants == ((Role.analyst, None),)
    assert {site for _role, site in two.grants} == {plant.north.pk, plant.south.pk}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["create", "x", "--api"], "say with --role what the program may do"),
        (["create", "x", "--api", "--role", "king"], "'king' is not one of 'operator'"),
        (["create", "x", "--api", "--role", "analyst"], "name the site with --site; there are: N, S"),
        (["create", "x", "--api", "--role", "analyst", "--site", "Q"], "there is no site “Q”"),
        (["create", "a b", "--api", "--role", "analyst", "--site", "N"], "without spaces"),
        (["create", "x", "--role", "analyst"], "--role is for the token of a program; add --api"),
        (["create", "x", "--days", "3"], "--days is for the token of a program; add --api"),
        (["create", "x", "--api", "--role", "analyst", "--kind", "file"], "--kind is of a source of facts"),
        (["create", "x", "--site", "N", "--site", "S"], "a source of facts belongs to one site"),
        (["create", "x", "--api", "--role", "analyst", "--days", "0"], "is not in the range 1<=x<=3660"),
        (["renew", "x", "--api"], "no program is called “x”"),
        (["revoke", "x", "--api"], "no program is called “x”"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_makes_nothing(plant, words, says):
    before = User.objects.count()
    done = run(*words)
    assert done.exit_code in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.output
    assert (User.objects.count(), ApiToken.objects.count()) == (before, 0)
