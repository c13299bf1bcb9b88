"""Screens pair once, are read only, and are forgotten when revoked."""

from __future__ import annotations

import pytest
from django.test import Client

from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel import clock, devices
from plantbeat.kernel.access import Role, visible
from plantbeat.kernel.accounts import Device
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R156")]


def paired(plant, token="a screen's own secret", **more):
    code = devices.waiting_code(token)
    by = plant.actor(Role.supervisor)
    data = {"site": plant.north, "name": "Hall 2", "kind": "wall", "place": "", **more}
    return devices.enrol(code, by, **data)


def test_a_screen_keeps_its_code_until_it_runs_out(db):
    first = devices.waiting_code("secret")
    assert (len(first), devices.waiting_code("secret")) == (6, first)
    with clock.at(clock.now_us() + 11 * 60 * 1_000_000):
        assert devices.waiting_code("secret") != first


def test_a_paired_screen_sees_its_site_and_writes_nothing(plant):
    device = paired(plant)
    assert devices.device_of("a screen's own secret") == device
    by = devices.actor_of(device)
    assert [item.code for item in visible(Item, by)] == ["BOTTLE"]
    with pytest.raises(Refused):
        act(plant.bottle, "edit", by, {"name": "Flask"})


def test_the_secret_is_nowhere_in_the_database(plant):
    device = paired(plant)
    assert "secret" not in device.token_hash
    assert len(Device.objects.get(pk=device.pk).token_hash) == 64


def test_a_revoked_screen_is_nobody(plant):
    device = paired(plant)
    act(device, "revoke", plant.actor(Role.supervisor))
    assert devices.device_of("a screen's own secret") is None


def test_a_code_is_good_once_and_only_for_those_who_lead(plant):
    code = devices.waiting_code("x")
    data = {"site": plant.north, "name": "Hall 2", "kind": "wall", "place": ""}
    with pytest.raises(Refused):
        devices.enrol(code, plant.actor(Role.operator), **data)
    devices.enrol(code, plant.actor(Role.supervisor), **data)
    with pytest.raises(Refused, match="no screen shows this code"):
        devices.enrol(code, plant.actor(Role.supervisor), **{**data, "name": "Hall 3"})


def test_the_screen_shows_six_digits_and_then_goes_to_its_page(plant):
    screen = Client()
    page = screen.get("/screen/")
    code = page.context["code"].replace(" ", "")
    assert len(code) == 6
    leader = Client()
    user = plant.user(Role.supervisor)
    leader.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    wrong = leader.post("/devices/pair/", {"code": "000 000", "name": "Hall", "kind": "wall"})
    assert (wrong.status_code, "no screen shows this code" in wrong.content.decode()) == (422, True)
    done = leader.post("/devices/pair/", {"code": code, "name": "Hall", "kind": "wall"})
    assert done.status_code == 302
    assert screen.get("/screen/").status_code == 302
    assert screen.get("/screen/", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/overview/"
    assert screen.get("/r/plant/items/").status_code == 302


def test_paired_again_under_its_name_a_screen_is_the_same_device_with_a_new_token(plant):
    device = paired(plant)
    act(device, "revoke", plant.actor(Role.supervisor))
    again = paired(plant, token="another secret", place="L1")
    assert (again.pk, again.place, again.revoked_us) == (device.pk, "L1", None)
    assert devices.device_of("a screen's own secret") is None
    assert devices.device_of("another secret") == device
