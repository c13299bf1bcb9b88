"""Too little room on the disk: refused in time, said plainly, nothing lost, taken again later."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client

from people_of_the_plant import PASSWORD
from plantbeat.areas.plant.records.item import Item
from plantbeat.facts import disk
from plantbeat.kernel.access import Role
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.shell.middleware import refusals
from plantbeat.shell.upkeep import doctor
from plantbeat.surfaces.addresses import address

pytestmark = pytest.mark.django_db
ITEMS = b"Code,Name\nA,First\nB,Second\n"
MIB = disk.MIB


@pytest.fixture
def left(monkeypatch, settings):
    """Set how many MiB are left; 512 must stay."""
    settings.LEAST_FREE_MB = 512

    def leave(mib: float) -> None:
        monkeypatch.setattr(disk, "free_bytes", lambda _folder: int(mib * MIB))

    return leave


@pytest.fixture
def planner(plant, client, settings) -> Client:
    settings.ALLOWED_HOSTS = ["testserver"]
    user = plant.user(Role.planner)
    assert client.login(username=user.username, password=PASSWORD)
    return client


def upload(client: Client):
    return client.post(address(Item, "import"), {"file": SimpleUploadedFile("items.csv", ITEMS)})


def test_room_is_that_of_the_fullest_disk_even_before_the_folder_is_made(settings, tmp_path, monkeypatch):
    settings.DATA = tmp_path / "not" / "made" / "yet"
    assert disk.room().free > 0
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 10 if folder == settings.DATA else 20)
    assert disk.room().free == 10


def test_what_must_stay_free_stays_free(left):
    left(512)
    disk.require_room()
    with pytest.raises(Refused, match="512 MiB left, of which 512 MiB stay free") as refused:
        disk.require_room(1)
    assert refused.value.kind is Kind.full
    left(511.9)
    with pytest.raises(Refused, match="511 MiB left"):
        disk.require_room()


def test_nothing_is_kept_free_where_the_setting_is_0(left, settings):
    settings.LEAST_FREE_MB = 0
    left(0)
    disk.require_room()


def test_an_import_is_refused_before_the_file_is_kept_and_taken_when_there_is_room(planner, left, settings):
    left(500)
    answer = upload(planner)
    assert answer.status_code == 507
    assert "500 MiB left" in answer.content.decode()
    assert not list((Path(settings.MEDIA_ROOT) / "imports").glob("*"))
    left(600)
    preview = upload(planner)
    assert preview.status_code == 302
    left(500)
    refused = planner.post(preview["Location"], {"mode": "all"})
    assert (refused.status_code, Item.objects.filter(code="A").exists()) == (507, False)
    left(600)
    assert planner.post(preview["Location"], {"mode": "all"}).status_code == 302
    assert Item.objects.filter(code="A").exists()


def test_health_metrics_and_doctor_show_the_room(planner, left, client):
    left(100)
    healthy = Client().get("/healthz")
    assert healthy.status_code == 200
    assert healthy.json()["disk"] == {"free": 100 * MIB, "least_free": 512 * MIB, "ok": False}
    figures = Client(REMOTE_ADDR="127.0.0.1").get("/metrics").content.decode()
    assert f"plantbeat_disk_free_bytes {100 * MIB}" in figures
    assert f"plantbeat_disk_least_free_bytes {512 * MIB}" in figures
    (said,) = [one for one in doctor.examine() if one.name == "disk"]
    assert not said.well
    assert "100 MiB free" in said.said
    assert "below 512 MiB (PLANTBEAT_LEAST_FREE_MB)" in said.said
    left(5000)
    assert Client().get("/healthz").json()["disk"]["ok"] is True


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (OperationalError("database or disk is full"), 507, "full"),
        (OperationalError('could not extend file "base/1": No space left on device'), 507, "full"),
        (OSError(errno.ENOSPC, "No space left on device"), 507, "full"),
        (OperationalError("database is locked"), 503, "busy"),
    ],
)
def test_a_disk_that_is_full_after_all_is_said_and_not_a_fault_of_the_program(rf, error, status, kind):
    middleware = refusals(lambda _request: None)
    answer = middleware.process_exception(rf.post("/api/plant/item"), error)
    assert (answer.status_code, json.loads(answer.content)["kind"]) == (status, kind)
    assert int(answer["Retry-After"]) > 0


def test_another_fault_of_the_database_stays_a_fault(rf):
    middleware = refusals(lambda _request: None)
    assert middleware.process_exception(rf.get("/"), OperationalError("no such table")) is None
