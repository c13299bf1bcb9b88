"""Pages that are open while the demo's history is filled in say what is going on."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.progress import Progress

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def administrator() -> None:
    """Without one there are no pages yet."""
    row = {"username": "root", "name": "Root", "grants": [{"role": Role.administrator, "site": None}]}
    user = act(User, "create", Actor.system("test"), row)
    act(user, "set_password", Actor.system("test"), {"password": "a-long-password-7"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DemoFolder:
    folder = DemoFolder.made(tmp_path / "demo")
    monkeypatch.setenv("PLANTBEAT_DATA", str(folder.path))
    monkeypatch.setenv("PLANTBEAT_DEMO", "1")
    return folder


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(), "It begins with the last seven days"),
        (Progress(3, 12, 103_162), "25 % told, 103,162 facts so far"),
        (Progress(12, 12, 338_000, ready=True), "All is told, 338,000 facts so far; the last figures"),
        (Progress(12, 12, 338_000, ready=True, days_left=1204), "the figures of 1,204 days of machines"),
        (Progress(12, 12, 338_000, ready=True, days_left=1), "the figures of 1 day of a machine or line"),
    ],
)
def test_the_first_page_says_how_far_the_history_is_and_asks_again(client, folder, progress, said) -> None:
    progress.write(folder)
    for address in ("/accounts/login/", "/demo/history/"):
        page = client.get(address).content.decode()
        assert said in page
        assert 'hx-get="/demo/history/"' in page
        assert "history is being filled in" in page


def test_an_open_page_is_told_when_the_history_is_complete_and_a_new_one_says_nothing(client, folder) -> None:
    Progress(12, 12, finished=True).write(folder)
    told = client.get("/demo/history/").content.decode()
    assert "history is complete" in told
    assert "hx-get" not in told, "nobody asks any more"
    assert "/demo/history/" not in client.get("/accounts/login/").content.decode()


def test_a_real_installation_knows_nothing_of_it(client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLANTBEAT_DEMO", raising=False)
    assert client.get("/demo/history/").status_code == 404
    assert "demo/history" not in client.get("/accounts/login/").content.decode()
