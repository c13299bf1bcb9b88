"""Backup, restore, upgrade, doctor, support bundle: as an administrator runs them."""

from __future__ import annotations

import json
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest

from shell.installation_at_hand import Installation


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("source"))
    made.make()
    return made


@pytest.fixture(scope="module")
def saved(source, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("backups")
    done = source.run("backup", str(target))
    assert done.returncode == 0, done.stderr
    (made,) = target.iterdir()
    return made


def test_a_backup_put_back_elsewhere_is_the_same_installation(saved, tmp_path):
    target = Installation(tmp_path / "new")
    done = target.run("restore", str(saved))
    assert done.returncode == 0, done.stderr
    assert target.sites() == ["N"]
    assert (target.folder / "files" / "photo.txt").read_text() == "a picture"
    assert "rows hold" in target.run("verify-log").stdout


def test_restore_never_overwrites_unasked(source, saved):
    done = source.run("restore", str(saved))
    assert (done.returncode, "--replace" in done.stderr) == (1, True)
    assert source.run("restore", "--replace", str(saved)).returncode == 0
    assert source.sites() == ["N"]


def test_a_damaged_backup_is_refused_and_changes_nothing(saved, tmp_path):
    content = tmp_path / "content"
    with tarfile.open(saved) as tar:
        tar.extractall(content, filter="data")
    (content / "files" / "photo.txt").write_text("another picture")
    damaged = tmp_path / "damaged.tar.gz"
    with tarfile.open(damaged, "w:gz") as tar:
        for path in content.iterdir():
            tar.add(path, path.name)
    target = Installation(tmp_path / "target")
    done = target.run("restore", str(damaged))
    assert (done.returncode, "files/photo.txt is damaged" in done.stderr) == (1, True)
    with sqlite3.connect(target.folder / "plantbeat.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert not (target.folder / "files" / "photo.txt").exists()


@pytest.mark.parametrize(
    ("given", "said"), [("nowhere.tar.gz", "there is no such file"), ("text.tar.gz", "is not a backup")]
)
def test_what_is_no_backup_is_named(tmp_path, given, said):
    (tmp_path / "text.tar.gz").write_text("hello")
    done = Installation(tmp_path / "t").run("restore", str(tmp_path / given))
    assert (done.returncode, said in done.stderr, "Traceback" in done.stderr) == (1, True, False)


def test_a_backup_into_a_folder_that_is_not_there_says_so(source, tmp_path):
    done = source.run("backup", str(tmp_path / "none" / "file.tar.gz"))
    assert (done.returncode, "there is no such folder" in done.stderr) == (1, True)


def test_upgrade_backs_up_first_and_says_what_it_did(source, tmp_path):
    done = source.run("upgrade", "--backup-to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "up to date" in done.stdout
    assert len(list(tmp_path.iterdir())) == 1


def test_the_doctor_finds_what_is_missing_and_what_was_altered(source):
    done = source.run("doctor")
    assert done.returncode == 1
    assert "NOT WELL administrator" in done.stdout
    with sqlite3.connect(source.folder / "plantbeat.sqlite3") as database:
        database.execute("UPDATE kernel_change SET actor = 'p-mallory'")
    try:
        assert "was altered" in source.run("doctor").stdout
        broken = source.run("verify-log")
        assert (broken.returncode, "BROKEN" in broken.stdout) == (1, True)
    finally:
        with sqlite3.connect(source.folder / "plantbeat.sqlite3") as database:
            database.execute("UPDATE kernel_change SET actor = 'system:test'")
    assert source.run("verify-log").returncode == 0


def test_the_support_bundle_holds_no_secret(source, tmp_path):
    target = tmp_path / "bundle.zip"
    assert source.run("support-bundle", str(target)).returncode == 0
    with zipfile.ZipFile(target) as bundle:
        content = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert "the-secret-nobody-may-see" not in "".join(content.values())
    assert json.loads(content["installation.json"])["settings"]["PLANTBEAT_SECRET_KEY"] == "set"
