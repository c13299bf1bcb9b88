"""The data folder of a demo plant: its own, kept to one call, private, and never somebody else's."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from plantbeat.shell.demo.demo_folder import MARK, SIGN_INS, DemoFolder, FolderError, default_folder
from plantbeat.shell.demo.progress import Progress, demo_progress, read_progress
from plantbeat.shell.demo.sign_in_list import read_sign_ins


def test_what_it_keeps_is_for_the_owner_alone(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    folder.write(SIGN_INS, [{"username": "manager", "password": "secret"}])
    key = folder.secret_key()
    assert len(key) > 40
    assert DemoFolder.made(tmp_path / "demo").secret_key() == key
    for file in (SIGN_INS, "secret-key"):
        assert stat.S_IMODE((folder.path / file).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("years of work")
    with pytest.raises(FolderError, match=r"holds something else \(thesis.docx\); name an empty folder"):
        DemoFolder.made(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["thesis.docx"]


def test_a_file_where_the_folder_should_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match="cannot be used: file exists"):
        DemoFolder.made(tmp_path / "file")


def test_emptying_removes_what_the_demo_made_and_keeps_the_folder(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    folder.write(MARK, {"built_us": 1})
    (folder.path / "files").mkdir()
    (folder.path / "files" / "photo").touch()
    (folder.path / "elsewhere").symlink_to(tmp_path)
    with folder.held():
        folder.empty()
    assert folder.read(MARK) == {}
    assert tmp_path.is_dir()
    assert sorted(one.name for one in folder.path.iterdir()) == ["demo.lock", MARK]


def test_a_second_demo_in_the_same_folder_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    program = (
        "import sys; from pathlib import Path; from plantbeat.shell.demo.demo_folder import DemoFolder\n"
        "with DemoFolder.made(Path(sys.argv[1])).held(): print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder.path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderError, match=r"is running from .* already"), folder.held():
            pass
        other.communicate("")
    with folder.held():
        pass


def test_half_a_file_is_read_as_none(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    (folder.path / SIGN_INS).write_text('[{"username": "man')
    assert folder.read(SIGN_INS) is None
    assert folder.read("nothing.json") is None


def test_a_checkout_keeps_it_beside_pyproject_and_an_installation_with_the_persons_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "repo" / "src" / "plantbeat"
    package.mkdir(parents=True)
    (tmp_path / "repo" / "pyproject.toml").touch()
    assert default_folder(package) == tmp_path / "repo" / ".demo"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    installed = tmp_path / "venv" / "lib" / "plantbeat"
    assert default_folder(installed) == tmp_path / "data" / "plantbeat" / "demo"


def test_progress_is_shown_in_the_demo_until_it_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    monkeypatch.setenv("PLANTBEAT_DATA", str(folder.path))
    assert demo_progress() is None, "this is no demo"
    monkeypatch.setenv("PLANTBEAT_DEMO", "1")
    assert demo_progress() == Progress()
    Progress(3, 12, 90_000, {"L1": 20_000}, ready=True).write(folder)
    shown = demo_progress()
    assert shown is not None
    assert (shown.percent, shown.facts, shown.ready) == (25, 90_000, True)
    Progress(12, 12, finished=True).write(folder)
    assert demo_progress() is None
    (folder.path / "progress.json").write_text('{"another": "version"}')
    assert read_progress(folder) == Progress()
    assert os.environ["PLANTBEAT_DEMO"] == "1"


def test_sign_ins_of_another_version_are_none_at_all(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    assert read_sign_ins(folder) is None
    whole = {"username": "a", "password": "b", "role": "manager", "role_name": "c", "name": "d"}
    folder.write(SIGN_INS, [whole])
    assert read_sign_ins(folder) == [whole]
    for word in whole:
        folder.write(SIGN_INS, [whole, {name: text for name, text in whole.items() if name != word}])
        assert read_sign_ins(folder) is None, word
    for kept in ([], {}, "text", ["manager"], [{**whole, "password": None}]):
        folder.write(SIGN_INS, kept)
        assert read_sign_ins(folder) is None, kept


def test_only_a_whole_mark_says_what_the_history_goes_on_from(tmp_path: Path) -> None:
    folder = DemoFolder.made(tmp_path / "demo")
    whole = {"built_us": 1, "seed": "a", "history_days": 90}
    folder.write(MARK, {**whole, "stamp": "b"})
    assert folder.is_marked
    for mark in ({}, [], {**whole, "seed": 7}, {"built_us": 1, "seed": "a"}):
        folder.write(MARK, mark)
        assert not folder.is_marked, mark
