"""What the demo plant's terminals know: badges, PINs, reviewed buttons, cases and pallets, boards."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import ReasonButtons
from plantbeat.areas.execution.records.wall_board import BoardKind, WallBoard
from plantbeat.areas.execution.terminal.questions import button_review
from plantbeat.areas.execution.terminal.settings import pack_sizes, terminal_of
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import User
from plantbeat.shell.demo.building import build_plant
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.floor import DEFECTS
from plantbeat.shell.demo.line_character import DEFECTS as TOLD_DEFECTS
from plantbeat.shell.demo.sign_in_list import read_badges

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def folder(tmp_path: Path) -> DemoFolder:
    return DemoFolder.made(tmp_path / "demo")


def test_a_badge_or_a_pin_opens_the_floor(folder: DemoFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    build_plant(folder, 1)
    monkeypatch.setenv("PLANTBEAT_DATA", str(folder.path))
    monkeypatch.setenv("PLANTBEAT_DEMO", "1")
    monkeypatch.setenv("PLANTBEAT_DEMO_SIGN_INS", "1")
    badges = read_badges(folder) or []
    assert [one["username"] for one in badges] == ["operator", "operador", "lead"]
    for one in badges:
        user = visible(User, BY).get(username=one["username"])
        assert user.check_pin(one["pin"])
        client = Client()
        page = client.get("/accounts/operator/").content.decode()
        assert one["badge"] in page
        answer = client.post("/accounts/operator/", {"badge": one["badge"]})
        assert answer.status_code == 302, "a click is a scan"
    assert visible(User, BY).get(username="operador").language == "es"

    monkeypatch.setenv("PLANTBEAT_DEMO_SIGN_INS", "0")
    elsewhere = Client().get("/accounts/operator/").content.decode()
    assert badges[0]["badge"] not in elsewhere, "not where others can reach the demo"


def test_terminals_have_buttons_defects_and_sizes(folder: DemoFolder) -> None:
    site = build_plant(folder, 1)
    assert {one.line.code for one in visible(ReasonButtons, BY).filter(site=site)} == {"L1", "L2"}
    assert visible(MachineButtons, BY).get(site=site).machine.code == "L1-FIL"
    assert not button_review(site, "L1", BY).due
    assert not button_review(site, "L1", BY, "L1-FIL").due
    assert button_review(site, "L2", BY).due, "the weekly review of one line is due"
    assert {one.code for one in terminal_of(site, "L1", BY).defects} == {code for code, _n in TOLD_DEFECTS}
    assert {code for code, _name in DEFECTS} == {code for code, _share in TOLD_DEFECTS}
    sizes = pack_sizes(site, "DISH-500", BY)
    assert (sizes.pack, sizes.pallet) == (20, 1200)
    kinds = set(visible(WallBoard, BY).filter(site=site).values_list("kind", flat=True))
    assert kinds == set(BoardKind.values)
