"""Signing in: password, badge, PIN; wrong tries are limited; strangers find no door."""

from __future__ import annotations

import pytest
from django.test import Client

from people_of_the_plant import PASSWORD, SYSTEM
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X6")]


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_password_opens_and_signing_out_closes(plant, client):
    user = plant.user(Role.planner)
    page = client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert (page.status_code, signed_in(client)) == (302, True)
    assert client.get("/overview/").status_code == 200
    client.post("/accounts/logout/")
    assert client.get("/overview/").status_code == 302


def test_wrong_passwords_are_limited(plant, client):
    user = plant.user(Role.planner)
    for _ in range(6):
        client.post("/accounts/login/", {"login": user.username, "password": "wrong"})
    page = client.post("/accounts/login/", {"login": user.username, "password": PASSWORD})
    assert not signed_in(client)
    assert page.status_code in (200, 429)


def test_nobody_makes_an_account_alone(plant, client):
    page = client.post("/accounts/signup/", {"username": "mallory", "password1": PASSWORD})
    assert not signed_in(client)
    assert "mallory" not in {user.username for user in type(plant.user())._base_manager.all()}
    assert page.status_code == 200


@pytest.fixture
def operator(plant):
    user = plant.user(Role.operator)
    act(user, "edit", SYSTEM, {"badge": "0451"})
    return act(user, "set_pin", SYSTEM, {"pin": "2580"})


def test_an_operator_signs_in_with_badge_or_pin(operator):
    for given in ({"badge": "0451"}, {"username": operator.username, "pin": "2580"}):
        client = Client()
        assert client.post("/accounts/operator/", given).status_code == 302
        assert signed_in(client)


@pytest.mark.parametrize("given", [{"badge": "9999"}, {"username": "person2", "pin": "0000"}, {}])
def test_what_is_not_known_opens_nothing(operator, client, given):
    assert client.post("/accounts/operator/", given).status_code == 422
    assert not signed_in(client)


def test_a_badge_never_opens_what_needs_a_password(plant, client):
    user = plant.user(Role.manager)
    act(user, "edit", SYSTEM, {"badge": "0007"})
    assert client.post("/accounts/operator/", {"badge": "0007"}).status_code == 422


def test_wrong_pins_are_limited(operator, client):
    given = {"username": operator.username, "pin": "0000"}
    answers = [client.post("/accounts/operator/", given).status_code for _ in range(7)]
    assert answers[0] == 422
    assert answers[-1] == 429
    assert client.post("/accounts/operator/", {**given, "pin": "2580"}).status_code == 429


def test_after_sign_in_one_goes_on_only_within_the_house(operator, client):
    page = client.post("/accounts/operator/", {"badge": "0451", "next": "https://evil.example/"})
    assert page.url == "/"


def test_two_step_pages_are_there_for_everybody_else(plant, client):
    client.force_login(
        plant.user(Role.manager), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get("/accounts/2fa/").status_code == 200
    assert client.get("/accounts/password/change/").status_code == 200
